"""How much may leave a lane now: a bucket that fills at the lane's rate and holds a second's worth of messages.

All that is kept of it is when it was empty, in microseconds of the store's clock. scripts/due.lua counts the same way.
"""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

SECOND = 1_000_000  # microseconds


class Bucket(NamedTuple):
    """Of one lane, at one moment."""

    rate: float  # messages a second
    now: int
    empty: int  # when it was empty; 0: never yet, it is full

    @property
    def since(self) -> int:
        """It has filled since then, but not for longer than it takes until it is full.

        What lies ahead is from before the clock was set back, and says nothing.
        """
        full = self.now - ceil(max(1.0, self.rate) / self.rate * SECOND)
        return full if self.empty > self.now else max(self.empty, full)

    @property
    def room(self) -> int:
        """Messages."""
        return floor((self.now - self.since) * self.rate / SECOND)

    def less(self, messages: int) -> int:
        """When it would have been empty, to hold now what is left once these are taken out."""
        return min(self.since + ceil(messages / self.rate * SECOND), self.now)
