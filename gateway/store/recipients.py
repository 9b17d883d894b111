"""What every store does alike with recipients: hash, change the record, seal what is apart. The rest is hooks."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from gateway.store.base import Remembered
from gateway.store.details import detail_text, with_detail
from gateway.store.entries import entry_id, entry_read, entry_text
from gateway.store.links import Linker, row_of
from gateway.store.record import NOTHING, Asked, Entered, Record, part_of
from gateway.store.vault import Hash, Unopened, Vault
from gateway.telemetry import log
from gateway.words.facts import Facts, Reservation, Stop, Suppression, SuppressionKind
from gateway.words.ledger import Entry, in_force
from gateway.words.link import Link
from gateway.words.number import Number
from gateway.words.question import Question

TOUCHED = 10_000  # numbers that are remembered for a move at most; the others are touched again, or found otherwise
BATCH = 500  # things in one round trip or transaction, so that nobody waits long for it

Item = TypeVar("Item")

Kept = tuple[Hash, Record, Mapping[bytes, bytes]]

NO_CLAIMS: Mapping[str, tuple[datetime, ...]] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one recipient's record, and the sealed parts that come with it."""

    edit: Callable[[Record], Record]
    sealed: Mapping[bytes, bytes] = field(default_factory=dict)

    def parts(self, old: Record, new: Record) -> dict[bytes, bytes]:
        """What becomes of sealed parts when `old` becomes `new`: to be written; to be forgotten where empty."""
        before, after = set(old.parts), set(new.parts)
        return dict.fromkeys(before - after, b"") | {
            part: sealed for part, sealed in self.sealed.items() if part not in before
        }


