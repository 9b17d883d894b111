"""When Jasmin is asked to send: `sdt`, a time as SMPP writes it (3.4, 7.1.1), or a batch's `schedule_at`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from gateway.words.errors import Unreadable

_SMPP = re.compile(r"(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([-+R])")
_SECONDS = re.compile(r"([0-9]{1,8})s")
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class When:
    """At an instant, or so long from now on; neither: now."""

    at: datetime | None = None
    delay: timedelta | None = None


NOW = When()


def smpp_time(given: str) -> When:
    """`261201090000000+` is an instant, with quarters of an hour from UTC; `000000010000000R` is an hour from now."""
    found = _SMPP.fullmatch(given)
    if found is None:
        raise _no_time()
    years, months, days, hours, minutes, seconds, tenths, quarters = map(int, found.groups()[:8])
    if found[9] == "R":
        if years or months:
            raise _no_time()
        return When(delay=timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
    offset = timezone(_QUARTER * quarters * (-1 if found[9] == "-" else 1))
    try:
        return When(datetime(2000 + years, months, days, hours, minutes, seconds, tenths * 100_000, offset))
    except ValueError:
        raise _no_time() from None


def batch_time(given: str) -> When:
    """`3600s`. A date is read in the time zone of Jasmin's machine, which nobody tells us."""
    found = _SECONDS.fullmatch(given)
    if found is None:
        why = "a date is in the time zone of Jasmin's machine, which is not known here; write seconds from now: 3600s"
        raise Unreadable(why, field="schedule_at")
    return When(delay=timedelta(seconds=int(found[1])))


def _no_time() -> Unreadable:
    return Unreadable("sdt is a time of SMPP: 261201090000000+, or with days and less from now on", field="sdt")
