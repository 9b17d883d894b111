"""The terms that policy files are made of: days, hours, spans of time, places. Each says how it is to be written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Annotated

from dateutil.relativedelta import relativedelta
from pydantic import BeforeValidator, WithJsonSchema

from gateway.text.pattern import BadPattern, Pattern
from gateway.yamlfile import listed, spelled

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60

Id = Annotated[str, spelled(r"[a-z0-9][a-z0-9-]*", "is no name here; use a-z, 0-9 and -, as in quiet-hours")]
RuleId = Annotated[str, spelled(r"[a-z0-9-]+/[a-z0-9-]+", "names no rule; write policy and rule, as in us-fl/cap")]
Country = Annotated[str, spelled(r"[A-Z]{2}|\*", 'is no country; write it as US, or "*" for all that have no policy')]
Region = Annotated[str, spelled(r"[A-Z]{2}-[A-Z0-9]{1,3}|unknown", "is no region; write it as US-FL, or unknown")]
Language = Annotated[str, spelled(r"[a-z]{2,3}", "is no language; write it as en or es (ISO 639)")]
Wording = Annotated[str, spelled(r"[\s\S]*\S[\s\S]*", "is no wording; write what the recipient is to read")]
Words = Annotated[tuple[str, ...], BeforeValidator(listed)]
Window = tuple[int, int]  # minutes of the local day, half-open


def _minutes(value: object) -> int:
    found = re.fullmatch(r"([01]?[0-9]|2[0-4]):([0-5][0-9])", str(value))
    if not found or (minutes := int(found[1]) * 60 + int(found[2])) > DAY_MINUTES:
        raise ValueError('is no time of day; write "00:00" to "24:00"')
    return minutes


def _windows(value: object) -> tuple[Window, ...]:
    """`"08:00-20:00"`, several with commas between, or `closed`."""
    if value == "closed":
        return ()
    windows = []
    for part in str(value).split(","):
        start, dash, end = part.partition("-")
        if not dash:
            raise ValueError('is no span of hours; write "08:00-20:00" or closed')
        windows.append((_minutes(start.strip()), _minutes(end.strip())))
    if any(start == end for start, end in windows):
        raise ValueError('begins and ends at the same time; write "00:00-24:00" for the whole day')
    return tuple(windows)


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is no date; write it as 2026-10-18") from None


class Span:
    """A length of time as people say it: `24 hours`, `18 months`. Months and years are those of the calendar."""

    __slots__ = ("_delta", "said")

    def __init__(self, number: int, unit: str) -> None:
        self.said = f"{number} {unit}{'s' * (number != 1)}"
        self._delta = relativedelta(**{f"{unit}s": number})  # type: ignore[arg-type]

    def before(self, at: datetime) -> datetime:
        """The instant that lies this long before."""
        return at - self._delta

    def after(self, at: datetime) -> datetime:
        return at + self._delta

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Span) and self._delta == other._delta

    def __hash__(self) -> int:
        return hash(self._delta)

    def __repr__(self) -> str:
        return f"Span({self.said})"


_UNITS = ("minute", "hour", "day", "week", "month", "year")


def spanned(value: object) -> Span:
    """`24 hours`. Raises ValueError."""
    found = re.fullmatch(rf"([1-9][0-9]{{0,4}}) ({'|'.join(_UNITS)})s?", str(value))
    if not found:
        raise ValueError("is no length of time; write 24 hours, 30 days, 18 months or 2 years")
    return Span(int(found[1]), found[2])


def _pattern(value: object) -> Pattern:
    try:
        return Pattern(str(value))
    except BadPattern as error:
        raise ValueError(f"is no pattern: {error}") from None


def _percent(value: object) -> int:
    found = re.fullmatch(r"([0-9]{1,3})%", str(value))
    if not found or int(found[1]) > 100:  # noqa: PLR2004
        raise ValueError("is no share; write it as 10%")
    return int(found[1])


def one_or_many(value: object) -> object:
    """A mapping by language whose wordings may stand alone or in lists."""
    return {key: listed(each) for key, each in value.items()} if isinstance(value, Mapping) else value


def _said(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes), _said(r"^([01]?[0-9]|2[0-4]):[0-5][0-9]$", "08:00")]
Windows = Annotated[
    tuple[Window, ...], BeforeValidator(_windows), _said(r"^(closed|[0-9: ,-]+)$", "08:00-12:00, 14:00-20:00")
]
Within = Annotated[Span, BeforeValidator(spanned), _said(rf"^[1-9][0-9]* ({'|'.join(_UNITS)})s?$", "18 months")]
Matching = Annotated[Pattern, BeforeValidator(_pattern), WithJsonSchema({"type": "string"})]
Percent = Annotated[int, BeforeValidator(_percent), _said(r"^[0-9]{1,3}%$", "10%")]


def spelled_minutes(minutes: int) -> str:
    """`08:00`."""
    if minutes == DAY_MINUTES:
        return "24:00"
    return time(minutes // 60, minutes % 60).strftime("%H:%M")
