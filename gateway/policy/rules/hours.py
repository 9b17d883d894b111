"""`hours: {from: "08:00", to: "21:00"}` - local times at which the recipient may be texted.

Or day by day: `hours: {mon-sat: "08:00-20:00", sun: closed, holidays: closed, calendar: US-LA}`. Half-open: 21:00
sharp is too late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Protocol, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from gateway.numbering.zones import zone
from gateway.policy.rules.calendar import Calendar, NamedDays, Places
from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import DAY_MINUTES, DAYS, Minutes, Window, Windows, spelled_minutes
from gateway.words.decision import Action, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
HORIZON = timedelta(days=30)  # in which hours rules that ever agree have agreed, whatever holidays there are

Week = tuple[tuple[Window, ...], ...]  # Monday first; windows of the local day, in order, none across midnight


class HoursWritten(Written):
    """Either `from` and `to` for every day, or a span (or `closed`) for each of the seven days.

    `holidays` says the hours of holidays where they differ; `calendar` whose holidays these are, `also` and `never`
    which days are or are not among them.
    """

    start: Minutes | None = Field(default=None, alias="from")
    end: Minutes | None = Field(default=None, alias="to")
    mon: Windows | None = None
    tue: Windows | None = None
    wed: Windows | None = None
    thu: Windows | None = None
    fri: Windows | None = None
    sat: Windows | None = None
    sun: Windows | None = None
    weekdays: Windows | None = Field(default=None, alias="mon-fri")
    workdays: Windows | None = Field(default=None, alias="mon-sat")
    holidays: Windows | None = None
    calendar: Places = ()
    also: NamedDays = ()
    never: NamedDays = ()

    OTHERWISE: ClassVar = ("defer", "block")

    @model_validator(mode="after")
    def _says_all_days(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise ValueError("`from` and `to` belong together")
        if self.start is not None and self.start == self.end:
            raise ValueError('begins and ends at the same time; write from: "00:00", to: "24:00" for the whole day')
        missing = [day for day, windows in zip(DAYS, self.week_written, strict=True) if windows is None]
        if missing:
            raise ValueError(f"{', '.join(missing)} not said; write a span of hours or closed for each day")
        return self

    @model_validator(mode="after")
    def _says_whose_holidays(self) -> Self:
        if (self.holidays is not None) != bool(self.calendar or self.also):
            raise ValueError("`holidays` and whose they are belong together; write holidays: closed, calendar: FR")
        if any(start > end for start, end in self.holidays or ()):
            raise ValueError("the hours of holidays can't go on after midnight; end them at 24:00")
        return self

    @property
    def week_written(self) -> list[tuple[Window, ...] | None]:
        """Monday first; None where nothing is said of a day."""
        always = ((self.start, self.end),) if self.start is not None and self.end is not None else None
        five = self.weekdays if self.weekdays is not None else self.workdays
        spans = [five] * 5 + [self.workdays, None]
        own = [getattr(self, day) for day in DAYS]
        return [
            day if day is not None else span if span is not None else always
            for day, span in zip(own, spans, strict=True)
        ]

    def kind(self, scope: Scope) -> Hours:
        calendar = Calendar(self.calendar, self.also, self.never) if self.holidays is not None else None
        return Hours(_week_of(self), self.holidays or (), calendar)


@dataclass(frozen=True, slots=True)
class Hours:
    """Local times of a week, and of holidays."""

    week: Week
    on_holidays: tuple[Window, ...] = ()
    calendar: Calendar | None = None

    NAME: ClassVar = "hours"
    REASON: ClassVar = Reason.HOURS

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if message.recipient is None:
            return None
        zones = message.recipient.place.zones
        if not zones:
            return Seen("the recipient's time zone is not known", Action.BLOCK)
        # A number that may lie in several zones is texted only when all of them agree.
        for name in zones:
            local = at.astimezone(zone(name))
            if not self.open(local):
                return Seen(f"{self._said(local)} in {name}")
        return None

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        zones = message.recipient.place.zones if message.recipient else ()
        return "within the hours: " + ", ".join(f"{at.astimezone(zone(name)):%a %H:%M} in {name}" for name in zones)

    def open(self, local: datetime) -> bool:
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.windows(local))

    def windows(self, day: date) -> tuple[Window, ...]:
        """The windows of a local day, in order."""
        if self.calendar is not None and self._is_holiday(day):
            return self.on_holidays
        return self.week[day.weekday()]

    def opening(self, zones: Sequence[str], at: datetime) -> datetime | None:
        """`at` if it is open in all zones then; else a later instant before which it can't be. None: never."""
        openings = [_opening(self, zone(name), at) for name in zones]
        return None if None in openings else max(opening for opening in openings if opening)

    def _is_holiday(self, day: date) -> bool:
        return self.calendar is not None and date(day.year, day.month, day.day) in self.calendar

    def _said(self, local: datetime) -> str:
        spans = ", ".join(f"{spelled_minutes(start)}-{spelled_minutes(end)}" for start, end in self.windows(local))
        day = "a holiday" if self._is_holiday(local) else f"a {local:%A}"
        return f"outside {spans}" if spans else f"closed on {day}"


def _week_of(written: HoursWritten) -> Week:
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


class Opens(Protocol):
    """A rule that lets a message go at some times only."""

    def opening(self, zones: Sequence[str], at: datetime) -> datetime | None: ...


def first_open(rules: Sequence[Opens], zones: Sequence[str], at: datetime) -> datetime | None:
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


def _opening(hours: Hours, zone_: ZoneInfo, at: datetime) -> datetime | None:
    """`at` if it is open then, else the next opening: where a window begins, or where the clock jumps into one."""
    local = at.astimezone(zone_)
    if hours.open(local):
        return at
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for ahead in range(HORIZON.days):
        day = midnight + ahead * DAY
        instants = [*_beginnings(hours.windows(day), day), *_change(day)]
        openings = [each for each in instants if each > at and hours.open(each.astimezone(zone_))]
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
