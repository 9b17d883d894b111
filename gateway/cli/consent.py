"""`smsgate consent`: who agreed to what, when, and how."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.words.facts import Consent, ConsentKind
from gateway.words.program import Category

INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@click.group()
def consent() -> None:
    """Who agreed to what. Rules say which kinds of consent they ask for.

    \b
      smsgate consent add +12125550123 --kind express-written --at 2026-01-02 --method web-form
      smsgate consent show +12125550123
    """


@consent.command()
@click.argument("number")
@click.option("--kind", type=click.Choice([kind.value for kind in ConsentKind]), required=True)
@click.option("--at", type=INSTANT, required=True, help="When it was given, in UTC.")
@click.option("--method", default="web-form", show_default=True, help="How: web-form, paper, keyword, agent ...")
@click.option("--program", default="default", show_default=True)
@click.option(
    "--for",
    "categories",
    type=click.Choice([category.value for category in Category]),
    multiple=True,
    default=["marketing"],
    show_default=True,
)
@click.option("--confirmed", is_flag=True, help="Double opt-in.")
@click.option("--night", is_flag=True, help="For the night too, where the law asks for that apart.")
@click.option("--expires", type=INSTANT, help="When it ends, in UTC.")
@click.option("--wording", default="", help="What was shown; kept sealed.")
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
    path: Path,
) -> None:
    """Record that the owner of NUMBER agreed. Durable; it counts from the next message on."""
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
    at_desk(path, lambda it: it.agree(number, agreed))
    click.echo(f"recorded: {_told(agreed)}")


@consent.command()
@click.argument("number")
@CONFIG
def show(number: str, path: Path) -> None:
    """What the owner of NUMBER agreed to."""
    found = at_desk(path, lambda it: it.consents(number))
    for one in found:
        click.echo(_told(one))
    if not found:
        click.echo("no consent is on record")


def _told(consent: Consent) -> str:
    marks = " confirmed" * consent.confirmed + " night" * consent.night
    until = f"  until {consent.expires:%Y-%m-%d}" if consent.expires else ""
    what = ", ".join(consent.categories)
    return f"{consent.kind}{marks}  for {what} of {consent.program}  by {consent.method}  {consent.at:%Y-%m-%d}{until}"
