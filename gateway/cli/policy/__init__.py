"""`smsgate policy`: the rules, looked at, tried and changed without fear."""

from __future__ import annotations

import click

from gateway.cli.policy.backtest import backtest
from gateway.cli.policy.check import check
from gateway.cli.policy.explain import explain
from gateway.cli.policy.observe import observe
from gateway.cli.policy.print import print_
from gateway.cli.policy.rollback import rollback
from gateway.cli.policy.schema import schema
from gateway.cli.policy.test import test


@click.group()
def policy() -> None:
    """The rules: check them, try them, see what each decision rests on.

    \b
      smsgate policy check policies
      smsgate policy test policies
      smsgate policy explain --to +12125550100 --text "20% off today"
    """


for command in (check, test, explain, backtest, observe, schema, print_, rollback):
    policy.add_command(command)
