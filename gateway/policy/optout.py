"""What an opt-out means where it is said: how much it ends, whether it is confirmed, and by when it must be honoured.

Here every opt-out counts at once. The days that a law leaves are for replies of which only a person can tell whether
they are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import reduce
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from gateway.policy.rules.calendar import Calendar
from gateway.policy.terms import Day, Wording
from gateway.words.doubtful import Doubtful
from gateway.words.facts import SCOPE_ALL
from gateway.words.number import Sender
from gateway.words.program import Program
from gateway.yamlfile import Written

WITHIN = timedelta(minutes=5)  # in which the one confirmation is presumed to be welcome (47 CFR 64.1200(a)(12))
SATURDAY = 5


class Reach(IntEnum):
    """What an opt-out ends that names nothing. The wider, the higher."""

    SENDER = 0
    PROGRAM = 1
    BRAND = 2
    SITE = 3


class Confirming(StrEnum):
    """Whether an opt-out is answered: once, or not at all."""

    MAY = "may"
    MUST = "must"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Within so many days an opt-out must have taken effect; the day on which it was said does not count."""

    days: int
    business: bool = False  # Saturdays, Sundays and public holidays don't count

    def after(self, said: datetime, country: str, zone: ZoneInfo) -> datetime:
        """The end of its last day, where the recipient is."""
        day, left, closed = said.astimezone(zone).date(), self.days, Calendar((country,))
        while left:
            day += timedelta(days=1)
            left -= not (self.business and (day.weekday() >= SATURDAY or day in closed))
        return datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OptOut:
    """Of one place. With nothing said: it ends everything, and may be confirmed."""

    reach: Reach = Reach.SITE
    confirm: Confirming = Confirming.MAY
    asks: bool = False  # the confirmation may ask what else is meant; no answer means everything
    deadline: Deadline = Deadline(10, business=True)

    def scope(self, program: Program, sender: Sender) -> str:
        """Of a suppression that follows from an opt-out said to this sender, in this program."""
        if self.reach is Reach.SENDER and sender.value:
            return f"sender:{sender.value}"
        if self.reach is Reach.PROGRAM:
            return f"program:{program.name}"
        if self.reach is Reach.BRAND and program.brand:
            return f"brand:{program.brand}"
        return SCOPE_ALL


def looser(new: OptOut, old: OptOut) -> bool:
    """Whether an opt-out ends less, is not answered for sure, asks what is meant, or may be honoured later."""
    return (
        new.reach < old.reach
        or (old.confirm is Confirming.MUST and new.confirm is not Confirming.MUST)
        or (old.confirm is Confirming.NEVER and new.confirm is not Confirming.NEVER)
        or (new.asks and not old.asks)
        or _longest(new.deadline) > _longest(old.deadline)
    )


def _longest(deadline: Deadline) -> float:
    """In days; of business days seven are five."""
    return deadline.days * 7 / 5 if deadline.business else deadline.days


def last_moment(reply: Doubtful, opt_out: OptOut) -> datetime:
    """By when it must have taken effect, if it is an opt-out: in the first zone where its writer may be."""
    place = reply.recipient.place
    zone = ZoneInfo(place.zones[0] if place.zones else "UTC")
    return opt_out.deadline.after(reply.at, place.country, zone) - timedelta(seconds=1)  # told as its last day


def strictest(said: Iterable[OptOut]) -> OptOut:
    """Where several policies bind, each has what it asks for: the widest reach, and the earliest day."""
    return reduce(_both, said, None) or OptOut()


def _both(one: OptOut | None, other: OptOut) -> OptOut:
    if one is None:
        return other
    answers = {one.confirm, other.confirm}
    return OptOut(
        max(one.reach, other.reach),
        next(each for each in (Confirming.MUST, Confirming.NEVER, Confirming.MAY) if each in answers),
        one.asks and other.asks,
        min(one.deadline, other.deadline, key=lambda each: each.days),
    )


def _deadline(value: object) -> Deadline:
    if value == "at once":
        return Deadline(0)
    found = re.fullmatch(r"([0-9]{1,2}) (business )?days?", str(value))
    if not found:
        raise ValueError("is no deadline; write at once, 21 days or 10 business days")
    return Deadline(int(found[1]), bool(found[2]))


_SAID = WithJsonSchema({"type": "string", "pattern": "^(at once|[0-9]{1,2} (business )?days?)$"})


class OptOutWritten(Written):
    """What an opt-out means there that names nothing, as `optout.OptOut` has it."""

    ends: Literal["sender", "program", "brand", "site"] = "site"
    confirm: Confirming = Confirming.MAY
    asks: bool = False
    deadline: Annotated[Deadline, BeforeValidator(_deadline), _SAID] = Deadline(10, business=True)
    cite: Wording
    verified: Literal["seen", "unverified"] = "unverified"
    verified_on: Day | None = None

    def made(self) -> OptOut:
        return OptOut(Reach[self.ends.upper()], self.confirm, self.asks, self.deadline)
