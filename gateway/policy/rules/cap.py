"""`cap: {most: 3, within: 24 hours}` - at most so many messages to one recipient.

`per: program`, `sender` or `subject` counts each of these apart. `each: day` (or week, month) goes by the calendar
where the recipient is; of several possible zones the longest day counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import Field, model_validator

from gateway.numbering.zones import zone
from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Span, Within
from gateway.words.decision import Reason
from gateway.words.facts import Facts, Limit
from gateway.words.message import Message
from gateway.yamlfile import Written

Per = Literal["recipient", "program", "sender", "subject"]
Calendar = Literal["day", "week", "month"]


class CapWritten(Written):
    """At most `most` messages `within` a length of time, or in `each` day, week or month of the calendar."""

    most: int = Field(ge=1, le=1000)
    within: Within | None = None
    each: Calendar | None = None
    per: Per = "recipient"

    OTHERWISE: ClassVar = ("block", "defer")

    @model_validator(mode="after")
    def _says_a_period(self) -> Self:
        if (self.within is None) == (self.each is None):
            raise ValueError("write how long it counts: within: 24 hours, or each: day")
        return self

    def kind(self, scope: Scope) -> Cap:
        of = ",".join(sorted(scope.categories)) or "all"
        if scope.asks_more:  # what is not counted by all such caps has a counter of its own
            of += f"~{scope.conditions}"
        return Cap(self.most, self.within or self.each or "day", self.per, of)


@dataclass(frozen=True, slots=True)
class Cap:
    """How many in a period. `of`: the categories that are counted together."""

    most: int
    period: Span | Calendar
    per: Per
    of: str

    NAME: ClassVar = "cap"
    REASON: ClassVar = Reason.CAP

    def counter(self, message: Message) -> str:
        """The counter's name. Caps of one shape share it, so that a new one knows what was sent before."""
        if self.per == "recipient":
            return self.of
        value = {"program": message.program.name, "sender": message.sender.value, "subject": message.subject}[self.per]
        return f"{self.of}|{self.per}={value}"

    @property
    def span(self) -> str:
        """The period as it is written."""
        return self.period.said if isinstance(self.period, Span) else self.period

    def limit(self, message: Message, at: datetime) -> Limit:
        return Limit(self.counter(message), self._since(message, at), self.most)

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        claims = self._claims(message, facts, at)
        if len(claims) < self.most:
            return None
        why = f"{len(claims)} were sent {self._said}; {self.most} may be"
        return Seen(why, not_before=self._again(claims[-self.most], message))

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return f"{len(self._claims(message, facts, at))} were sent {self._said}; {self.most} may be"

    def _claims(self, message: Message, facts: Facts, at: datetime) -> list[datetime]:
        since = self._since(message, at)
        return [claim for claim in facts.counted.get(self.counter(message), ()) if claim > since]

    @property
    def _said(self) -> str:
        period = f"within {self.period.said}" if isinstance(self.period, Span) else f"this {self.period}"
        return period if self.per == "recipient" else f"{period} for this {self.per}"

    def _since(self, message: Message, at: datetime) -> datetime:
        """What was sent at or before it doesn't count."""
        if isinstance(self.period, Span):
            return self.period.before(at)
        starts = [_start(self.period, at.astimezone(zone(name))) for name in _zones(message)]
        return min(starts).astimezone(UTC) - timedelta(seconds=1)

    def _again(self, claim: datetime, message: Message) -> datetime:
        """When that claim counts no longer."""
        if isinstance(self.period, Span):
            return self.period.after(claim)
        ahead = relativedelta(**{f"{self.period}s": 1})  # type: ignore[arg-type]
        ends = [_start(self.period, claim.astimezone(zone(name))) + ahead for name in _zones(message)]
        return max(ends).astimezone(UTC)


def _zones(message: Message) -> tuple[str, ...]:
    return (message.recipient.place.zones if message.recipient else ()) or ("UTC",)


def _start(period: Calendar, local: datetime) -> datetime:
    day = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day
