"""Holidays: public ones by place, as the `holidays` library knows them, and days that a policy names itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated

import holidays
from dateutil.easter import easter
from pydantic import BeforeValidator

from gateway.policy.terms import DAYS
from gateway.yamlfile import listed

_FIXED = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})")
_EASTER = re.compile(r"easter(?:([+-])([0-9]{1,2}))?")
_NTH = re.compile(r"(first|second|third|fourth|last) (mon|tue|wed|thu|fri|sat|sun) of ([0-9]{2})")
_ORDER = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_NOVEMBER, _TUESDAY, _WEEK = 11, 1, 7


def _place(value: object) -> str:
    country, _, region = str(value).partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise ValueError("is no place whose holidays are known; write it as FR or US-LA")
    if region and region not in known[country]:
        raise ValueError(f"has no holidays of its own; known in {country}: {', '.join(known[country]) or 'none'}")
    return str(value)


def _named(value: object) -> str:
    said = str(value)
    forms = (_FIXED, _EASTER, _NTH)
    if said == "election day" or any(form.fullmatch(said) for form in forms):
        try:
            list(_days_named(said, 2028))
        except ValueError:
            raise ValueError("is no day of the year; write it as 07-24") from None
        return said
    raise ValueError("is no day; write 07-24, 2026-12-24, easter-2, second mon of 08, or election day")


Places = Annotated[tuple[Annotated[str, BeforeValidator(_place)], ...], BeforeValidator(listed)]
NamedDays = Annotated[tuple[Annotated[str, BeforeValidator(_named)], ...], BeforeValidator(listed)]


@dataclass(frozen=True, slots=True)
class Calendar:
    """A set of holidays. `places` are countries or their regions, US-LA; `also` and `never` are days by name."""

    places: tuple[str, ...]
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def __contains__(self, day: date) -> bool:
        return day in _year(self, day.year)


@cache
def _year(calendar: Calendar, year: int) -> frozenset[date]:
    public = (day for place in calendar.places for day in _public(place, year))
    named = (day for name in calendar.also for day in _days_named(name, year))
    return frozenset({*public, *named} - {day for name in calendar.never for day in _days_named(name, year)})


def _public(place: str, year: int) -> Iterable[date]:
    country, _, region = place.partition("-")
    return holidays.country_holidays(country, subdiv=region or None, years=year)


def _days_named(name: str, year: int) -> Iterable[date]:
    """`07-24`, `2026-12-24`, `easter-2` (Good Friday), `second mon of 08`, `election day` (the general one)."""
    if found := _FIXED.fullmatch(name):
        if found[1] in {None, str(year)} and not (found[2] == "02" and found[3] == "29" and year % 4):
            yield date(year, int(found[2]), int(found[3]))
    elif found := _EASTER.fullmatch(name):
        yield easter(year) + timedelta(days=int(f"{found[1] or '+'}{found[2] or 0}"))
    elif found := _NTH.fullmatch(name):
        yield _nth(_ORDER[found[1]], DAYS.index(found[2]), int(found[3]), year)
    elif year % 2 == 0:  # the Tuesday after the first Monday of November
        yield _nth(0, 0, _NOVEMBER, year) + timedelta(days=_TUESDAY)


def _nth(order: int, weekday: int, month: int, year: int) -> date:
    first = date(year, month, 1)
    days = [first + timedelta(days=n) for n in range(31)]
    return [day for day in days if day.month == month and day.weekday() == weekday][order]
