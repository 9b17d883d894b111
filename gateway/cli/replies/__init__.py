"""`smsgate replies`: what recipients write back, how well it is understood, and which of it waits for a person."""

from __future__ import annotations

import click

from gateway.cli.replies.classify import classify
from gateway.cli.replies.doubtful import judge, queue
from gateway.cli.replies.evaluate import evaluate


@click.group()
def replies() -> None:
    """What recipients' replies ask for: opt out, opt in, help, or something else.

    \b
      smsgate replies classify "please take me off your list"
      smsgate replies evaluate labelled.jsonl
      smsgate replies queue
      smsgate replies judge 5f0c2d opt_out
    """


for command in (classify, evaluate, judge, queue):
    replies.add_command(command)
