"""The program `smsgate`. Exit status: 0 good, 1 could not be done, 2 wrong usage, 3 the answer is no."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from gateway.cli.ending import one_clear_line

# Each is imported when it is run: who checks a policy doesn't wait for a web server.
_COMMANDS = (
    *(
        "demo",
        "init",
        "serve",
        "policy",
        "program",
        "suppress",
        "consent",
        "list",
        "replies",
        "dialect",
        "outbox",
        "audit",
        "keys",
        "drill",
    ),
)
_OBJECTS = {"list": "list_"}  # a name of Python's own


class Program(click.Group):
    """Every command ends in an exit status that means something."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]  # `list` is a command of ours here, once it is loaded

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"gateway.cli.{cmd_name}"), _OBJECTS.get(cmd_name, cmd_name))
        return command

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
