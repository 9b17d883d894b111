"""`smsgate replies queue` and `judge`: replies that may be opt-outs, and a person's verdict on them."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import orjson

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.words.doubtful import Doubtful


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
@CONFIG
def queue(as_json: bool, path: Path) -> None:
    """Replies that wait for a verdict, with the last day on which the law wants an opt-out honoured.

    Until then nothing that advertises is sent to their writers.
    """
    waiting = at_desk(path, lambda it: it.doubtful())
    for each in waiting:
        click.echo(_json(*each) if as_json else _told(*each))
    if not waiting and not as_json:
        click.echo("none waits for a verdict")


@click.command()
@click.argument("id_", metavar="ID")
@click.argument("verdict", type=click.Choice(["opt_out", "other"]))
@click.option(
    "--case", type=click.Path(dir_okay=False, path_type=Path), help="Add it to this file of labelled replies."
)
@CONFIG
def judge(id_: str, verdict: str, case: Path | None, path: Path) -> None:
    """Say what a doubtful reply is: an opt-out from when it was said, or none.

    With --case the reply, without its number, becomes a line that `smsgate replies evaluate` reads.
    """
    reply = at_desk(path, lambda it: it.judge(id_, opts_out=verdict == "opt_out", by=getpass.getuser()))
    if case:
        with case.open("ab") as file:
            file.write(orjson.dumps({"text": reply.text, "intent": verdict}) + b"\n")
    click.echo(f"judged: {reply.id[:8]} is {'an opt-out' if verdict == 'opt_out' else 'no opt-out'}")


def _told(reply: Doubtful, by: datetime) -> str:
    left = by - datetime.now(UTC)
    days = f"{left.days} days left" if left > timedelta() else "overdue"
    return f"{reply.id[:8]}  by {by:%Y-%m-%d} ({days})  {reply.program}  {reply.text!r}"


def _json(reply: Doubtful, by: datetime) -> str:
    told = {
        "id": reply.id,
        "at": reply.at,
        "by": by,
        "program": reply.program,
        "upstream": reply.upstream,
        "guess": reply.guess,
        "matched": reply.matched,
        "text": reply.text,
    }
    return orjson.dumps(told).decode()
