"""Rate limits in memory: one process's, of as many keys as it can remember."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

MOST = 10_000  # keys that are remembered; the one that asked longest ago is forgotten first


class Buckets:
    """For each key a bucket that holds `burst` and is filled again at `rate` a second."""

    def __init__(self, rate: float, burst: int, seconds: Callable[[], float], most: int = MOST) -> None:
        """`seconds`: a clock that only goes forward."""
        self._rate = rate
        self._burst = burst
        self._seconds = seconds
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # how much was left, and when

    def take(self, key: str) -> bool:
        """Whether there was something left for this key."""
        now = self._seconds()
        left, at = self._left.pop(key, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return left >= 1
