"""`smsgate suppress`: the standing "do not send" of one number."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.words.facts import SCOPE_ALL, SuppressionKind

KIND = click.option(
    "--kind", type=click.Choice([kind.value for kind in SuppressionKind]), default="opt-out", show_default=True
)
SCOPE = click.option(
    "--scope", default=SCOPE_ALL, show_default=True, help="all, program:NAME or sender:NUMBER", metavar="SCOPE"
)


@click.group()
def suppress() -> None:
    """Who may not be texted, and why.

    \b
      smsgate suppress add +12125550123 --reason "asked by phone"
      smsgate suppress show +12125550123
      smsgate suppress remove +12125550123
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
    """What stands against NUMBER."""
    found = at_desk(path, lambda it: it.suppressions(number))
    for one in found:
        line = f"{one.kind}  scope {one.scope}  by {one.source}  since {one.at:%Y-%m-%d %H:%M:%S %Z}"
        click.echo(f"{line}  {one.detail!r}" if one.detail else line)
    if not found:
        click.echo("not suppressed")
