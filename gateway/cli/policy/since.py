"""From when on the record is looked at: `30d`, `12h`, a date, or an instant."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1)}


def since(text: str, now: datetime) -> datetime:
    """Dates begin at midnight in UTC. Raises ValueError."""
    ago = re.fullmatch(r"([1-9][0-9]{0,4})([dh])", text)
    if ago:
        return now - int(ago[1]) * _UNITS[ago[2]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is no length of time and no date; write 30d, 12h or 2026-06-10") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def since_option(default: str, told: str) -> Callable[[Command], Command]:
    """`--since`, as the instant that it means."""
    return click.option(
        "--since", default=default, metavar="30d|12h|DATE", show_default=True, callback=_meant, help=told
    )


def _meant(_: click.Context, __: click.Parameter, value: str) -> datetime:
    try:
        return since(value, datetime.now(UTC))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
