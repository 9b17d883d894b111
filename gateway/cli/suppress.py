"""`smsgate suppress`: the standing "do not send" of one number."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway.carrier_list import Difference
from gateway.carrier_push import Pushed
from gateway.cli.at_desk import CONFIG, at_desk
from gateway.cli.ending import NO
from gateway.cli.exporting import OUTPUT, export_to
from gateway.cli.import_options import INSTANT, importing, masked, utc
from gateway.cli.importing import Import, run
from gateway.cli.standing import standing, told
from gateway.config import Config
from gateway.intake.columns import SUPPRESSIONS
from gateway.intake.exported import SUPPRESSION_COLUMNS, suppression_rows
from gateway.intake.reading import Spelling
from gateway.intake.suppressions import BY_PROGRAM, BY_SENDER, SuppressionRows
from gateway.opening import comparison, pushing
from gateway.words.event import EventType
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number

KIND = click.option(
    "--kind", type=click.Choice([kind.value for kind in SuppressionKind]), default="opt-out", show_default=True
)
SCOPE = click.option(
    "--scope", default=SCOPE_ALL, show_default=True, help="all, program:NAME or sender:NUMBER", metavar="SCOPE"
)


SHOWN = 10  # numbers of each kind


@click.group()
def suppress() -> None:
    """Who may not be texted, and why.

    \b
      smsgate suppress add +12125550123 --reason "asked by phone"
      smsgate suppress show +12125550123
      smsgate suppress remove +12125550123
      smsgate suppress import opt-outs.csv --dry-run
      smsgate suppress export -o suppressions.csv
      smsgate suppress reconcile telnyx
    """


@suppress.command()
@click.argument("number")
@KIND
@SCOPE
@click.option("--reason", default="", help="In words; kept sealed.")
@CONFIG
def add(number: str, kind: str, scope: str, reason: str, path: Path) -> None:
    """Send nothing to NUMBER from now on. Durable, and in force at once on every worker and host."""
    suppression = at_desk(path, lambda it: it.suppress(number, SuppressionKind(kind), scope, reason))
    click.echo(
        f"suppressed: {suppression.kind}, scope {suppression.scope}, since {suppression.at:%Y-%m-%d %H:%M:%S %Z}"
    )


@suppress.command()
@click.argument("number")
@KIND
@SCOPE
@CONFIG
def remove(number: str, kind: str, scope: str, path: Path) -> None:
    """Lift a suppression. It must be yours to lift: an opt-out is its recipient's."""
    lifted = at_desk(path, lambda it: it.lift(number, SuppressionKind(kind), scope))
    click.echo(f"lifted: {lifted}" if lifted else "nothing to lift: no suppression of that kind and scope")


@suppress.command()
@click.argument("number")
@CONFIG
def show(number: str, path: Path) -> None:
    """What stands against NUMBER, and which message of yours it answers."""
    found = at_desk(path, lambda it: standing(it, number))
    for each in found:
        click.echo("\n".join(told(*each)))
    if not found:
        click.echo("not suppressed")


@suppress.command("import")
@importing
@KIND
@click.option(
    "--scope",
    default=SCOPE_ALL,
    show_default=True,
    metavar="SCOPE",
    help=f"all, program:NAME or sender:NUMBER; {BY_SENDER} or {BY_PROGRAM}: as a column of that meaning says.",
)
@click.option("--at", type=INSTANT, help="When, in UTC, where a row doesn't say.  [default: now]")
@CONFIG
def import_(
    file: Path,
    kind: str,
    scope: str,
    at: datetime | None,
    path: Path,
    dry_run: bool,
    yes: bool,
    given: Any,
    **spelled: Any,
) -> None:
    """Suppress every number of FILE: CSV as carriers and marketing tools export it, or bare numbers, also packed.

    What its columns are taken for is shown first. Rows that can't be taken are written to FILE.rejected.csv, each with
    its line and reason. An import that broke off is run again: what was there already is not changed.
    """
    now = datetime.now(UTC)
    wanted: Import[tuple[Number, Suppression]] = Import(
        "suppressions",
        file,
        SUPPRESSIONS,
        given,
        lambda columns: (
            SuppressionRows(columns, Spelling(**spelled), SuppressionKind(kind), scope, utc(at) or now, now).read
        ),
        lambda bulk, said: bulk.suppress(said),
        lambda item: f"{masked(item[0].e164)}  {_shown(item[1])}",
        EventType.SUPPRESSIONS_IMPORTED,
    )
    run(wanted, Config.load(path), dry_run=dry_run, yes=yes)


@suppress.command()
@OUTPUT
@CONFIG
def export(output: Path | None, path: Path) -> None:
    """Write every suppression with its number, as CSV. It is on record who did and how many there were.

    The numbers, and what people said, stand in it in clear: keep it as you keep those.
    """
    export_to(
        output,
        Config.load(path),
        "suppressions",
        SUPPRESSION_COLUMNS,
        lambda one: suppression_rows(one.number, one.suppressions),
    )


@suppress.command()
@click.argument("upstream")
@click.option("--pull", is_flag=True, help="Suppress here whom the carrier holds as opted out.")
@click.option("--push", is_flag=True, help="Put on the carrier's list whom it lacks, where it takes any (Twilio).")
@CONFIG
def reconcile(upstream: str, pull: bool, push: bool, path: Path) -> None:
    """Compare the opt-outs here with the list that the carrier of UPSTREAM keeps, and show where they differ.

    \b
      smsgate suppress reconcile telnyx             compare
      smsgate suppress reconcile telnyx --pull      whom only the carrier holds is suppressed here too
      smsgate suppress reconcile accounts --push    whom only we hold is told to the carrier

    Without --pull and --push nothing is changed. Whom we hold and the carrier doesn't is refused here anyway.
    """
    config = Config.load(path)
    if pull or not push:
        _tell_difference(asyncio.run(_compared(config, upstream, pull=pull)), pull=pull)
    if push:
        pushed = asyncio.run(_pushed(config, upstream))
        refused = f"; the carrier did not take {pushed.refused}" if pushed.refused else ""
        click.echo(f"pushed: {pushed.taken}{refused}")
        sys.exit(NO if pushed.refused else 0)


async def _compared(config: Config, upstream: str, *, pull: bool) -> Difference:
    async with comparison(config, upstream) as both:
        found = await both.compared(SHOWN)
        if pull and found.only_theirs:
            await both.pull(found.only_theirs)
        return found


async def _pushed(config: Config, upstream: str) -> Pushed:
    async with pushing(config, upstream) as it:
        return await it.push()


def _tell_difference(found: Difference, *, pull: bool) -> None:
    click.echo(f"the carrier holds {found.theirs} opt-outs, {len(found.only_theirs)} of them are not known here")
    for number, one in found.only_theirs[:SHOWN]:
        click.echo(f"  {masked(number.e164)}  {_shown(one)}")
    click.echo(f"{found.ours} numbers have opted out here, {found.only_ours} of them are not on the carrier's list")
    for e164 in found.some_of_ours:
        click.echo(f"  {masked(e164)}")
    if found.unreadable:
        click.echo(f"{found.unreadable} of the carrier's can't be read as phone numbers")
    if found.only_theirs:
        click.echo(f"pulled: {len(found.only_theirs)}" if pull else "nothing was changed; add --pull to suppress them")


def _shown(one: Suppression) -> str:
    """Without what may name somebody."""
    return f"{one.kind}  {one.scope.partition(':')[0]}  by {one.source}  since {one.at:%Y-%m-%d %H:%M}"
