"""From when to when something happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.policy.explain import instant


@dataclass(slots=True)
class Period:
    """The first and the last of some instants, in whatever order they come."""

    first: datetime | None = None
    last: datetime | None = None

    def add(self, at: datetime) -> None:
        self.first, self.last = min(self.first or at, at), max(self.last or at, at)

    @property
    def days(self) -> int:
        """Days by the calendar, in UTC, the first and the last among them."""
        return (self.last.date() - self.first.date()).days + 1 if self.first and self.last else 0

    def told(self) -> dict[str, str | None]:
        return {
            "first": instant(self.first) if self.first else None,
            "last": instant(self.last) if self.last else None,
        }
