"""`hours: {from: "08:00", to: "21:00"}` - local times at which the recipient may be texted.

Or day by day: `hours: {mon-sat: "08:00-20:00", sun: closed}`. Half-open: 21:00 sharp is too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.numbering.zones import zone
from gateway.policy.model import DAY_MINUTES, DAYS, HoursWritten, Window, at
from gateway.policy.scope import Scope
from gateway.words.decision import Action, Finding, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HORIZON = timedelta(days=15)  # in which hours rules that ever agree have agreed

Week = tuple[tuple[Window, ...], ...]  # Monday first; windows of the local day, in order, none across midnight


@dataclass(frozen=True, slots=True)
class Hours:
    """Local times of a week."""

    id: str
    scope: Scope
    week: Week
    otherwise: Action
    cites: str
    observed: bool = False

    def find(self, message: Message, facts: Facts, now: datetime) -> Finding | None:
        if message.recipient is None:
            return None
        zones = message.recipient.place.zones
        if not zones:
            return self._finding(Action.BLOCK, "the recipient's time zone is not known")
        # A number that may lie in several zones is texted only when all of them agree.
        for name in zones:
            local = _instant(message, now).astimezone(zone(name))
            if not _open(self.week, local):
                return self._finding(self.otherwise, f"{self._said(local)} in {name}")
        return None

    def next_open(self, zones: Sequence[str], instant: datetime) -> datetime | None:
        """`instant` if all zones are open then, else a later one before which they can't be; None: never."""
        found = instant
        for name in zones:
            opening = _next(self.week, instant.astimezone(zone(name)))
            if opening is None:
                return None
            found = max(found, opening)
        return found

    def _finding(self, action: Action, why: str) -> Finding:
        return Finding(self.id, action, why, self.cites, Reason.HOURS, observed=self.observed)

    def _said(self, local: datetime) -> str:
        spans = ", ".join(f"{at(start)}-{at(end)}" for start, end in self.week[local.weekday()])
        return f"outside {spans}" if spans else f"closed on a {local:%A}"


def week_of(written: HoursWritten) -> Week:
    """Windows across midnight are cut in two: 22:00-06:00 goes on the next day."""
    days: list[list[Window]] = [[] for _ in DAYS]
    for day, windows in enumerate(written.week_written):
        for start, end in windows or ():
            if start < end:
                days[day].append((start, end))
            else:
                days[day].append((start, DAY_MINUTES))
                days[(day + 1) % len(DAYS)].append((0, end))
    return tuple(tuple(sorted(windows)) for windows in days)


def first_open(rules: Iterable[Hours], message: Message, now: datetime) -> datetime | None:
    """The first instant from now on at which all of these rules agree, in all zones; None where they never do."""
    if message.recipient is None or not (zones := message.recipient.place.zones):
        return None
    rules, start = list(rules), _instant(message, now)
    instant = start
    while instant - start < HORIZON:
        openings = [rule.next_open(zones, instant) for rule in rules]
        if None in openings:
            return None
        latest = max((opening for opening in openings if opening), default=instant)
        if latest == instant:
            return instant
        instant = latest
    return None


def _instant(message: Message, now: datetime) -> datetime:
    """A message that the carrier is asked to send later is judged for then."""
    return max(now, message.send_at) if message.send_at else now


def _open(week: Week, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in week[local.weekday()])


def _next(week: Week, local: datetime) -> datetime | None:
    """The instant if it is open, else the next opening; where the clock changes before it, only one minute on."""
    if _open(week, local):
        return local
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    wall = local.replace(tzinfo=None)
    for ahead in range(len(DAYS) + 1):
        day = midnight + ahead * DAY
        for start, _ in week[day.weekday()]:
            opening = day + start * MINUTE
            if opening > wall:
                return _reached(local, opening - wall)
    return None


def _reached(local: datetime, wait: timedelta) -> datetime:
    zone_ = local.tzinfo
    since = local.astimezone(UTC)
    opening = (since + wait).astimezone(zone_)
    if opening.utcoffset() == local.utcoffset():
        return opening
    whole = local.replace(second=0, microsecond=0)
    return (whole.astimezone(UTC) + MINUTE).astimezone(zone_)
