"""Recipients' records in Redis: how one is changed, or many, and how all of them are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import chain

from gateway.store.layout import SEALED, Script, Spot, parts_by_field, place_at, tag_in
from gateway.store.recipients import Change, Kept, batches
from gateway.store.record import Record
from gateway.store.redis_orders import RedisOrders
from gateway.store.resp import Reply, packed
from gateway.store.vault import Hash
from gateway.words.errors import StoreAway

ROUNDS = 16  # of changing a record that others change too
SCANNED, BUCKETS = 1000, 50  # keys that one step of a scan looks at, and buckets that are read at once

SWAP = Script.named("swap")


class RedisRecords(RedisOrders):
    """A record is read, changed here, and swapped if it is still the one that was read."""

    _replicas: int  # that must have what is written

    @abstractmethod
    async def _kept(self, commands: list[bytes]) -> list[Reply]:
        """Their replies, once that many replicas have it. Raises StoreAway."""

    async def _change(self, place: Hash, change: Change) -> tuple[Record, Record]:
        spot = Spot.of(place)
        for _ in range(ROUNDS):
            [read] = await self._ask([packed("HGET", spot.records, spot.field)])
            old = Record.from_bytes(read)
            new = change.edit(old)
            unchanged = new == old and not self._replicas  # else it is written again: only then replicas are asked
            if unchanged or await self._swapped(spot, read, new, change.parts(old, new)):
                return old, new
        raise StoreAway("this recipient's record keeps changing; nothing was changed by this call")

    async def _change_all(self, changes: Sequence[tuple[Hash, Change]]) -> int:
        """In two round trips; what somebody else changes meanwhile, or what is named twice, once more by itself."""
        return sum([await self._changed(some) for some in batches(changes)])

    async def _changed(self, changes: Sequence[tuple[Hash, Change]]) -> int:
        spots = [Spot.of(place) for place, _ in changes]
        read = await self._ask([packed("HGET", spot.records, spot.field) for spot in spots])
        olds = list(map(Record.from_bytes, read))
        news = [change.edit(old) for (_, change), old in zip(changes, olds, strict=True)]
        differing = [i for i, (old, new) in enumerate(zip(olds, news, strict=True)) if old != new]
        moving = list(range(len(olds))) if self._replicas else differing
        swaps = [_swap(spots[i], read[i], news[i], changes[i][1].parts(olds[i], news[i])) for i in moving]
        swapped = await self._kept(swaps)
        lost = [i for i, yes in zip(moving, swapped, strict=True) if not yes]
        again = [await self._change(*changes[i]) for i in lost]
        return len(set(differing) - set(lost)) + sum(old != new for old, new in again)

    async def _pages(self) -> AsyncIterator[Sequence[Kept]]:
        """Bucket by bucket, once each: a scan may tell of one twice."""
        cursor, seen = b"0", set[bytes]()
        while True:
            [(cursor, keys)] = await self._ask([packed("SCAN", cursor, "MATCH", SEALED, "COUNT", SCANNED)])
            fresh = [key for key in dict.fromkeys(keys) if key not in seen]
            seen.update(fresh)
            for some in batches(fresh, BUCKETS):
                yield await self._records_in(some)
            if cursor == b"0":
                return

    async def _records_in(self, keys: Sequence[bytes]) -> Sequence[Kept]:
        tags = [tag_in(key) for key in keys]
        sealed = [parts_by_field(one) for one in await self._ask([packed("HGETALL", key) for key in keys])]
        asked = [packed("HMGET", Spot(tag, b"").records, *f) for tag, f in zip(tags, sealed, strict=True) if f]
        records = chain.from_iterable(await self._ask(asked))
        places = [
            (place_at(tag, field), parts) for tag, f in zip(tags, sealed, strict=True) for field, parts in f.items()
        ]
        return [(place, Record.from_bytes(one), parts) for (place, parts), one in zip(places, records, strict=True)]

    async def _swapped(self, spot: Spot, read: bytes | None, new: Record, parts: Mapping[bytes, bytes]) -> bool:
        [swapped] = await self._kept([_swap(spot, read, new, parts)])
        return bool(swapped)

    async def _read(self, place: Hash) -> tuple[Record, Mapping[bytes, bytes]]:
        spot = Spot.of(place)
        [read] = await self._ask([packed("HGET", spot.records, spot.field)])
        record = Record.from_bytes(read)
        parts = record.parts
        sealed = await self._ask([packed("HGET", spot.sealed, spot.field + part) for part in parts])
        return record, {part: value for part, value in zip(parts, sealed, strict=True) if value is not None}


def _swap(spot: Spot, read: bytes | None, new: Record, parts: Mapping[bytes, bytes]) -> bytes:
    sealed = chain.from_iterable((spot.field + part, value) for part, value in parts.items())
    return SWAP.call((spot.records, spot.sealed), spot.field, read or b"", new.to_bytes(), *sealed)
