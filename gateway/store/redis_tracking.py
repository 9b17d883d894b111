"""What clients are told of their messages, from Redis: one by its id, and those that a list finds.

The indexes that lists go by are in other slots than the messages, and hints: what is gone is taken out when it is seen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain

from gateway.store.base import TRACKED
from gateway.store.endings import ending_read
from gateway.store.layout import Script, Shelf, carried, kept_by, minted_by, told
from gateway.store.owners import lists, tags, tags_of
from gateway.store.parcel import unwrapped, wrapped
from gateway.store.recipients import Recipients
from gateway.store.record import instant, micros
from gateway.store.redis_index import tracking
from gateway.store.resp import Reply, packed
from gateway.store.vault import Unopened
from gateway.words.decision import State
from gateway.words.held import Held, Tracked

OVERWRITE = Script.named("overwrite")
KEPT = int(TRACKED.total_seconds())
LISTED = 2 * KEPT  # seconds: longer than a message waits and is tracked


class RedisTracking(Recipients):
    """Tracks under whatever hash a message was held."""

    _clock: Callable[[], datetime]

    @abstractmethod
    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """Their replies. Raises StoreAway."""

    @abstractmethod
    async def _kept(self, commands: list[bytes]) -> list[Reply]:
        """Their replies, once replicas have what was written. Raises StoreAway."""

    async def track(self, minted: str) -> Tracked | None:
        listed, carrier_id = await self._ask([packed("GET", told(minted)), packed("GET", carried(minted))])
        if listed is None:
            return None
        shelf = Shelf.of(listed)
        [found] = await self._ask([tracking(shelf)])
        return self._tracked(shelf, found, (carrier_id or b"").decode())

    async def kept_of(self, owner: str, to: str, most: int) -> list[Tracked]:
        indexes = [kept_by(tag) for tag in tags(self._vault, owner, to)]
        listed = await self._ask([packed("ZREVRANGE", index, 0, most - 1, "WITHSCORES") for index in indexes])
        newest = sorted(chain.from_iterable(map(_scored, listed)), reverse=True)[:most]
        shelves = [Shelf.of(entry) for _, entry in newest]
        replies = await self._ask([tracking(shelf) for shelf in shelves])
        found = list(zip(shelves, replies, strict=True))
        if gone := [shelf.listed for shelf, reply in found if not _shows(reply)]:
            await self._ask([packed("ZREM", index, *gone) for index in indexes])
        opened = [one for shelf, reply in found if _shows(reply) and (one := self._openable(shelf, reply))]
        return [one for one in opened if one.held and lists(one.held, owner, to)]

    def _openable(self, shelf: Shelf, reply: Reply) -> Tracked | None:
        """None where its key is gone: it keeps nobody from seeing the others."""
        try:
            return self._tracked(shelf, reply)
        except Unopened:
            return None

    async def overwrite(self, minted: str, held: Held | None) -> bool:
        [listed] = await self._ask([packed("GET", told(minted))])
        parcel = wrapped(self._vault, held) if held else b""
        return listed is not None and await self._kept([OVERWRITE.call((Shelf.of(listed).ended,), parcel)]) == [1]

    async def accepted_as(self, minted: str, carrier_id: str) -> None:
        there, back = carried(minted), minted_by(carrier_id)
        await self._ask([packed("SET", there, carrier_id, "EX", KEPT), packed("SET", back, minted, "EX", KEPT)])

    async def minted_of(self, carrier_ids: Sequence[str]) -> dict[str, str]:
        found = await self._ask([packed("GET", minted_by(carrier_id)) for carrier_id in carrier_ids])
        return {own: minted.decode() for own, minted in zip(carrier_ids, found, strict=True) if minted is not None}

    def _entered(self, held: Held, shelf: Shelf) -> list[bytes]:
        """Into the indexes of lists, from which what is long forgotten goes."""
        at = micros(self._clock())
        return [
            command
            for tag in tags_of(self._vault, held) or ()
            for command in (
                packed("ZADD", kept_by(tag), "NX", at, shelf.listed),
                packed("ZREMRANGEBYSCORE", kept_by(tag), "-inf", at - LISTED * 1_000_000),
                packed("EXPIRE", kept_by(tag), LISTED),
            )
        ]

    def _left(self, held: Held, shelf: Shelf) -> list[bytes]:
        """Out of them: no list of ours shows it any more."""
        return [packed("ZREM", kept_by(tag), shelf.listed) for tag in tags_of(self._vault, held) or ()]

    def _tracked(self, shelf: Shelf, found: Reply, carrier_id: str = "") -> Tracked | None:
        if found is None:
            return None
        id_ = shelf.id.decode()
        if isinstance(found, bytes):
            over = ending_read(found)
            held = None if over.parcel is None else self._opened_up(shelf.id, (over.due, over.parcel))
            return Tracked(id_, over.state, instant(over.due), carrier_id, held, over.end)
        state, due, parcel = found
        return Tracked(
            id_, State(state.decode()), instant(int(due)), carrier_id, self._opened_up(shelf.id, (due, parcel))
        )

    def _opened_up(self, id_: bytes, found: Sequence[Reply]) -> Held:
        """Of when it is due, and its parcel."""
        due, parcel = found
        return unwrapped(self._vault, id_.decode(), int(due), parcel)


def _shows(reply: Reply) -> bool:
    """Whether anything of it is to be shown."""
    return reply is not None and not (isinstance(reply, bytes) and ending_read(reply).parcel is None)


def _scored(listed: Sequence[bytes]) -> list[tuple[float, bytes]]:
    return [(float(score), entry) for entry, score in zip(listed[::2], listed[1::2], strict=True)]
