"""`hours: {from: "08:00", to: "21:00"}` - local times at which the recipient may be texted.

Or day by day: `hours: {mon-sat: "08:00-20:00", sun: closed}`. Half-open: 21:00 sharp is too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

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

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        if message.recipient is None:
            return None
        zones = message.recipient.place.zones
        if not zones:
            return self._finding(Action.BLOCK, "the recipient's time zone is not known")
        # A number that may lie in several zones is texted only when all of them agree.
        for name in zones:
            local = at.astimezone(zone(name))
            if not _open(self.week, local):
                return self._finding(self.otherwise, f"{self._said(local)} in {name}")
        return None

    def opening(self, zones: Sequence[str], at: datetime) -> datetime | None:
        """`at` if nothing closes it then; else a later instant before which it can't be open. None: never."""
        if not self.scope.in_force(at):
            return at
        openings = [_opening(self.week, zone(name), at) for name in zones]
        latest = None if None in openings else max(opening for opening in openings if opening)
        ends = self.scope.ends
        return ends if ends and (latest is None or ends < latest) else latest

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


def first_open(rules: Sequence[Hours], zones: Sequence[str], at: datetime) -> datetime | None:
    """The first instant from `at` on at which all of these rules agree, in all zones; None where they never do."""
    if not zones:
        return None
    instant = at
    while instant - at < HORIZON:
        openings = [rule.opening(zones, instant) for rule in rules]
        if None in openings:
            return None
        latest = max((opening for opening in openings if opening), default=instant)
        if latest <= instant:
            return instant.astimezone(UTC)
        instant = latest
    return None


def _open(week: Week, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in week[local.weekday()])


def _opening(week: Week, zone_: ZoneInfo, at: datetime) -> datetime | None:
    """`at` if it is open then, else the next opening: where a window begins, or where the clock jumps into one."""
    local = at.astimezone(zone_)
    if _open(week, local):
        return at
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for ahead in range(len(DAYS) + 1):
        day = midnight + ahead * DAY
        instants = [*_beginnings(week[day.weekday()], day), *_change(day)]
        openings = [each for each in instants if each > at and _open(week, each.astimezone(zone_))]
        if openings:
            return min(openings)
    return None


def _beginnings(windows: Iterable[Window], day: datetime) -> Iterator[datetime]:
    """Where the windows of a local day begin. A time that the clock shows twice begins twice."""
    for start, _ in windows:
        wall = day + start * MINUTE
        yield wall.astimezone(UTC)
        yield wall.replace(fold=1).astimezone(UTC)


def _change(day: datetime) -> Iterator[datetime]:
    """Where the clock is changed on a local day, if it is."""
    # From the minute before: a midnight that the clock jumps over is the very instant of the change.
    before, after = day.astimezone(UTC) - MINUTE, (day + DAY).replace(fold=1).astimezone(UTC)
    offset = before.astimezone(day.tzinfo).utcoffset()
    if after.astimezone(day.tzinfo).utcoffset() == offset:
        return
    while after - before > MINUTE:
        middle = before + (after - before) // 2 // MINUTE * MINUTE
        if middle.astimezone(day.tzinfo).utcoffset() == offset:
            before = middle
        else:
            after = middle
    yield after
