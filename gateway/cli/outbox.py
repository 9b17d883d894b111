"""`smsgate outbox`: what waits, and what nobody knows the end of."""

from __future__ import annotations

from pathlib import Path

import click
import orjson

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.store.base import OpenAttempt
from gateway.words.doubt import Inquiry, Listed


@click.group()
def outbox() -> None:
    """Messages that leave later, and attempts in doubt: the carrier may have those, or not.

    \b
      smsgate outbox show
      smsgate outbox show --in-doubt
      smsgate outbox drop 5f0c2d...      the carrier has it, or nobody shall have it
      smsgate outbox retry 5f0c2d...     the carrier has it not, for certain
    """


@outbox.command()
@click.option("--in-doubt", "doubted", is_flag=True, help="Only attempts in doubt, one by one.")
@CONFIG
def show(doubted: bool, path: Path) -> None:
    """How many wait, by upstream, program and sender; and how many are in doubt."""
    if not doubted:
        for lane in at_desk(path, lambda it: it.outbox()):
            click.echo(f"{lane.waiting} waiting  {lane.name}  from {lane.earliest:%Y-%m-%d %H:%M:%S %Z}")
    attempts = at_desk(path, lambda it: it.in_doubt())
    for attempt in attempts if doubted else ():
        click.echo(f"{_told(attempt)}\n  {_asked(attempt.inquiry)}")
    click.echo(f"{len(attempts) or 'none'} in doubt")


@outbox.command()
@click.argument("id_", metavar="ID")
@CONFIG
def drop(id_: str, path: Path) -> None:
    """End an attempt in doubt as sent: its places under caps stay taken, and it is never sent again."""
    click.echo(f"ended: {_told(at_desk(path, lambda it: it.doubt_ended(id_, sent=True)))}")


@outbox.command()
@click.argument("id_", metavar="ID")
@CONFIG
def retry(id_: str, path: Path) -> None:
    """End an attempt in doubt as not sent: its places are given back.

    One from the outbox is decided again and sent; one that was live is its sender's to send again.
    """
    click.echo(f"ended: {_told(at_desk(path, lambda it: it.doubt_ended(id_, sent=False)))}")


def _told(attempt: OpenAttempt) -> str:
    to, sender, text = orjson.loads(attempt.detail)
    return f"{attempt.id}  {attempt.state}  since {attempt.at:{_INSTANT}}  {sender or '-'} to {to}: {text!r}"


def _asked(inquiry: Inquiry | None) -> str:
    """What the carrier said of it."""
    if inquiry is None:
        return "its carrier has not been asked yet"
    again = f"; asked again from {inquiry.again:{_INSTANT}} on" if inquiry.again else ""
    return f"{_LISTED[inquiry.listed]} (at {inquiry.at:{_INSTANT}}){again}"


_INSTANT = "%Y-%m-%d %H:%M:%S %Z"

_LISTED = {
    Listed.UNKNOWN: "its carrier is being asked",
    Listed.FOUND: "the carrier lists it: it is being settled as sent",
    Listed.NOT_YET: "the carrier doesn't list it yet",
    Listed.ABSENT: "the carrier doesn't list it: as far as can be told it has not been sent",
    Listed.ALIKE: "the carrier lists messages like it, and nobody can tell which is which: look there",
    Listed.UNTOLD: "the carrier's answer can't tell: look there",
    Listed.UNASKABLE: "its carrier can't be asked about it: look there",
}
