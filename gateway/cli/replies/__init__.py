"""`smsgate replies`: what recipients write back, and how well it is understood."""

from __future__ import annotations

import click

from gateway.cli.replies.classify import classify
from gateway.cli.replies.evaluate import evaluate


@click.group()
def replies() -> None:
    """What recipients' replies ask for: opt out, opt in, help, or something else.

    \b
      smsgate replies classify "please take me off your list"
      smsgate replies evaluate labelled.jsonl
    """


for command in (classify, evaluate):
    replies.add_command(command)
