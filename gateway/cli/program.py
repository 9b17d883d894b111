"""`smsgate program`: the stop-all switch."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.at_desk import CONFIG, at_desk
from gateway.desk import Desk
from gateway.words.facts import SCOPE_ALL, Stop

NAME = click.argument("name", required=False)
ALL = click.option("--all", "every", is_flag=True, help="Every program.")


@click.group()
def program() -> None:
    """What is stopped sends nothing, on any worker or host, until it is resumed.

    \b
      smsgate program stop club --reason "the wrong offer"
      smsgate program stop --all --reason "somebody has our password"
      smsgate program show
      smsgate program resume --all
    """


@program.command()
@NAME
@ALL
@click.option("--reason", required=True, help="In words, for your colleagues. Not sealed: no numbers, no texts.")
@CONFIG
def stop(name: str | None, every: bool, reason: str, path: Path) -> None:
    """Stop program NAME, or --all. What was on its way already has left; what comes is refused."""
    click.echo(f"stopped: {_told(at_desk(path, lambda it: it.stop(_scope(name, every), reason)))}")


@program.command()
@NAME
@ALL
@CONFIG
def resume(name: str | None, every: bool, path: Path) -> None:
    """Let program NAME, or --all, send again. A program that was stopped by its name must be resumed by it."""
    scope = _scope(name, every)

    async def resumed(it: Desk) -> tuple[bool, tuple[Stop, ...]]:
        return await it.resume(scope), await it.stops()

    was_stopped, left = at_desk(path, resumed)
    named = _named(scope)
    click.echo(f"resumed: {named}" if was_stopped else f"nothing to resume: no stop of {named}")
    _show(left)


@program.command()
@CONFIG
def show(path: Path) -> None:
    """What is stopped now, and why."""
    _show(at_desk(path, lambda it: it.stops()))


def _show(stops: tuple[Stop, ...]) -> None:
    for one in stops:
        click.echo(f"stopped: {_told(one)}")
    if not stops:
        click.echo("nothing is stopped")


def _scope(name: str | None, every: bool) -> str:
    if (name is None) is not every:
        raise click.UsageError("name one program, or say --all")
    return name or SCOPE_ALL


def _named(scope: str) -> str:
    return "all programs" if scope == SCOPE_ALL else scope


def _told(stop: Stop) -> str:
    return f"{_named(stop.program)}  since {stop.at:%Y-%m-%d %H:%M:%S %Z}  {stop.reason!r}"
