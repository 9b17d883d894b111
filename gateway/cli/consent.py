"""`smsgate consent`: who agreed to what, when, and how."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.cli.consent_bulk import export, import_
from gateway.cli.import_options import INSTANT
from gateway.cli.standing import Standing, standing, told
from gateway.desk import Desk
from gateway.proof.written import write
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Evidence, Happened, Withdrawal, counting_at
from gateway.words.program import Category

METHOD = click.option(
    "--method", default="web-form", show_default=True, help="How: web-form, paper, keyword, agent ..."
)
PROGRAM = click.option("--program", default="default", show_default=True)
CATEGORIES = click.option(
    "--for",
    "categories",
    type=click.Choice([category.value for category in Category]),
    multiple=True,
    default=["marketing"],
    show_default=True,
)
URL = click.option("--url", default="", help="Of the page that was shown.")
DOCUMENT = click.option("--document", default="", metavar="SHA256", help="Of the document that was signed.")
IP = click.option("--ip", default="", help="From where it was given.")
USER_AGENT = click.option("--user-agent", default="", help="By which browser.")
ACTOR = "cli"


@click.group()
def consent() -> None:
    """Who agreed to what. Rules say which kinds of consent they ask for.

    \b
      smsgate consent add +12125550123 --kind express-written --at 2026-01-02 --method web-form
      smsgate consent ask +12125550123 --kind express-written --program club
      smsgate consent show +12125550123
      smsgate consent withdraw +12125550123 --words "asked at the counter"
      smsgate consent proof +12125550123 -o proof-of-ann
      smsgate consent import subscribers.csv --kind express-written --program club --dry-run
      smsgate consent export -o consents.csv
    """


consent.add_command(import_)
consent.add_command(export)


@consent.command()
@click.argument("number")
@click.option("--kind", type=click.Choice([kind.value for kind in ConsentKind]), required=True)
@click.option("--at", type=INSTANT, required=True, help="When it was given, in UTC.")
@METHOD
@PROGRAM
@CATEGORIES
@click.option("--confirmed", is_flag=True, help="Double opt-in.")
@click.option("--night", is_flag=True, help="For the night too, where the law asks for that apart.")
@click.option("--expires", type=INSTANT, help="When it ends, in UTC.")
@click.option("--wording", default="", help="What was shown; kept sealed.")
@URL
@DOCUMENT
@IP
@USER_AGENT
@CONFIG
def add(  # noqa: PLR0913, PLR0917 - one option each
    number: str,
    kind: str,
    at: datetime,
    method: str,
    program: str,
    categories: tuple[str, ...],
    confirmed: bool,
    night: bool,
    expires: datetime | None,
    wording: str,
    url: str,
    document: str,
    ip: str,
    user_agent: str,
    path: Path,
) -> None:
    """Record that the owner of NUMBER agreed. Durable; it counts from the next message on.

    The same once more changes nothing.
    """
    agreed = Consent(
        ConsentKind(kind),
        at.replace(tzinfo=UTC),
        method,
        program,
        tuple(map(Category, categories)),
        confirmed,
        night,
        expires.replace(tzinfo=UTC) if expires else None,
        wording,
    )
    entry = Entry(Happened.GIVEN, agreed, ACTOR, evidence=Evidence(url, document, ip, user_agent))
    is_new = at_desk(path, lambda it: it.enter(number, entry))
    click.echo(f"recorded: {_told(agreed)}" if is_new else "on record already; nothing was changed")


@consent.command()
@click.argument("number")
@click.option("--kind", type=click.Choice([kind.value for kind in ConsentKind]), required=True)
@METHOD
@PROGRAM
@CATEGORIES
@click.option("--wording", default="", help="What was shown; kept sealed.")
@URL
@DOCUMENT
@IP
@USER_AGENT
@CONFIG
def ask(  # noqa: PLR0913, PLR0917 - one option each
    number: str,
    kind: str,
    method: str,
    program: str,
    categories: tuple[str, ...],
    wording: str,
    url: str,
    document: str,
    ip: str,
    user_agent: str,
    path: Path,
) -> None:
    """Ask NUMBER itself whether its owner agreed (double opt-in), in the words of the program's configuration.

    Nobody has agreed to anything until it answers YES, in time. The question leaves from a gateway that serves, when
    the rules let it; while it is open, no other is sent.
    """
    wanted = Consent(
        ConsentKind(kind), datetime.now(UTC), method, program, tuple(map(Category, categories)), wording=wording
    )
    shown = Evidence(url, document, ip, user_agent)
    question = at_desk(path, lambda it: it.ask(number, wanted, ACTOR, shown))
    click.echo(
        f"asked; an answer counts until {question.until:%Y-%m-%d %H:%M:%S} UTC" if question else "answered already"
    )


@consent.command()
@click.argument("number")
@click.option("--at", type=INSTANT, help="When it was said, in UTC.  [default: now]")
@click.option("--method", default="agent", show_default=True, help="How: agent, web-form, paper, email ...")
@PROGRAM
@click.option(
    "--for",
    "categories",
    type=click.Choice([category.value for category in Category]),
    multiple=True,
    help="What is taken back.  [default: everything]",
)
@click.option("--words", default="", help="What the person said; kept sealed.")
@CONFIG
def withdraw(
    number: str, at: datetime | None, method: str, program: str, categories: tuple[str, ...], words: str, path: Path
) -> None:
    """Record that the owner of NUMBER took it back, not by a reply but by telling you.

    What was given until then counts no more from the next message on. Messages that need no consent still leave: to
    send nothing at all, `smsgate suppress add`.
    """
    when = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    taken = Withdrawal(when, method, program, tuple(map(Category, categories)) or tuple(Category))
    entry = Entry(Happened.WITHDRAWN, taken, ACTOR, evidence=Evidence(words=words))
    is_new = at_desk(path, lambda it: it.enter(number, entry))
    click.echo(f"recorded: {_told(taken)}" if is_new else "on record already; nothing was changed")


@consent.command()
@click.argument("number")
@CONFIG
def show(number: str, path: Path) -> None:
    """What the owner of NUMBER agreed to: what counts, every entry that it rests on, and what stands against it."""
    entries, against = at_desk(path, lambda it: _of(it, number))
    for counting in counting_at(datetime.now(UTC), entries):
        click.echo(f"counts: {_told(counting)}")
    for entry in entries:
        click.echo(f"{entry.happened}: {_told(entry.what)}{_by(entry)}")
        for name, value in _shown(entry):
            click.echo(f"    {name}: {value}")
    if not entries:
        click.echo("no consent is on record")
    for each in against:
        click.echo("\n".join(told(*each)))


@consent.command()
@click.argument("number")
@click.option("-o", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="For the files.")
@CONFIG
def proof(number: str, folder: Path, path: Path) -> None:
    """Write what a court would ask for of NUMBER: each entry, each message's decision, each reply, each suppression.

    proof.html is to be read, proof.json is for machines, SHA256SUMS is to check both: `sha256sum -c SHA256SUMS`. They
    hold the number and the texts in clear; only you may read them. The whole record is searched, so it takes a while.
    """
    made = at_desk(path, lambda it: it.proof(number))
    for file in write(made, folder):
        click.echo(str(file))
    click.echo(f"{len(made.entries)} entries of the ledger, {len(made.lines)} lines of the record")


async def _of(it: Desk, number: str) -> tuple[tuple[Entry, ...], list[Standing]]:
    return await it.ledger(number), await standing(it, number)


def _told(what: Consent | Withdrawal) -> str:
    how = f"by {what.method}  {what.at:%Y-%m-%d}"
    if isinstance(what, Withdrawal):
        covered = "everything" if set(what.categories) == set(Category) else ", ".join(what.categories)
        return f"{covered} of {what.program}  {how}"
    marks = " confirmed" * what.confirmed + " night" * what.night
    until = f"  until {what.expires:%Y-%m-%d}" if what.expires else ""
    return f"{what.kind}{marks}  for {', '.join(what.categories)} of {what.program}  {how}{until}"


def _by(entry: Entry) -> str:
    if entry.recorded is None:
        return ""
    return f"  recorded {entry.recorded.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC by {entry.actor}"


def _shown(entry: Entry) -> Iterator[tuple[str, str]]:
    """What there is of wording and evidence."""
    evidence = entry.evidence
    told = {
        "wording": entry.what.wording if isinstance(entry.what, Consent) else "",
        "page": evidence.url,
        "document": evidence.document,
        "from": evidence.ip,
        "browser": evidence.user_agent,
        "in their words": evidence.words,
        "reply": evidence.inbound,
    }
    return ((name, repr(value)) for name, value in told.items() if value)
