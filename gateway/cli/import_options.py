"""Options that imports share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any

import click
import phonenumbers

from gateway.intake.columns import Meaning

INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])

Command = Callable[..., Any]


def _country(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise click.BadParameter("is no country; write two letters, as in US")
    return value.upper()


def _mapped(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Mapping[str, Meaning]:
    given = {}
    for value in values:
        column, _sign, meaning = value.rpartition("=")
        if not column or meaning not in set(Meaning):
            raise click.BadParameter(f"write COLUMN=MEANING; meanings are {', '.join(Meaning)}")
        given[column] = Meaning(meaning)
    return given


_OPTIONS = (
    click.argument("file", type=click.Path(dir_okay=False, path_type=Path)),
    click.option("--country", callback=_country, metavar="XX", help="Whose numbers are written without a plus: US."),
    click.option("--international", is_flag=True, help="Numbers without a plus begin with their country code."),
    click.option(
        "--map",
        "given",
        multiple=True,
        callback=_mapped,
        metavar="COLUMN=MEANING",
        help="What a column means, by its header or its place from 1: --map 3=number.",
    ),
    click.option("--dry-run", is_flag=True, help="Read all of it, say what would be done, write nothing."),
    click.option("--yes", is_flag=True, help="Don't ask."),
)


def importing(command: Command) -> Command:
    """With the file and what all imports can be told."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)


def utc(at: datetime | None) -> datetime | None:
    """What `INSTANT` read."""
    return at.replace(tzinfo=UTC) if at else None


def masked(e164: str) -> str:
    """A number of which little is shown."""
    return f"{e164[:5]}{'*' * (len(e164) - 7)}{e164[-2:]}"
