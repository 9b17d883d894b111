"""Brings what Redis keeps under the current keys, key by key as a scan tells them.

In place something is changed only if it is still what was read. What goes to another hash of its number is in another
slot: it is written there first, and removed here only if it is still what was copied. Who reads asks the old place
first, so that it is never overlooked; whoever is killed in between leaves it in both, where the next finds it.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import NamedTuple

from gateway.store import doubtful_kept, links
from gateway.store.claims import tag_of
from gateway.store.endings import ending_read
from gateway.store.layout import DOUBTFUL, FIELD_BYTES, Script, Spot, index_of, parts_by_field, place_at
from gateway.store.recipients import Recipients, batches
from gateway.store.record import Record
from gateway.store.redis_records import BUCKETS, ROUNDS, SCANNED
from gateway.store.resp import Reply, packed
from gateway.store.vault import Hash, Unopened, sealed_by
from gateway.telemetry import log

SHIFT, SHIFT_END = Script.named("shift"), Script.named("shift_end")

_NAME = re.compile(rb"sg:\{([a-z0-9]{1,8}):([0-9a-f]{4})\}(|:sealed|:open|:parcels|:ended:.*)\Z", re.DOTALL)
_TAGS = re.compile(rb"sg:\{k:([0-9a-f]+)\}\Z")  # of owners.py: they begin with a key's id
_LINK = b"link"

Fields = dict[bytes, bytes]


class Cell(NamedTuple):
    """One value of which the end is sealed. `field` is empty where the key holds nothing else."""

    key: bytes
    field: bytes
    value: bytes
    sealed: bytes
    context: bytes


class RedisRenewal(Recipients):
    """Of one server."""

    @abstractmethod
    async def _ask(self, commands: list[bytes]) -> list[Reply]:
        """Their replies. Raises StoreAway."""

    @abstractmethod
    async def _kept(self, commands: list[bytes]) -> list[Reply]:
        """Their replies, once replicas have what was written. Raises StoreAway."""

    async def under_keys(self, *, renew: bool = False) -> AsyncIterator[Mapping[str, int]]:
        """A key that is made or moves meanwhile may be told of twice, or not at all."""
        listed = await self._lists() if renew else {}
        async for names in self._names(b"sg:{*"):
            for some in batches(names, BUCKETS):
                if renew:
                    await self._gather_touched(listed)
                    await self._renew(some, listed)
                yield await self._counted(some)

    async def _names(self, pattern: bytes) -> AsyncIterator[list[bytes]]:
        cursor = b"0"
        while True:
            [(cursor, names)] = await self._ask([packed("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED)])
            yield list(dict.fromkeys(names))
            if cursor == b"0":
                return

    async def _lists(self) -> dict[bytes, str]:
        """The names of all lists, by their tags."""
        start, end = index_of("*").split(b"*")
        found = [name async for names in self._names(start + b"*") for name in names]
        names = [name.removeprefix(start).removesuffix(end).decode() for name in found]
        return {tag_of(name): name for name in names}

    async def _counted(self, names: Sequence[bytes]) -> Counter[str]:
        found = Counter(_tagged_by(name) for name in names if _TAGS.match(name))
        records = [name for name in names if _kind(name) == b"" and _id(name) != _LINK]
        sizes = await self._ask([packed("HLEN", name) for name in records])
        for name, size in zip(records, sizes, strict=True):
            found[_id(name).decode()] += size
        for cell in await self._cells(names):
            found[sealed_by(cell.sealed).decode()] += 1
            if (id_ := _id(cell.key)) not in {b"", _LINK}:
                found[id_.decode()] += 1
        return found

    async def _cells(self, names: Sequence[bytes]) -> list[Cell]:
        """What is sealed under these keys."""
        hashes = [n for n in names if n == DOUBTFUL or _kind(n) in {b":sealed", b":open", b":parcels"} or _is_link(n)]
        ends = [name for name in names if (_kind(name) or b"").startswith(b":ended:")]
        replies = await self._ask([packed("HGETALL", name) for name in hashes] + [packed("GET", name) for name in ends])
        pairs = zip(hashes, replies[: len(hashes)], strict=True)
        cells = [_cell(name, *one) for name, flat in pairs for one in zip(flat[::2], flat[1::2], strict=True)]
        over = zip(ends, replies[len(hashes) :], strict=True)
        return cells + [cell for name, value in over if value and (cell := _ended(name, value))]

    async def _renew(self, names: Sequence[bytes], lists: Mapping[bytes, str]) -> None:
        superseded = set(map(str.encode, self._vault.superseded))
        for name in names:
            if _kind(name) == b":sealed" and _id(name) in superseded:
                await self._emptied(name, lists)
        cells = await self._cells(names)
        anew = ((cell, self._vault.sealed_anew(cell.sealed, cell.context)) for cell in cells)
        await self._kept([_resealing(cell, sealed) for cell, sealed in anew if sealed])

    async def _emptied(self, name: bytes, lists: Mapping[bytes, str]) -> None:
        """A bucket of sealed parts: whose they are is known, and all that is beside them can go."""
        [flat] = await self._ask([packed("HGETALL", name)])
        for field, parts in parts_by_field(flat).items():
            old = place_at(_tag(name), field)
            if number := self._number_of(old, parts):
                await self._gather(number, old, lists)

    async def _gather_touched(self, lists: Mapping[bytes, str]) -> None:
        superseded = self._vault.superseded
        for number in self._taken_touched():
            for old in self._vault.hashes(number):
                if old.key in superseded:
                    await self._gather(number, old, lists)

    async def _gather(self, number: str, old: Hash, lists: Mapping[bytes, str]) -> None:
        """What is remembered under this hash goes to the number's current one. What can't be opened keeps it here."""
        place = self._vault.hashes(number)[0]
        there, here = Spot.of(old), Spot.of(place)
        try:
            for _ in range(ROUNDS):
                records, sealed = await self._under(there)
                if not records and not sealed:
                    return
                joining = await self._joining(here, place, old, records, sealed)
                on = [lists[suffix[1:]] for suffix in records if suffix[:1] == b"@" and suffix[1:] in lists]
                await self._ask([packed("SADD", index_of(name), here.entry) for name in on])
                if (await self._kept([joining]))[0] and (await self._kept([_removing(there, records, sealed)]))[0]:
                    await self._ask([packed("SREM", index_of(name), there.entry) for name in on])
                    return
        except Unopened as error:
            log.error("a sealed part of a record can't be opened", why=str(error))

    async def _under(self, spot: Spot) -> tuple[Fields, Fields]:
        """One recipient's fields without the first bytes, which are the same in all; and the sealed parts."""
        replies = await self._ask([packed("HGETALL", spot.records), packed("HGETALL", spot.sealed)])
        records, sealed = (
            {
                name[FIELD_BYTES:]: value
                for name, value in zip(flat[::2], flat[1::2], strict=True)
                if name.startswith(spot.field)
            }
            for flat in replies
        )
        return records, sealed

    async def _joining(self, here: Spot, place: Hash, old: Hash, records: Fields, sealed: Fields) -> bytes:
        """The command that writes all of it to where it belongs now, beside what is there."""
        suffixes, parts = [b"", *(records.keys() - {b""})], list(sealed)
        asked = [packed("HMGET", here.records, *(here.field + suffix for suffix in suffixes))]
        asked += [packed("HMGET", here.sealed, *(here.field + part for part in parts))] if parts else []
        was, *beside = await self._ask(asked)
        joined = {s: _joined(s, own, records.get(s)) for s, own in zip(suffixes, was, strict=True)}
        kept = set(Record.from_bytes(joined[b""] or None).parts)
        lacking = [p for p, own in zip(parts, beside[0] if beside else (), strict=True) if own is None and p in kept]
        moved = [
            (2, here.field + p, b"", self._vault.seal(self._vault.open(sealed[p], old.digest + p), place.digest + p))
            for p in lacking
        ]
        changed = [(1, here.field + s, own or b"", joined[s]) for s, own in zip(suffixes, was, strict=True)]
        return _shifting((here.records, here.sealed), [*changed, *moved])


