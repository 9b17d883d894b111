"""`smsgate consent import` and `export`: the ledger by the thousand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.cli.at_desk import CONFIG
from gateway.cli.exporting import OUTPUT, export_to
from gateway.cli.import_options import INSTANT, importing, masked, utc
from gateway.cli.importing import Import, run
from gateway.config import Config
from gateway.intake.columns import CONSENTS
from gateway.intake.consents import ConsentRows
from gateway.intake.exported import CONSENT_COLUMNS, consent_rows
from gateway.intake.reading import Spelling
from gateway.words.event import EventType
from gateway.words.facts import ConsentKind
from gateway.words.ledger import Entry
from gateway.words.number import Number
from gateway.words.program import DEFAULT_PROGRAM, Category


@click.command("import")
@importing
@click.option(
    "--kind", type=click.Choice([kind.value for kind in ConsentKind]), help="Where a row doesn't say; else it must."
)
@click.option("--at", type=INSTANT, help="When it was given, in UTC, where a row doesn't say; else it must.")
@click.option("--method", default="import", show_default=True, help="How, where a row doesn't say.")
@click.option("--program", default=DEFAULT_PROGRAM.name, show_default=True, help="Where a row doesn't say.")
@click.option(
    "--for",
    "categories",
    type=click.Choice([category.value for category in Category]),
    multiple=True,
    default=["marketing"],
    show_default=True,
    help="Where a row doesn't say.",
)
@CONFIG
def import_(  # noqa: PLR0913, PLR0917 - one option each
    file: Path,
    kind: str | None,
    at: datetime | None,
    method: str,
    program: str,
    categories: tuple[str, ...],
    path: Path,
    dry_run: bool,
    yes: bool,
    given: Any,
    **spelled: Any,
) -> None:
    """Record that the owner of every number of FILE agreed: CSV as marketing tools export it, also packed.

    What its columns are taken for is shown first. A row that doesn't say when, or says that somebody opted out, is no
    consent; such rows are written to FILE.rejected.csv, each with its line and reason. An import that broke off is run
    again: an entry that is there already is not added twice.
    """
    config = Config.load(path)
    programs = frozenset({DEFAULT_PROGRAM.name, *(each.name for each in config.programs)})
    if program not in programs:
        raise click.BadParameter(
            f"there is no program `{program}`; the configuration has {', '.join(sorted(programs))}"
        )
    wanted: Import[tuple[Number, Entry]] = Import(
        "consents",
        file,
        CONSENTS,
        given,
        lambda columns: (
            ConsentRows(
                columns,
                Spelling(**spelled),
                ConsentKind(kind) if kind else None,
                utc(at),
                datetime.now(UTC),
                program,
                programs,
                method,
                tuple(map(Category, categories)),
            ).read
        ),
        lambda bulk, entries: bulk.enter(entries),
        lambda item: f"{masked(item[0].e164)}  {_shown(item[1])}",
        EventType.CONSENTS_IMPORTED,
    )
    run(wanted, config, dry_run=dry_run, yes=yes)


@click.command()
@OUTPUT
@CONFIG
def export(output: Path | None, path: Path) -> None:
    """Write every entry of the ledger with its number, as CSV. It is on record who did and how many there were.

    The numbers, and all evidence, stand in it in clear: keep it as you keep those.
    """
    export_to(output, Config.load(path), "consents", CONSENT_COLUMNS, lambda one: consent_rows(one.number, one.entries))


def _shown(entry: Entry) -> str:
    what = entry.what
    kind = getattr(what, "kind", "all")
    return f"{entry.happened}  {kind} for {', '.join(what.categories)} of {what.program}  {what.at:%Y-%m-%d}"
