"""`smsgate suppress`: the standing "do not send" of one number."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from gateway.app import desk
from gateway.config import Config
from gateway.desk import Desk
from gateway.words.facts import SCOPE_ALL, SuppressionKind

Answer = TypeVar("Answer")

CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"), show_default=True
)
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
    suppression = _at_desk(path, lambda it: it.suppress(number, SuppressionKind(kind), scope, reason))
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
    lifted = _at_desk(path, lambda it: it.lift(number, SuppressionKind(kind), scope))
    click.echo(f"lifted: {lifted}" if lifted else "nothing to lift: no suppression of that kind and scope")


@suppress.command()
@click.argument("number")
@CONFIG
def show(number: str, path: Path) -> None:
    """What stands against NUMBER."""
    found = _at_desk(path, lambda it: it.suppressions(number))
    for one in found:
        line = f"{one.kind}  scope {one.scope}  by {one.source}  since {one.at:%Y-%m-%d %H:%M:%S %Z}"
        click.echo(f"{line}  {one.detail!r}" if one.detail else line)
    if not found:
        click.echo("not suppressed")


def _at_desk(path: Path, ask: Callable[[Desk], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with desk(Config.load(path)) as it:
            return await ask(it)

    return asyncio.run(asked())