class Recipients(ABC):
    """Suppressions, the ledger of consent, open questions, lists and keys, on top of a store.

    It must be able to change one record, list or key at a time.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._linker = Linker(vault)
        self._touched: set[str] = set()

    @abstractmethod
    async def _change(self, place: Hash, change: Change) -> tuple[Record, Record]:
        """Apply it to the record in `place`, atomically and durably; the record before and after."""

    @abstractmethod
    async def _change_all(self, changes: Sequence[tuple[Hash, Change]]) -> int:
        """Each as `_change` does, in few round trips or one transaction; how many made a difference."""

    @abstractmethod
    def _pages(self) -> AsyncIterator[Sequence[Kept]]:
        """Every record with its sealed parts, some at a time."""

    @abstractmethod
    async def _unlist(self, name: str) -> int:
        """Take everybody off a list; how many there were."""

    @abstractmethod
    async def _note(self, key: bytes) -> None:
        """It is known for KNOWN."""

    @abstractmethod
    async def _read(self, place: Hash) -> tuple[Record, Mapping[bytes, bytes]]:
        """The record in `place` and its sealed parts."""

    @abstractmethod
    async def _enlist(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """Put numbers on a list, each given by all its hashes; how many were new."""

    @abstractmethod
    async def _strike(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """Take numbers off a list; how many were on it."""

    @abstractmethod
    async def _once(self, key: bytes, digest: bytes) -> bool:
        """Whether the key is new, or has this very digest."""

    @abstractmethod
    def under_keys(self, *, renew: bool = False) -> AsyncIterator[Mapping[str, int]]:
        """As a Store does it."""

    async def once(self, key: str, digest: str) -> bool:
        (first, said), *older = zip(self._vault.hashes(key), self._vault.hashes(digest), strict=True)
        for place, hashed in older:
            if (told := await self._told(place.digest)) is not None:
                return told == hashed.digest
        return await self._once(first.digest, said.digest)

    @abstractmethod
    async def _told(self, key: bytes) -> bytes | None:
        """With which digest `_once` was told the key; None: it was not."""

    async def known(self, key: str) -> bool:
        told = [await self._told(place.digest) for place in self._vault.hashes(key)]
        return any(digest is not None for digest in told)

    @abstractmethod
    async def _unsaid(self, key: bytes) -> None:
        """`_once` was never told the key."""

    async def unsaid(self, key: str) -> None:
        for place in self._vault.hashes(key):
            await self._unsaid(place.digest)

    @abstractmethod
    async def _rows_of(self, rows: Sequence[bytes]) -> Sequence[bytes | None]:
        """The sealed rows of links, in order."""

    async def linked(self, tokens: Sequence[str]) -> list[Link | None]:
        found = await self._rows_of([row_of(token) for token in tokens]) if tokens else ()
        return [self._whose(token, sealed) for token, sealed in zip(tokens, found, strict=True)]

    def _whose(self, token: str, sealed: bytes | None) -> Link | None:
        try:
            return self._linker.opened(token, sealed) if sealed else None
        except Unopened as error:
            log.error("an opt-out link can't be read", why=str(error))
            return None

    def _link_rows(self, reservations: Sequence[Reservation]) -> list[tuple[bytes, bytes]]:
        """What is to be kept of the links that these texts hold: where, and the sealed row."""
        return [(row_of(r.link.token), self._linker.sealed(r.link)) for r in reservations if r.link]

    async def enlist(self, name: str, numbers: Sequence[Number]) -> int:
        return sum([await self._enlist(name, self._hashes(some)) for some in batches(numbers)])

    async def strike(self, name: str, numbers: Sequence[Number]) -> int:
        return sum([await self._strike(name, self._hashes(some)) for some in batches(numbers)])

    async def unlist(self, name: str) -> int:
        return await self._unlist(name)

    def _hashes(self, numbers: Sequence[Number]) -> list[list[Hash]]:
        return [self._vault.hashes(number.e164) for number in numbers]

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None:
        for place in reversed(self._vault.abreast(number.e164)):
            await self._change(
                *self._suppressing(number, place, suppression, heard or suppression.at, replayed=replayed)
            )

    async def suppress_all(
        self, said: Sequence[tuple[Number, Suppression]], heard: datetime, *, batch: str = "", replayed: bool = False
    ) -> int:
        abreast = [(number, self._vault.abreast(number.e164), one) for number, one in said]
        also = [
            self._suppressing(number, place, one, heard, replayed=replayed)
            for number, (_, *beside), one in abreast
            for place in beside
        ]
        await self._change_all(also)
        changed = await self._change_all(
            [self._suppressing(number, place, one, heard, replayed=replayed) for number, (place, *_), one in abreast]
        )
        if batch:
            await self._note(self._vault.hashes(_batch(batch))[0].digest)
        return changed

    def _suppressing(
        self, number: Number, place: Hash, suppression: Suppression, heard: datetime, *, replayed: bool
    ) -> tuple[Hash, Change]:
        part = part_of(suppression.kind, suppression.scope, suppression.source)
        sealed = {part: self._sealed(number, place, part, detail_text(suppression))}
        return place, Change(lambda record: record.suppressed(suppression, heard, replayed=replayed), sealed)

    async def has_batches(self, batches: Sequence[str]) -> list[bool]:
        return await asyncio.gather(*(self.known(_batch(one)) for one in batches))

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int:
        change = Change(lambda record: record.lifted(kind, scope, before))
        changed = [await self._change(place, change) for place in self._all_of(number)]
        return len({mark.part for old, new in changed for mark in set(old.in_force) - set(new.in_force)})

    async def enter(self, number: Number, entry: Entry, key: str = "") -> bool:
        places = reversed(self._vault.abreast(number.e164))
        changed = [await self._change(*self._entering(number, place, entry, key)) for place in places]
        old, new = changed[-1]
        return new != old

    async def enter_all(self, entries: Sequence[tuple[Number, Entry]]) -> int:
        abreast = [(number, self._vault.abreast(number.e164), entry) for number, entry in entries]
        await self._change_all(
            [self._entering(number, place, entry) for number, (_, *beside), entry in abreast for place in beside]
        )
        return await self._change_all([self._entering(number, place, entry) for number, (place, *_), entry in abreast])

    def _entering(self, number: Number, place: Hash, entry: Entry, key: str = "") -> tuple[Hash, Change]:
        id_ = entry_id(entry, key)
        entered = Entered(entry.happened, entry.what, id_)
        sealed = {entered.part: self._sealed(number, place, entered.part, entry_text(entry))}
        return place, Change(lambda record: record.entering(*entered), sealed)

    async def ledger(self, number: Number) -> tuple[Entry, ...]:
        """What is remembered under several hashes at once, while it moves, is told once."""
        found = {one: entry for place in self._all_of(number) for one, entry in await self._entries(place)}
        return tuple(found.values())

    async def _entries(self, place: Hash) -> list[tuple[bytes, Entry]]:
        record, sealed = await self._read(place)
        return list(zip([one.part for one in record.entered], self._entries_in(place, record, sealed), strict=True))

    def _all_of(self, number: Number) -> list[Hash]:
        """The current one last: what moves from the others to it is never overlooked."""
        return self._vault.hashes(number.e164)[::-1]

    def _entries_in(self, place: Hash, record: Record, sealed: Mapping[bytes, bytes]) -> list[Entry]:
        return [entry_read(one, self._detail(place, one.part, sealed)) for one in record.entered]

    async def everybody(self) -> AsyncIterator[list[Remembered]]:
        several = len(self._vault.hashes("")) > 1
        async for page in self._pages():
            found = [self._remembered(*kept) for kept in page]
            if several:
                found = [await self._whole(place, one) for (place, *_), one in zip(page, found, strict=True) if one]
            yield [one for one in found if one]

    def _remembered(self, place: Hash, record: Record, sealed: Mapping[bytes, bytes]) -> Remembered | None:
        """None: there is nothing to tell, or its number is nowhere."""
        said, entries = self._unsealed_in(place, record, sealed), self._entries_in(place, record, sealed)
        part = next((part for part in record.parts if part in sealed), None)
        if part is None or not (said or entries):
            return None
        number = self._vault.open(sealed[part], place.digest + part).decode().partition("\n")[0]
        return Remembered(number, tuple(said), tuple(entries))

    async def _whole(self, place: Hash, one: Remembered) -> Remembered | None:
        """With what is under the number's other hashes; None where it is told with one of those."""
        places = self._vault.hashes(one.number)
        found = [self._remembered(each, *await self._read(each)) for each in places]
        first = next((each for each, there in zip(places, found, strict=True) if there), None)
        if first != place:
            return None
        told = [there for there in found if there]
        suppressions = merged([there.suppressions for there in told])
        entries = dict.fromkeys(entry for there in reversed(told) for entry in there.entries)
        return Remembered(one.number, suppressions, tuple(entries))

    async def ask(self, number: Number, question: Question) -> None:
        place, asked = self._vault.hashes(number.e164)[0], Asked.of(question)
        sealed = {asked.part: self._sealed(number, place, asked.part, question.detail)}
        await self._change(place, Change(lambda record: record.asking(question), sealed))

    async def questions(self, number: Number, now: datetime) -> tuple[Question, ...]:
        found = dict.fromkeys([one for place in self._all_of(number) for one in await self._open(place)])
        return tuple(one for one in found if one.until > now)

    async def _open(self, place: Hash) -> list[Question]:
        record, sealed = await self._read(place)
        return [one.question(self._detail(place, one.part, sealed)) for one in record.asked]

    async def answered(self, number: Number, question: Question) -> bool:
        change = Change(lambda record: record.answered(question))
        changed = [await self._change(place, change) for place in self._all_of(number)]
        return any(new != old for old, new in changed)

    async def suppressions(self, number: Number) -> tuple[Suppression, ...]:
        found = [await self._unsealed(place) for place in self._all_of(number)]
        return merged(found)

    async def _unsealed(self, place: Hash) -> list[Suppression]:
        return self._unsealed_in(place, *await self._read(place))

    def _unsealed_in(self, place: Hash, record: Record, sealed: Mapping[bytes, bytes]) -> list[Suppression]:
        return [with_detail(mark.suppression, self._detail(place, mark.part, sealed)) for mark in record.in_force]

    def _touch(self, numbers: Iterable[str]) -> None:
        """Who is looked up is known by number just now: what is under older hashes can move to the current one."""
        if self._vault.superseded and len(self._touched) < TOUCHED:
            self._touched.update(numbers)

    def _taken_touched(self) -> list[str]:
        return [self._touched.pop() for _ in range(min(BATCH, len(self._touched)))]

    def _number_of(self, place: Hash, parts: Mapping[bytes, bytes]) -> str | None:
        """Whose this is: every sealed part says so. None: there is none that opens."""
        for part, sealed in parts.items():
            try:
                return self._vault.open(sealed, place.digest + part).decode().partition("\n")[0]
            except Unopened as error:
                log.error("a sealed part of a record can't be opened", why=str(error))
        return None

    def _sealed(self, number: Number, place: Hash, part: bytes, detail: str) -> bytes:
        """The number goes with it: what is kept under a hash must still be exportable."""
        return self._vault.seal(f"{number.e164}\n{detail}".encode(), place.digest + part)

    def _detail(self, place: Hash, part: bytes, sealed: Mapping[bytes, bytes]) -> str:
        if part not in sealed:
            return ""
        return self._vault.open(sealed[part], place.digest + part).decode().partition("\n")[2]


