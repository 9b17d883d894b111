"""`smsgate list`: numbers that rules of the kind `list` ask about, a site's own or a register's."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli.at_desk import CONFIG, in_bulk
from gateway.cli.import_options import importing, masked
from gateway.cli.importing import Import, run
from gateway.config import Config
from gateway.intake.columns import NUMBERS, Columns
from gateway.intake.reading import NamedCells, Spelling
from gateway.intake.table import Cells
from gateway.words.number import Number

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def _named(_: click.Context, __: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter("is no name of a list; write small letters, digits and hyphens, as in us-dnc")
    return value


NAME = click.argument("name", callback=_named)


@click.group("list")
def list_() -> None:
    """Numbers that rules ask about by a list's name.

    \b
      smsgate list import litigators numbers.csv --country US
      smsgate list show litigators
      smsgate list drop litigators
    """


@list_.command("import")
@NAME
@importing
@CONFIG
def import_(name: str, file: Path, path: Path, dry_run: bool, yes: bool, given: Any, **spelled: Any) -> None:
    """Put the numbers of FILE on the list NAME. Those on it stay; the same again changes nothing.

    CSV, also packed by gzip: only the column of the number is used, whatever it is called. A file of bare numbers
    will do.
    """
    spelling = Spelling(**spelled)

    def reader(columns: Columns) -> Any:
        return lambda cells: _number(cells, columns, spelling)

    wanted: Import[Number] = Import(
        f"numbers for the list {name}",
        file,
        NUMBERS,
        given,
        reader,
        lambda bulk, numbers: bulk.enlist(name, numbers),
        lambda number: masked(number.e164),
    )
    run(wanted, Config.load(path), dry_run=dry_run, yes=yes)


@list_.command()
@NAME
@CONFIG
def show(name: str, path: Path) -> None:
    """How many numbers are on the list NAME."""
    held = in_bulk(Config.load(path), lambda bulk: bulk.listed(name))
    click.echo(f"{held} numbers" if held else "empty: it was never filled, or was dropped")


@list_.command()
@NAME
@click.option("--yes", is_flag=True, help="Don't ask.")
@CONFIG
def drop(name: str, yes: bool, path: Path) -> None:
    """Take everybody off the list NAME. Rules that ask about it find nobody from the next message on."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("nothing was dropped: this is no terminal to ask on; add --yes")
    if not yes:
        click.confirm(f"Take everybody off {name}?", abort=True)
    click.echo(f"{in_bulk(Config.load(path), lambda bulk: bulk.unlist(name))} numbers taken off")


def _number(cells: Cells, columns: Columns, spelling: Spelling) -> Number:
    return NamedCells(cells, columns).number(spelling)
