"""The outbox in Redis.

A held message is in its recipient's slot, so that a lease becomes an attempt in the same step that reserves it
(scripts/reserve.lua). Who looks for work asks an index in another slot (redis_index.py), which is only a hint.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from gateway.store.base import ASIDE
from gateway.store.endings import end_written
from gateway.store.layout import ASKED, Script, Shelf, Spot, due_in, open_of, told
from gateway.store.parcel import opened, wrapped
from gateway.store.recipients import batches
from gateway.store.record import micros
from gateway.store.redis_index import INDEX_SCRIPTS, LONGEST, RedisIndex, entering, entering_all, moving
from gateway.store.redis_tracking import KEPT, OVERWRITE, RedisTracking
from gateway.store.resp import packed
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.held import End, Held, known_as

HOLD, TAKE, AMEND, DROP, PUT_BACK = _SCRIPTS = [
    *(Script.named(name) for name in ("hold", "lease", "amend", "drop")),
    Script.named("claims", "put_back"),
]
OUTBOX_SCRIPTS = [*INDEX_SCRIPTS, OVERWRITE, *_SCRIPTS]
IN_DOUBT = 2  # what put_back.lua says of what must be in the index first


class RedisOutbox(RedisIndex, RedisTracking):
    """Leases go by the server's clock, when something is due by the worker's."""

    @property
    @abstractmethod
    def _steady(self) -> bool:
        """Whether the connection has not just come back."""

    async def hold(self, held: Sequence[Held], twins_within: timedelta = timedelta()) -> list[str]:
        return [known for some in batches(held) for known in await self._hold(some, twins_within)]

    async def _hold(self, held: Sequence[Held], twins_within: timedelta) -> list[str]:
        """The index goes first, so that no message is without an entry; then the messages.

        And the index goes again: who looked in between found no message, and took the entry away.
        """
        shelves = [(one, self._shelf(one)) for one in held]
        telling = [self._telling(one, shelf, one.due) for one, shelf in shelves]
        entries = entering_all([(one.lane, (micros(one.due), shelf.listed)) for one, shelf in shelves])
        listing = [command for one, shelf in shelves for command in self._entered(one, shelf)]
        first = telling + listing + entries
        placing = [self._placing(one, shelf, twins_within) for one, shelf in shelves]
        replies = (await self._kept([*first, *placing, *entries]))[len(first) : len(first) + len(placing)]
        placed = list(zip(shelves, replies, strict=True))
        twins = [each for each, reply in placed if isinstance(reply, bytes)]
        await self._ask(
            [command for each in twins for command in (packed("DEL", told(each[0].known)), *self._left(*each))]
        )
        await self._reviewed([(one.lane, shelf) for (one, shelf), reply in placed if reply != 1])
        return [reply.decode() if isinstance(reply, bytes) else one.known for (one, _), reply in placed]

    def _shelf(self, held: Held) -> Shelf:
        return self._shelves(held)[0]

    def _shelves(self, held: Held) -> list[Shelf]:
        """Where it may be: a key may have taken over since it was leased. The first is where it belongs."""
        return [Spot.of(place).shelf(held.id) for place in self._vault.hashes(held.recipient.e164)]

    def _telling(self, held: Held, shelf: Shelf, due: datetime) -> bytes:
        waits = max(due - self._clock(), timedelta()) // timedelta(seconds=1)
        return packed("SET", told(held.known), shelf.listed, "EX", waits + KEPT)

    def _placing(self, held: Held, shelf: Shelf, twins_within: timedelta) -> bytes:
        keys = (shelf.held, shelf.parcels, shelf.ended, *([shelf.twin(held.twin)] if held.twin else []))
        milliseconds = max(1, twins_within // timedelta(milliseconds=1))
        return HOLD.call(keys, shelf.id, micros(held.due), wrapped(self._vault, held), held.known, milliseconds)

    async def lease(self, lane: str, most: int, worker: str, now: datetime, rate: float | None) -> list[Held]:
        """Nothing while the connection is new: a message may be there whose client was told that it is refused, since
        the answer to `hold` was lost; whoever told it takes it out as soon as the connection is there again.
        """
        if not self._steady:
            raise StoreAway("the connection to Redis is new; what was refused meanwhile is taken back first")
        [(mark, listed)] = await self._ask([self._looking(lane, most, now, rate)])
        shelves = [Shelf.of(entry) for entry in listed]
        span = self._span
        taking = [TAKE.call((s.held, s.parcels, s.open), s.id, worker, micros(now), span, LONGEST) for s in shelves]
        found = dict(zip(shelves, await self._ask(taking), strict=True))
        await self._mended(lane, mark, found)
        taken = {shelf: reply for shelf, reply in found.items() if isinstance(reply, list)}
        leased = {shelf: held for shelf, reply in taken.items() if (held := self._opened(shelf, *reply))}
        for shelf in taken.keys() - leased.keys():
            await self._back(shelf, lane, worker, now + ASIDE)
        strays = {shelf: held for shelf, held in leased.items() if shelf != self._shelf(held)}
        if strays:
            await self._moved(lane, strays)
        return sorted((held for shelf, held in leased.items() if shelf not in strays), key=lambda held: held.due)

    async def _moved(self, lane: str, strays: Mapping[Shelf, Held]) -> None:
        """What was held under an older hash goes to where the recipient's record is now; it is leased from there.

        First it is held there. Whoever breaks off here does it again when the lease on the old one has run out.
        """
        await self.hold(list(strays.values()))
        forgetting = [packed("HDEL", key, shelf.id) for shelf in strays for key in (shelf.held, shelf.parcels)]
        await self._ask([*forgetting, packed("ZREM", due_in(lane), *(shelf.listed for shelf in strays))])

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        forgetting = [packed("HDEL", index, held.id) for index in (open_of(worker), ASKED)]
        for shelf in self._shelves(held):
            if await self._back(shelf, held.lane, worker, due, *forgetting, self._telling(held, shelf, due)):
                return True
        return False

    async def _back(self, shelf: Shelf, lane: str, worker: str, due: datetime, *then: bytes) -> bool:
        """One that is in doubt is in no index: it is entered first, and again, as those are that are held."""
        keys, entry = (Spot(shelf.tag, b"").records, shelf.open, shelf.held), (micros(due), shelf.listed)
        [back] = await self._ask([PUT_BACK.call(keys, shelf.id, worker, micros(due), 0)])
        if back == IN_DOUBT:
            enter = entering(lane, [entry])
            [_, back, _] = await self._ask([enter, PUT_BACK.call(keys, shelf.id, worker, micros(due), 1), enter])
        if back != 1:
            return False
        await self._ask([*moving(lane, entry), *then])
        return True

    async def amend(self, held: Held, worker: str) -> bool:
        parcel = wrapped(self._vault, held)
        amending = [AMEND.call((s.held, s.parcels), held.id, worker, parcel) for s in self._shelves(held)]
        return any(await self._kept(amending))

    async def drop(
        self, id_: str, minted: str, worker: str | None, twin: bytes = b"", *, end: End | None = None
    ) -> Held | None:
        [listed] = await self._ask([packed("GET", told(known_as(id_, minted)))])
        shelf = Shelf.of(listed or b"")
        if shelf.id != id_.encode():
            return None
        keys = (shelf.held, shelf.parcels, shelf.ended, *([shelf.twin(twin)] if twin else []))
        dropping = DROP.call(keys, id_, worker or "", State.DROPPED, KEPT, LONGEST, end_written(end))
        [gone] = await self._kept([dropping])
        if gone is None:
            return None
        held = self._opened_up(shelf.id, gone)
        left = [] if end else self._left(held, shelf)
        await self._ask([packed("ZREM", due_in(held.lane), shelf.listed), *left])
        return held

    async def _doubted(self, parcels: Mapping[Shelf, bytes]) -> None:
        """The index forgets messages that are in doubt now. Those that can't be opened are found when they are due."""
        held = {shelf: self._opened(shelf, 0, parcel) for shelf, parcel in parcels.items()}
        await self._reviewed([(one.lane, shelf) for shelf, one in held.items() if one])

    def _unlisting(self, attempt: str, spot: Spot, parcel: bytes, *, shown: bool) -> list[bytes]:
        """The index forgets a message that was settled; lists as well, unless it is shown with its end."""
        shelf = spot.shelf(attempt)
        held = self._opened_up(shelf.id, (0, parcel))
        return [packed("ZREM", due_in(held.lane), shelf.listed), *([] if shown else self._left(held, shelf))]

    def _opened(self, shelf: Shelf, due: bytes | int, parcel: bytes) -> Held | None:
        return opened(self._vault, shelf.id.decode(), int(due), parcel)
