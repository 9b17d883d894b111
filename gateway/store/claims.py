"""Places that attempts hold under limits, as both stores count them.

A claim is one number: the second since 1970 at which it was made, rounded up. It counts under a limit while it is later
than the limit's `since`; so a window ends on the second, up to one second late and never early.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from struct import pack, unpack

from gateway.store.record import EPOCH
from gateway.words.facts import Limit

TAG_BYTES = 6  # of a name's hash: two names in three hundred million million share one
CLAIM_BYTES = 4  # until 2106

_SECOND = timedelta(seconds=1)


@lru_cache(4096)
def tag_of(name: str) -> bytes:
    """Stands for the name of a counter or a list: short, and without the sender's number that may be in it."""
    return blake2b(name.encode(), digest_size=TAG_BYTES).digest()


def claimed_at(at: datetime) -> int:
    """The second that a claim made at this instant is kept as."""
    return -((EPOCH - at) // _SECOND)


def over_by(since: datetime) -> int:
    """The last second of which claims no longer count under a limit since then."""
    return (since - EPOCH) // _SECOND


def oldest_counting(limits: Iterable[Limit]) -> dict[str, int]:
    """Of each counter the second up to which no limit counts its claims: so far they are forgotten."""
    oldest: dict[str, int] = {}
    for limit in limits:
        since = over_by(limit.since)
        oldest[limit.counter] = min(oldest.get(limit.counter, since), since)
    return oldest


def instants(seconds: Iterable[int]) -> tuple[datetime, ...]:
    """The oldest first."""
    return tuple(datetime.fromtimestamp(at, UTC) for at in sorted(seconds))


def by_counter(claims: Mapping[str, Iterable[int]]) -> dict[str, tuple[datetime, ...]]:
    """As Facts has them: a counter with no claims is absent."""
    return {counter: told for counter, seconds in claims.items() if (told := instants(seconds))}


def to_bytes(second: int) -> bytes:
    """One claim as Redis keeps it; several stand one after the other."""
    return pack(">I", second)


def from_bytes(claims: bytes) -> tuple[int, ...]:
    return unpack(f">{len(claims) // CLAIM_BYTES}I", claims)