def _removing(there: Spot, records: Fields, sealed: Fields) -> bytes:
    gone = [(1, there.field + suffix, value, b"") for suffix, value in records.items()]
    return _shifting((there.records, there.sealed), [*gone, *((2, there.field + p, v, b"") for p, v in sealed.items())])


def _joined(suffix: bytes, own: bytes | None, old: bytes | None) -> bytes:
    """What a field becomes, by the rest of its name as layout.py says."""
    if not suffix:
        record = Record.from_bytes(own).joined(Record.from_bytes(old))
        return record.to_bytes() if own or old else b""
    if own is None or old is None or suffix[:1] == b"@":
        return own or old or b""
    if suffix[:1] == b"#":
        return own + old
    return max(own, old, key=int) if suffix[:1] == b":" else max(own, old)


def _shifting(keys: tuple[bytes, ...], changes: Iterable[tuple[int, bytes, bytes, bytes]]) -> bytes:
    return SHIFT.call(keys, *(part for change in changes for part in change))


def _resealing(cell: Cell, sealed: bytes) -> bytes:
    value = cell.value.removesuffix(cell.sealed) + sealed
    if not cell.field:
        return SHIFT_END.call((cell.key,), cell.value, value)
    return _shifting((cell.key,), [(1, cell.field, cell.value, value)])


def _cell(name: bytes, field: bytes, value: bytes) -> Cell:
    """One field of a hash."""
    if name == DOUBTFUL:
        return Cell(name, field, value, value, doubtful_kept.context(field.decode()))
    if _is_link(name):
        row = bytes.fromhex(_tag(name).rpartition(b":")[2].decode()) + field
        return Cell(name, field, value, value, links.context_of(row))
    if _kind(name) == b":sealed":
        digest = place_at(_tag(name), field[:FIELD_BYTES]).digest
        return Cell(name, field, value, value, digest + field[FIELD_BYTES:])
    sealed = value.split(b"|", 3)[3] if _kind(name) == b":open" else value
    return Cell(name, field, value, sealed, field)


def _ended(name: bytes, value: bytes) -> Cell | None:
    """None where nothing is kept of that message."""
    parcel = ending_read(value).parcel
    return Cell(name, b"", value, parcel, (_kind(name) or b"").removeprefix(b":ended:")) if parcel else None


def _kind(name: bytes) -> bytes | None:
    """What stands behind the tag of a bucket; None: this is none."""
    found = _NAME.match(name)
    return found[3] if found else None


def _id(name: bytes) -> bytes:
    """The hashing key's id in the name of a bucket; empty where it is none."""
    found = _NAME.match(name)
    return found[1] if found else b""


def _tag(name: bytes) -> bytes:
    return name.partition(b"{")[2].partition(b"}")[0]


def _is_link(name: bytes) -> bool:
    return _id(name) == _LINK


def _tagged_by(name: bytes) -> str:
    found = _TAGS.match(name)
    return bytes.fromhex(found[1].decode()).partition(b":")[0].decode() if found else ""
