"""What every store does alike with recipients: hash, change the record, seal what is apart. The rest is hooks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from gateway.store.record import NOTHING, Record, micros, part_of
from gateway.store.vault import Hash, Vault
from gateway.words.facts import Consent, Facts, Stop, Suppression, SuppressionKind
from gateway.words.number import Number

BATCH = 500  # things in one round trip or transaction, so that nobody waits long for it

Item = TypeVar("Item")

NO_CLAIMS: Mapping[str, tuple[datetime, ...]] = {}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one recipient's record, and the sealed parts that come with it."""

    edit: Callable[[Record], Record]
    sealed: Mapping[bytes, bytes] = field(default_factory=dict)

    def parts(self, old: Record, new: Record) -> dict[bytes, bytes]:
        """What becomes of sealed parts when `old` becomes `new`: to be written; to be forgotten where empty."""
        before, after = ({mark.part for mark in record.in_force} for record in (old, new))
        return dict.fromkeys(before - after, b"") | {
            part: sealed for part, sealed in self.sealed.items() if part not in before
        }


class Recipients(ABC):
    """Suppressions, consents and lists, on top of a store that can change one record or list at a time."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    @abstractmethod
    async def _change(self, place: Hash, change: Change) -> tuple[Record, Record]:
        """Apply it to the record in `place`, atomically and durably; the record before and after."""

    @abstractmethod
    async def _read(self, place: Hash) -> tuple[Record, Mapping[bytes, bytes]]:
        """The record in `place` and its sealed parts."""

    @abstractmethod
    async def _enlist(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """Put numbers on a list, each given by all its hashes; how many were new."""

    @abstractmethod
    async def _strike(self, name: str, places: Sequence[Sequence[Hash]]) -> int:
        """Take numbers off a list; how many were on it."""

    async def enlist(self, name: str, numbers: Sequence[Number]) -> int:
        return sum([await self._enlist(name, self._hashes(some)) for some in batches(numbers)])

    async def strike(self, name: str, numbers: Sequence[Number]) -> int:
        return sum([await self._strike(name, self._hashes(some)) for some in batches(numbers)])

    def _hashes(self, numbers: Sequence[Number]) -> list[list[Hash]]:
        return [self._vault.hashes(number.e164) for number in numbers]

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None:
        place = self._vault.hashes(number.e164)[0]
        part = part_of(suppression.kind, suppression.scope, suppression.source)
        await self._change(
            place,
            Change(
                lambda record: record.suppressed(suppression, heard or suppression.at, replayed=replayed),
                {part: self._sealed(number, place, part, suppression.detail)},
            ),
        )

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int:
        change = Change(lambda record: record.lifted(kind, scope, before))
        changed = [await self._change(place, change) for place in self._vault.hashes(number.e164)]
        return sum(len(old.in_force) - len(new.in_force) for old, new in changed)

    async def consent(self, number: Number, consent: Consent) -> None:
        place = self._vault.hashes(number.e164)[0]
        part = f"consent\n{micros(consent.at)}\n{consent.kind}\n{consent.program}".encode()
        sealed = {part: self._sealed(number, place, part, consent.wording)}
        await self._change(place, Change(lambda record: record.agreed(consent), sealed))

    async def suppressions(self, number: Number) -> tuple[Suppression, ...]:
        found = [await self._unsealed(place) for place in self._vault.hashes(number.e164)]
        return merged(found)

    async def _unsealed(self, place: Hash) -> list[Suppression]:
        record, sealed = await self._read(place)
        return [
            Suppression(mark.kind, mark.scope, mark.source, mark.suppression.at, self._detail(place, mark.part, sealed))
            for mark in record.in_force
        ]

    def _sealed(self, number: Number, place: Hash, part: bytes, detail: str) -> bytes:
        """The number goes with it: what is kept under a hash must still be exportable."""
        return self._vault.seal(f"{number.e164}\n{detail}".encode(), place.digest + part)

    def _detail(self, place: Hash, part: bytes, sealed: Mapping[bytes, bytes]) -> str:
        if part not in sealed:
            return ""
        return self._vault.open(sealed[part], place.digest + part).decode().partition("\n")[2]


def batches(many: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (many[start : start + BATCH] for start in range(0, len(many), BATCH))


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
        consents=tuple(consent for record in records for consent in record.consents),
        instructed=None if instructed is None else datetime.fromtimestamp(instructed, UTC),
        counted=counted,
        lists=lists,
        stopped=stopped,
        revision=base + records[0].revision,
    )
