"""When something happened, as exports write it. Without a zone it is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_MILLISECONDS = 13  # digits
_SLASHED = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?:[ ,T]+(.*))?")
_MONTHS = 12
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")


def instant_of(written: str) -> datetime | None:
    """ISO 8601, seconds or milliseconds since 1970, RFC 5322, or a day, month and year whose order is certain.

    None for anything else: `03/04/2025` is a day in March to some and in April to others.
    """
    written = written.strip().strip("'")
    try:
        if _EPOCH.fullmatch(written):
            return datetime.fromtimestamp(float(written) / (1000 if len(written) == _MILLISECONDS else 1), UTC)
        if slashed := _SLASHED.fullmatch(written):
            return _of_day(slashed)
        return _aware(datetime.fromisoformat(written.removesuffix(" UTC")))
    except (ValueError, OverflowError, OSError):
        return _as_mail(written)


def _of_day(found: re.Match[str]) -> datetime | None:
    first, dot, second, year = int(found[1]), found[2] == ".", int(found[3]), int(found[4])
    if not dot and first <= _MONTHS and second <= _MONTHS and first != second:
        return None
    day, month = (first, second) if dot or first > _MONTHS else (second, first)
    clock = _clock(found[5] or "")
    return clock and clock.replace(year=year, month=month, day=day)


def _clock(written: str) -> datetime | None:
    """On a day in 2000; midnight where nothing is said."""
    if not written.strip():
        return datetime(2000, 1, 1, tzinfo=UTC)
    for form in _CLOCKS:
        try:
            return datetime.strptime(written.strip().upper(), form).replace(year=2000, tzinfo=UTC)
        except ValueError:
            continue
    return None


def _as_mail(written: str) -> datetime | None:
    try:
        return _aware(parsedate_to_datetime(written))
    except (ValueError, TypeError, IndexError):
        return None


def _aware(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
