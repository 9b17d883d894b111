"""The program `smsgate`. Exit status: 0 good, 1 could not be done, 2 wrong usage, 3 the answer is no."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.audit import audit
from gateway.cli.consent import consent
from gateway.cli.demo import demo
from gateway.cli.ending import one_clear_line
from gateway.cli.init import init
from gateway.cli.policy import policy
from gateway.cli.program import program
from gateway.cli.serve import serve
from gateway.cli.suppress import suppress


class Program(click.Group):
    """Every command ends in an exit status that means something."""

    def invoke(self, context: click.Context) -> Any:
        with one_clear_line():
            return super().invoke(context)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sms-compliance-gateway", prog_name="smsgate")
def main() -> None:
    """The SMS compliance gateway: a sidecar between your software and its SMS carrier.

    \b
      smsgate demo                    everything, with a sandbox carrier and a phone to answer from
      smsgate init my-site            a configuration, keys and policies of your own
      smsgate serve -c my-site/gateway.yaml

    \b
    Exit status: 0 good, 1 could not be done, 2 wrong usage,
    3 the answer is no (a bad configuration or policy file, a broken chain).
    """


for command in (demo, init, serve, policy, program, suppress, consent, audit):
    main.add_command(command)
