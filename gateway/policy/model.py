"""A policy file as data: what an operator may write. Its JSON Schema comes from here, too."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.words.program import Category
from gateway.yamlfile import Written, listed, spelled

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60

Id = Annotated[str, spelled(r"[a-z0-9][a-z0-9-]*", "is no name here; use a-z, 0-9 and -, as in quiet-hours")]
Country = Annotated[str, spelled(r"[A-Z]{2}|\*", 'is no country; write it as US, or "*" for all that have no policy')]
Region = Annotated[str, spelled(r"[A-Z]{2}-[A-Z0-9]{1,3}|unknown", "is no region; write it as US-FL, or unknown")]
Language = Annotated[str, spelled(r"[a-z]{2,3}", "is no language; write it as en or es (ISO 639)")]
Wording = Annotated[str, spelled(r"(?s).*\S.*", "is no wording; write what the recipient is to read")]
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


Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes)]
Windows = Annotated[tuple[Window, ...], BeforeValidator(_windows)]


class HoursWritten(Written):
    """Either `from` and `to` for every day, or a span (or `closed`) for each of the seven days."""

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


class EveryDays(Written):
    days: int = Field(ge=1, le=3650)


class InstructWritten(Written):
    """The opt-out instruction: when, and its wordings by language, the preferred one first."""

    on: Literal["every", "first"] | EveryDays = "every"
    text: dict[Language, Annotated[tuple[Wording, ...], BeforeValidator(listed), Field(min_length=1)]] = Field(
        min_length=1
    )


class When(Written):
    """Where a rule holds. `region: unknown` is a recipient of whom only the country is known."""

    region: Annotated[tuple[Region, ...], BeforeValidator(listed)] = ()
    program: Annotated[tuple[str, ...], BeforeValidator(listed)] = ()


class RuleWritten(Written):
    """One rule: an id, exactly one kind, and where and for what it holds."""

    id: Id
    hours: HoursWritten | None = None
    instruct: InstructWritten | None = None
    categories: Annotated[tuple[Category, ...], BeforeValidator(listed), Field(alias="for")] = ()
    when: When = When()
    otherwise: Literal["defer", "block"] = "defer"
    cite: str = ""
    verified: Literal["seen", "unverified"] = "unverified"
    enforce: Literal["on", "observe", "off"] = "on"
    since: Annotated[Day | None, Field(alias="from")] = None  # the first day, in UTC
    until: Day | None = None  # the last day, in UTC

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind)]
        if len(kinds) != 1:
            raise ValueError(f"a rule is of one kind; write one of {', '.join(KINDS)}")
        if self.since and self.until and self.until < self.since:
            raise ValueError("`until` comes before `from`, so that it never holds")
        return self


KINDS = ("hours", "instruct")


class PolicyWritten(Written):
    """A policy file."""

    policy: Id
    country: Annotated[tuple[Country, ...], BeforeValidator(listed)]
    title: str = ""
    reviewed: Day | None = None
    rules: tuple[RuleWritten, ...] = Field(min_length=1)


def at(minutes: int) -> str:
    """`08:00`."""
    if minutes == DAY_MINUTES:
        return "24:00"
    return time(minutes // 60, minutes % 60).strftime("%H:%M")
