"""Which messages a rule is about, and when it is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.policy.model import RuleWritten
from gateway.words.program import Category

UNKNOWN = "unknown"
DAY = timedelta(days=1)


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

    def covers(self, category: Category, regions: tuple[str, ...]) -> bool:
        """Whether it holds for such a message. Who may be in several regions is bound by the rules of each."""
        if self.categories and category not in self.categories:
            return False
        if not self.regions:
            return True
        return not self.regions.isdisjoint(regions) if regions else UNKNOWN in self.regions

    def in_force(self, at: datetime) -> bool:
        """Dates are whole days in UTC; the last one is in it."""
        if self.since is None and self.until is None:
            return True
        day = at.astimezone(UTC).date()
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    @property
    def ends(self) -> datetime | None:
        """The first instant at which it holds no longer."""
        return datetime.combine(self.until + DAY, time(), UTC) if self.until else None
