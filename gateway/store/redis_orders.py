"""What operators see to in Redis: lists of numbers, stops of programs, the keys of their requests, doubtful replies."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from gateway.store.base import KNOWN, REPEATABLE
from gateway.store.doubtful_kept import opened, sealed
from gateway.store.layout import DOUBTFUL, FIELD_BYTES, STOPS, Spot, index_of, once
from gateway.store.recipients import BATCH, Recipients
from gateway.store.record import instant, micros
from gateway.store.resp import Reply, packed
from gateway.store.vault import Hash
from gateway.words.doubtful import Doubtful
from gateway.words.facts import SCOPE_ALL, Stop

READ_STOPS = packed("HGETALL", STOPS)


class RedisOrders(Recipients):
    """A number's place on a list is beside its record; an index of the whole list is never short of one."""

    @abstractmethod
    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """Their replies. Raises StoreAway."""

    async def _enlist(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """The index goes first, in the same write."""
        spots = [Spot.of(hashes[0]) for hashes in await self._strangers(name, places)]
        if not spots:
            return 0
        index = packed("SADD", index_of(name), *(spot.entry for spot in spots))
        replies = await self._ask([index, *(packed("HSET", spot.records, spot.on_list(name), 1) for spot in spots)])
        return sum(replies[1:])

    async def _strangers(self, name: str, places: Sequence[Sequence[Hash]]) -> Sequence[Sequence[Hash]]:
        """Those that are not on the list under an older hash."""
        older = [Spot.of(hash_) for hashes in places for hash_ in hashes[1:]]
        replies = await self._ask([packed("HEXISTS", spot.records, spot.on_list(name)) for spot in older])
        known = {spot for spot, there in zip(older, replies, strict=True) if there}
        return [hashes for hashes in places if known.isdisjoint(map(Spot.of, hashes[1:]))]

    async def _strike(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """The index goes last."""
        spots = [[Spot.of(hash_) for hash_ in hashes] for hashes in places]
        flat = [spot for several in spots for spot in several]
        index = packed("SREM", index_of(name), *(spot.entry for spot in flat))
        replies = await self._ask([*(packed("HDEL", spot.records, spot.on_list(name)) for spot in flat), index])
        gone = iter(replies)
        return sum(max(next(gone) for _ in several) for several in spots)

    async def _unlist(self, name: str) -> int:
        """The index goes last: who breaks off can begin again."""
        gone = 0
        while entries := (await self._ask([packed("SRANDMEMBER", index_of(name), BATCH)]))[0]:
            spots = [Spot(entry[:-FIELD_BYTES], entry[-FIELD_BYTES:]) for entry in entries]
            off = [packed("HDEL", spot.records, spot.on_list(name)) for spot in spots]
            gone += (await self._ask([*off, packed("SREM", index_of(name), *entries)]))[-1]
        return gone

    async def _note(self, key: bytes) -> None:
        await self._ask([packed("SET", once(key), b"", "EX", int(KNOWN.total_seconds()))])

    async def _once(self, key: bytes, digest: bytes) -> bool:
        known = once(key)
        kept = int(REPEATABLE.total_seconds())
        _, told = await self._ask([packed("SET", known, digest, "EX", kept, "NX"), packed("GET", known)])
        return bool(told == digest)

    async def _told(self, key: bytes) -> bytes | None:
        [told] = await self._ask([packed("GET", once(key))])
        return None if told is None else bytes(told)

    async def _unsaid(self, key: bytes) -> None:
        await self._ask([packed("DEL", once(key))])

    async def wonder(self, reply: Doubtful) -> None:
        await self._ask([packed("HSETNX", DOUBTFUL, reply.id, sealed(self._vault, reply))])

    async def doubtful(self) -> list[Doubtful]:
        [kept] = await self._ask([packed("HGETALL", DOUBTFUL)])
        found = [opened(self._vault, id_.decode(), each) for id_, each in zip(kept[::2], kept[1::2], strict=True)]
        return sorted(found, key=lambda one: one.at)

    async def judged(self, id_: str) -> bool:
        [gone] = await self._ask([packed("HDEL", DOUBTFUL, id_)])
        return bool(gone)

    async def listed(self, name: str) -> int:
        [held] = await self._ask([packed("SCARD", index_of(name))])
        return int(held)

    async def stop(self, stop: Stop) -> None:
        await self._ask([packed("HSET", STOPS, stop.program, f"{micros(stop.at)}|{stop.reason}")])

    async def resume(self, program: str) -> bool:
        [gone] = await self._ask([packed("HDEL", STOPS, program)])
        return bool(gone)

    async def stops(self) -> tuple[Stop, ...]:
        [written] = await self._ask([READ_STOPS])
        return tuple(sorted(stops_read(written).values(), key=lambda stop: stop.at))


def stops_read(pairs: Sequence[bytes]) -> dict[str, Stop]:
    """The reply to READ_STOPS, by program."""
    return {name.decode(): _stop(name, written) for name, written in zip(pairs[::2], pairs[1::2], strict=True)}


def stop_of(program: str, stops: Mapping[str, Stop]) -> Stop | None:
    """What keeps a program from sending: its own stop, or that of all, which wins."""
    return stops.get(SCOPE_ALL) or stops.get(program)


def _stop(program: bytes, written: bytes) -> Stop:
    at, _, reason = written.partition(b"|")
    return Stop(program.decode(), reason.decode(), instant(int(at)))