def _batch(id_: str) -> str:
    return f"batch\n{id_}"


def batches(many: Sequence[Item], size: int = BATCH) -> Iterator[Sequence[Item]]:
    return (many[start : start + size] for start in range(0, len(many), size))


def merged(found: Sequence[Sequence[Suppression]]) -> tuple[Suppression, ...]:
    """What is remembered under several hashes of one number: of the same suppression the earliest."""
    kept: dict[tuple[str, str, str], Suppression] = {}
    for suppression in sorted((one for several in found for one in several), key=lambda one: one.at):
        kept.setdefault((suppression.kind, suppression.scope, suppression.source), suppression)
    return tuple(kept.values())


def facts(
    records: Sequence[Record],
    instructed: int | None,
    base: int = 0,
    *,
    counted: Mapping[str, tuple[datetime, ...]] = NO_CLAIMS,
    lists: tuple[str, ...] = (),
    stopped: Stop | None = None,
) -> Facts:
    """What is remembered under all hashes of a number, the current one's first: its revision counts, from `base` on.

    `instructed`: seconds since 1970.
    """
    if (
        instructed is None
        and not (base or counted or lists or stopped)
        and all(record is NOTHING for record in records)
    ):
        return Facts.NONE
    return Facts(
        suppressions=merged([[mark.suppression for mark in record.in_force] for record in records]),
        consents=in_force(dict.fromkeys(entered for record in reversed(records) for entered in record.entered)),
        instructed=None if instructed is None else datetime.fromtimestamp(instructed, UTC),
        counted=counted,
        lists=lists,
        stopped=stopped,
        revision=base + records[0].revision,
    )
