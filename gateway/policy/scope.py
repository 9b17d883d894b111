"""Which messages a rule is about, and when it is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from gateway.policy.model import RuleWritten
from gateway.words.message import Message
from gateway.words.program import Category

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Scope:
    """Empty means all."""

    categories: frozenset[Category]
    regions: frozenset[str]
    programs: frozenset[str]
    since: date | None
    until: date | None

    @classmethod
    def of(cls, rule: RuleWritten) -> Scope:
        return cls(
            frozenset(rule.categories),
            frozenset(rule.when.region),
            frozenset(rule.when.program),
            rule.since,
            rule.until,
        )

    def holds(self, message: Message, now: datetime) -> bool:
        """Dates are whole days in UTC; the last one is in it."""
        if self.regions and not self._reaches(message):
            return False
        if self.programs and message.program.name not in self.programs:
            return False
        return (not self.since or now.date() >= self.since) and (not self.until or now.date() <= self.until)

    def _reaches(self, message: Message) -> bool:
        """A recipient who may be in several regions is bound by the rules of each."""
        regions = message.recipient.place.regions if message.recipient else ()
        return not self.regions.isdisjoint(regions) if regions else UNKNOWN in self.regions
