"""The outbox in Redis.

A held message is in its recipient's slot, so that a lease becomes an attempt in the same step that reserves it
(scripts/reserve.lua). Who looks for work asks an index in another slot, which is only a hint: it names every held
message, perhaps some that are gone, and never says who may have one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from gateway.store.base import LEASE, TRACKED
from gateway.store.layout import ASKED, LANES, Script, Shelf, Spot, carried, due_in, minted_by, open_of, told
from gateway.store.parcel import known_as, unwrapped, wrapped
from gateway.store.recipients import Recipients, batches
from gateway.store.record import instant, micros
from gateway.store.resp import Reply, packed
from gateway.words.decision import State
from gateway.words.held import Held, Lane, Tracked

HOLD, DUE, TAKE, DROP, TRACK, PUT_BACK = OUTBOX_SCRIPTS = [
    *(Script.named(name) for name in ("hold", "due", "lease", "drop", "track")),
    Script.named("claims", "put_back"),
]
KEPT = int(TRACKED.total_seconds())
LONGEST = int(LEASE * 1_000_000)  # microseconds of a lease


class RedisOutbox(Recipients):
    """Leases go by the server's clock, when something is due by the worker's."""

    _lease: float  # seconds
    _clock: Callable[[], datetime]

    @abstractmethod
    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """Their replies. Raises StoreAway."""

    @abstractmethod
    async def _kept(self, commands: list[bytes]) -> list[Reply]:
        """Their replies, once replicas have what was written. Raises StoreAway."""

    async def hold(self, held: Sequence[Held]) -> None:
        for some in batches(held):
            first, placing, last = self._holding(some)
            replies = await self._kept([*first, *placing, *last])
            placed = replies[len(first) : len(first) + len(placing)]
            over = [one for one, reply in zip(some, placed, strict=True) if reply < 0]
            await self._ask([packed("ZREM", due_in(one.lane), self._shelf(one).listed) for one in over])

    def _holding(self, held: Sequence[Held]) -> tuple[list[bytes], list[bytes], list[bytes]]:
        """The index goes first, so that no message is without an entry; then the messages.

        And the index goes again: who looked in between found no message, and took the entry away.
        """
        shelves = [(one, self._shelf(one)) for one in held]
        listing = _listing(shelves)
        telling = [self._telling(one, shelf, one.due) for one, shelf in shelves]
        return telling + listing, [self._placing(one, shelf) for one, shelf in shelves], listing

    def _shelf(self, held: Held) -> Shelf:
        return Spot.of(self._vault.hashes(held.recipient.e164)[0]).shelf(held.id)

    def _telling(self, held: Held, shelf: Shelf, due: datetime) -> bytes:
        waits = max(due - self._clock(), timedelta()) // timedelta(seconds=1)
        return packed("SET", told(known_as(held.id, held.minted)), shelf.listed, "EX", waits + KEPT)

    def _placing(self, held: Held, shelf: Shelf) -> bytes:
        parcel = wrapped(self._vault, held)
        return HOLD.call((shelf.held, shelf.parcels, shelf.ended), shelf.id, micros(held.due), parcel)

    async def lanes(self, now: datetime) -> list[Lane]:
        """What the index of lanes tells too early is put right."""
        [names] = await self._ask([packed("ZRANGEBYSCORE", LANES, "-inf", micros(now))])
        lanes = await self._lanes(names)
        due = [lane for lane in lanes if lane.earliest <= now]
        early = {name.decode() for name in names} - {lane.name for lane in due}
        await self._ask([self._looking(name, 0, now) for name in early])
        return due

    async def outbox(self) -> list[Lane]:
        [names] = await self._ask([packed("ZRANGE", LANES, 0, -1)])
        return await self._lanes(names)

    async def _lanes(self, names: Sequence[bytes]) -> list[Lane]:
        """Those of these that are not empty, the oldest first."""
        keys = [due_in(name.decode()) for name in names]
        sizes = await self._ask([packed("ZCARD", key) for key in keys] + [_first(key) for key in keys])
        told_of = zip(names, sizes[: len(keys)], sizes[len(keys) :], strict=True)
        lanes = [Lane(name.decode(), size, instant(int(first[1]))) for name, size, first in told_of if first]
        return sorted(lanes, key=lambda lane: lane.earliest)

    def _looking(self, lane: str, most: int, now: datetime) -> bytes:
        return DUE.call((LANES, due_in(lane)), lane, micros(now), most, self._span)

    @property
    def _span(self) -> int:
        """A lease's microseconds."""
        return int(self._lease * 1_000_000)

    async def lease(self, lane: str, most: int, worker: str, now: datetime) -> list[Held]:
        [listed] = await self._ask([self._looking(lane, most, now)])
        shelves = [Shelf.of(entry) for entry in listed]
        taking = [TAKE.call((s.held, s.parcels), s.id, worker, micros(now), self._span, LONGEST) for s in shelves]
        found = dict(zip(shelves, await self._ask(taking), strict=True))
        await self._mended(lane, found)
        leased = {shelf: self._opened_up(shelf.id, reply) for shelf, reply in found.items() if isinstance(reply, list)}
        strays = {shelf: held for shelf, held in leased.items() if shelf != self._shelf(held)}
        if strays:
            await self._moved(lane, strays)
        return sorted((held for shelf, held in leased.items() if shelf not in strays), key=lambda held: held.due)

    async def _mended(self, lane: str, found: Mapping[Shelf, Reply]) -> None:
        """The index forgets what is gone, and learns when the others are due."""
        wrong = [(shelf, reply) for shelf, reply in found.items() if isinstance(reply, int)]
        gone = [shelf.listed for shelf, due in wrong if not due]
        early = [(due, shelf.listed) for shelf, due in wrong if due]
        forgetting = [packed("ZREM", due_in(lane), *gone)] if gone else []
        await self._ask(forgetting + (_entering(lane, early) if early else []))

    async def _moved(self, lane: str, strays: Mapping[Shelf, Held]) -> None:
        """What was held under an older hash goes to where the recipient's record is now; it is leased from there.

        First it is held there. Whoever breaks off here does it again when the lease on the old one has run out.
        """
        await self.hold(list(strays.values()))
        forgetting = [packed("HDEL", key, shelf.id) for shelf in strays for key in (shelf.held, shelf.parcels)]
        await self._ask([*forgetting, packed("ZREM", due_in(lane), *(shelf.listed for shelf in strays))])

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        spot, shelf = Spot.of(self._vault.hashes(held.recipient.e164)[0]), self._shelf(held)
        back = PUT_BACK.call((spot.records, spot.open, shelf.held), held.id, worker, micros(due))
        if await self._ask([back]) != [1]:
            return False
        entering = _entering(held.lane, [(micros(due), shelf.listed)])
        forgetting = [packed("HDEL", index, held.id) for index in (open_of(worker), ASKED)]
        await self._ask([*entering, *forgetting, self._telling(held, shelf, due)])
        return True

    async def drop(self, id_: str, minted: str, worker: str | None) -> Held | None:
        [listed] = await self._ask([packed("GET", told(known_as(id_, minted)))])
        shelf = Shelf.of(listed or b"")
        if shelf.id != id_.encode():
            return None
        dropping = DROP.call((shelf.held, shelf.parcels, shelf.ended), id_, worker or "", State.DROPPED, KEPT, LONGEST)
        [gone] = await self._kept([dropping])
        if gone is None:
            return None
        held = self._opened_up(shelf.id, gone)
        await self._ask([packed("ZREM", due_in(held.lane), shelf.listed)])
        return held

    async def track(self, minted: str) -> Tracked | None:
        listed, carrier_id = await self._ask([packed("GET", told(minted)), packed("GET", carried(minted))])
        if listed is None:
            return None
        shelf, opened = Shelf.of(listed), Spot(Shelf.of(listed).tag, b"").open
        [found] = await self._ask([TRACK.call((shelf.held, shelf.parcels, opened, shelf.ended), shelf.id, LONGEST)])
        if found is None:
            return None
        state, due, *parcel = found
        held = self._opened_up(shelf.id, (due, *parcel)) if parcel and parcel[0] is not None else None
        return Tracked(shelf.id.decode(), State(state.decode()), instant(int(due)), (carrier_id or b"").decode(), held)

    async def accepted_as(self, minted: str, carrier_id: str) -> None:
        there, back = carried(minted), minted_by(carrier_id)
        await self._ask([packed("SET", there, carrier_id, "EX", KEPT), packed("SET", back, minted, "EX", KEPT)])

    async def minted_of(self, carrier_ids: Sequence[str]) -> dict[str, str]:
        found = await self._ask([packed("GET", minted_by(carrier_id)) for carrier_id in carrier_ids])
        return {own: minted.decode() for own, minted in zip(carrier_ids, found, strict=True) if minted is not None}

    def _unlisting(self, attempt: str, spot: Spot, parcel: bytes) -> bytes:
        """The index forgets a message that was settled."""
        shelf = spot.shelf(attempt)
        return packed("ZREM", due_in(self._opened_up(shelf.id, (0, parcel)).lane), shelf.listed)

    def _opened_up(self, id_: bytes, found: Sequence[Reply]) -> Held:
        """Of when it is due, and its parcel."""
        due, parcel = found
        return unwrapped(self._vault, id_.decode(), int(due), parcel)


def _listing(shelves: Iterable[tuple[Held, Shelf]]) -> list[bytes]:
    """Into the indexes of their lanes; what is there already stays as it is."""
    lanes: dict[str, list[tuple[int, bytes]]] = defaultdict(list)
    for held, shelf in shelves:
        lanes[held.lane].append((micros(held.due), shelf.listed))
    return [command for lane, entries in lanes.items() for command in _entering(lane, entries, "NX")]


def _entering(lane: str, entries: Sequence[tuple[int, bytes]], *flags: str) -> list[bytes]:
    """Into the index of a lane, each with when it is due. Raises ValueError where there is none."""
    flat = [part for entry in entries for part in entry]
    earliest = min(due for due, _ in entries)
    return [packed("ZADD", due_in(lane), *flags, *flat), packed("ZADD", LANES, "LT", earliest, lane)]


def _first(key: bytes) -> bytes:
    """The oldest of an index, with when it is due."""
    return packed("ZRANGE", key, 0, 0, "WITHSCORES")
