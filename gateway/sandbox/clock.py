"""The demo's clock: it begins on a working-day morning in New York, runs on, and can be moved."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from gateway.numbering.zones import zone
from gateway.words.errors import GatewayError

TUESDAY = 1
MORNING = 10  # o'clock in New York: eight in Los Angeles is still to come, but nowhere in the east is it too early
HOLIDAYS = frozenset({(1, 1), (6, 19), (7, 4), (11, 11), (12, 24), (12, 25), (12, 31)})  # that can be a Tuesday


class NoTime(GatewayError):
    """What was given is no time."""


class DemoClock:
    """Callable: an instant, in UTC."""

    def __init__(self, now: datetime) -> None:
        """Begins at ten in New York on the last Tuesday before `now` that is a working day."""
        self._zone = zone("America/New_York")
        local = now.astimezone(self._zone)
        start = local - timedelta(days=(local.weekday() - TUESDAY) % 7 or 7)
        while (start.month, start.day) in HOLIDAYS:
            start -= timedelta(days=7)
        self._start = start.replace(hour=MORNING, minute=0, second=0, microsecond=0)
        self._since = time.monotonic()

    def __call__(self) -> datetime:
        elapsed = timedelta(seconds=time.monotonic() - self._since)
        return self._start.astimezone(UTC) + elapsed

    @property
    def local(self) -> datetime:
        """The same instant as New York's clocks show it."""
        return self().astimezone(self._zone)

    def move(self, to: str) -> None:
        """`21:30` today in New York, or an ISO 8601 instant; `+3h` and `+2d` ahead of now. Raises NoTime."""
        self._start, self._since = self._meant(to.strip()), time.monotonic()

    def _meant(self, to: str) -> datetime:
        if ahead := re.fullmatch(r"\+?([0-9]{1,4})([mhd])", to):
            unit = {"m": "minutes", "h": "hours", "d": "days"}[ahead[2]]
            return self.local + timedelta(**{unit: int(ahead[1])})
        if clock := re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", to):
            return self.local.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        try:
            instant = datetime.fromisoformat(to)
        except ValueError:
            raise NoTime("this is no time; write 21:30, +3h or 2026-06-10T21:30:00-04:00") from None
        return instant if instant.tzinfo else instant.replace(tzinfo=self._zone)
