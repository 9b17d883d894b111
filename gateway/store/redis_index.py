"""Which messages of the outbox may be due, by lane, in Redis: an index in another slot than the messages themselves.

It is a hint: it names every held message but those in doubt, perhaps some that are gone, and never says who may have
one. Whoever makes a message wait enters it, before and after; whoever finds one that is gone, or in doubt, marks it
first, then looks, and takes it out only if it has the mark still. So no message is ever without its entry.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from gateway.store.base import LEASE
from gateway.store.layout import LANES, Script, Shelf, due_in, pace_of, rest_of
from gateway.store.recipients import Recipients
from gateway.store.record import instant, micros
from gateway.store.resp import Reply, packed
from gateway.words.held import Lane

ENTER, MARK, MEND, DUE, REST, TRACK = INDEX_SCRIPTS = [
    Script.named(name) for name in ("enter", "mark", "mend", "due", "rest", "track")
]
LONGEST = int(LEASE * 1_000_000)  # microseconds of a lease
OPEN = frozenset({b"waiting", b"leased", b"sending"})  # states of which the index tells

Entry = tuple[int, bytes]  # when it is due, in microseconds since 1970, and a shelf as it is listed


class RedisIndex(Recipients):
    """What waits, by lane."""

    _lease: float  # seconds

    @abstractmethod
    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """Their replies. Raises StoreAway."""

    async def lanes(self, now: datetime) -> list[Lane]:
        """What the index of lanes tells too early is put right."""
        [names] = await self._ask([packed("ZRANGEBYSCORE", LANES, "-inf", micros(now))])
        lanes = await self._lanes(names)
        due = [lane for lane in lanes if lane.earliest <= now]
        early = {name.decode() for name in names} - {lane.name for lane in due}
        await self._ask([self._looking(name, 0, now, None) for name in early])
        return due

    async def outbox(self) -> list[Lane]:
        [names] = await self._ask([packed("ZRANGE", LANES, 0, -1)])
        return await self._lanes(names)

    async def _lanes(self, names: Sequence[bytes]) -> list[Lane]:
        """Those of these that are not empty, the oldest first."""
        keys = [due_in(name.decode()) for name in names]
        sizes = await self._ask([packed("ZCARD", key) for key in keys] + [_first(key) for key in keys])
        told_of = zip(names, sizes[: len(keys)], sizes[len(keys) :], strict=True)
        lanes = [Lane(name.decode(), size, instant(int(float(first[1])))) for name, size, first in told_of if first]
        return sorted(lanes, key=lambda lane: lane.earliest)

    async def rest(self, lane: str, seconds: float) -> None:
        await self._ask([REST.call((rest_of(lane),), max(1, round(seconds * 1000)))])

    def _looking(self, lane: str, most: int, now: datetime, rate: float | None) -> bytes:
        keys = (LANES, due_in(lane), pace_of(lane), rest_of(lane))
        return DUE.call(keys, lane, micros(now), most, self._span, "" if rate is None else str(rate))

    @property
    def _span(self) -> int:
        """A lease's microseconds."""
        return int(self._lease * 1_000_000)

    async def _mended(self, lane: str, mark: bytes, found: Mapping[Shelf, Reply]) -> None:
        """The index forgets what is gone or in doubt, and learns when the others are due."""
        wrong = [(due or b"", shelf.listed) for shelf, due in found.items() if isinstance(due, int)]
        if wrong:
            await self._ask([MEND.call((due_in(lane),), mark, *(part for entry in wrong for part in entry))])

    async def _reviewed(self, listed: Sequence[tuple[str, Shelf]]) -> None:
        """Of these, each with its lane, the index forgets what is gone or in doubt."""
        marking = [MARK.call((due_in(lane),), shelf.listed) for lane, shelf in listed]
        replies = await self._ask(marking + [tracking(shelf) for _, shelf in listed])
        looked = zip(listed, replies[: len(listed)], replies[len(listed) :], strict=True)
        await self._ask(
            [
                MEND.call((due_in(lane),), mark, b"", shelf.listed)
                for (lane, shelf), mark, found in looked
                if mark and not (found and found[0] in OPEN)
            ]
        )


def tracking(shelf: Shelf) -> bytes:
    """Its state, when it is due, and its parcel; once it is over how it ended, as endings.py says."""
    return TRACK.call((shelf.held, shelf.parcels, shelf.open, shelf.ended), shelf.id, LONGEST)


def entering(lane: str, entries: Sequence[Entry]) -> bytes:
    """Into the index of a lane; what is there already stays as it is. Raises ValueError where there is none."""
    earliest = min(due for due, _ in entries)
    return ENTER.call((LANES, due_in(lane)), lane, earliest, *(part for entry in entries for part in entry))


def entering_all(entries: Iterable[tuple[str, Entry]]) -> list[bytes]:
    """Into the indexes of their lanes."""
    lanes: dict[str, list[Entry]] = defaultdict(list)
    for lane, entry in entries:
        lanes[lane].append(entry)
    return [entering(lane, several) for lane, several in lanes.items()]


def moving(lane: str, entry: Entry) -> list[bytes]:
    """To where it is due now."""
    due, listed = entry
    return [packed("ZADD", due_in(lane), due, listed), packed("ZADD", LANES, "LT", due, lane)]


def _first(key: bytes) -> bytes:
    """The oldest of an index, with when it is due."""
    return packed("ZRANGE", key, 0, 0, "WITHSCORES")
