"""Opt-outs that hold from the moment that they are acknowledged: in this host's journal and in the store.

A Store in front of a Store. Before anything is reserved the store has what every process of this host has journaled and
could not bring there; and when another server answers than before, or the same one after a restart, it gets the whole
journal again, for it may have lost the end of what was written.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from gateway.store.base import NO_ENDS, Changes, Check, OpenAttempt, Remembered, Store, utc_now
from gateway.store.frames import LIMIT
from gateway.store.journal import Journal, Position
from gateway.store.record import EPOCH
from gateway.store.said import Batch, Entry, Lifted, Suppressed
from gateway.words.decision import State
from gateway.words.doubt import Inquiry
from gateway.words.doubtful import Doubtful
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts, LastSent, Needs, Reservation, Stop, Suppression, SuppressionKind
from gateway.words.held import End, Held, Lane, Tracked
from gateway.words.ledger import Entry as LedgerEntry
from gateway.words.link import Link
from gateway.words.number import Number, Place
from gateway.words.question import Question

ROUNDS = 3  # of catching up, while others ring or the server changes again
TOGETHER = 256  # numbers whose entries are replayed at the same time
BACKDATED = timedelta(minutes=1)  # a suppression older than this was not heard when it says

MOST_BYTES = LIMIT // 2  # of a batch: a journal takes no longer entry

_ANYWHERE = Place("")  # the store asks for the number alone


class OptOuts:
    """A Store whose opt-outs and opt-ins are journaled first."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        clock: Callable[[], datetime] = utc_now,
        changes: Changes | None = None,
    ) -> None:
        """`changes` makes those of the store's that others are to be told of; None: nobody is."""
        self._store = store
        self._changes = changes or store
        self._journal = journal
        self._clock = clock
        self._served = ""  # the identity of the store that has all of `_reached`
        self._rung = b""
        self._reached: Position = {}
        self._lifted = EPOCH  # the latest time up to which this host's journal lifts anything
        self._unkept: list[Entry | Batch] = []  # neither the journal nor the store took them
        self._catching_up = asyncio.Lock()

    @property
    def identity(self) -> str:
        return self._store.identity

    async def open(self) -> None:
        """Opens both. A store that is away keeps nothing from starting: until it is back nothing is sent."""
        self._journal.open()
        await self._store.open()
        with suppress(StoreAway):
            await self._catch_up()

    async def close(self) -> None:
        await self._store.close()
        self._journal.close()

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None:
        """In the journal and in the store on return.

        Raises StoreAway where one of them could not be written. If it is in the journal, no process of this host
        sends before the store has it; if neither took it, this process doesn't.
        """
        heard = heard or self._heard(suppression)
        entry = Suppressed(number.e164, suppression, heard)
        await self._journaled(entry, self._changes.suppress(number, suppression, heard=heard, replayed=replayed))

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int:
        """In the journal and in the store on return; how many were lifted. Raises StoreAway as `suppress` does."""
        entry = Lifted(number.e164, kind, scope, before)
        self._lifted = max(self._lifted, before)
        lifted: int = await self._journaled(entry, self._changes.lift(number, kind, scope, before))
        return lifted

    async def suppress_all(
        self, said: Sequence[tuple[Number, Suppression]], heard: datetime, *, batch: str = "", replayed: bool = False
    ) -> int:
        """In the journal, with one sync, and in the store on return; raises StoreAway as `suppress` does."""
        if not said:
            return 0
        heard = max(heard, self._lifted + timedelta(microseconds=1))
        entry = Batch.of(batch or token_hex(16), heard, [(number.e164, one) for number, one in said])
        if len(entry.rows) > MOST_BYTES:
            halves = said[: len(said) // 2], said[len(said) // 2 :]
            return sum([await self.suppress_all(half, heard, replayed=replayed) for half in halves])
        write = self._store.suppress_all(said, heard, batch=entry.id, replayed=replayed)
        changed: int = await self._journaled(entry, write)
        return changed

    async def has_batches(self, batches: Sequence[str]) -> list[bool]:
        return await self._store.has_batches(batches)

    def _heard(self, suppression: Suppression) -> datetime:
        """When we were told, such that no replay of an older lift takes it back.

        An old date (of an imported list, say) is not when we heard of it, and a clock may have gone back.
        """
        now = self._clock()
        heard = now if suppression.at < now - BACKDATED else suppression.at
        return max(heard, self._lifted + timedelta(microseconds=1))

    async def _journaled(self, entry: Entry | Batch, write: Coroutine[Any, Any, Any]) -> Any:
        """First the journal, then the store. Where the journal fails the store is written all the same."""
        kept = False  # by one of them, at least
        try:
            try:
                await self._journal.append(entry)
                kept = True
            finally:
                answer = await write
                kept = True
        except BaseException:
            if not kept:
                self._unkept.append(entry)
            self._journal.ring()
            raise
        return answer

    async def look_up(self, needs: Sequence[Needs]) -> list[Facts]:
        if self._behind:
            await self._catch_up()
        return await self._store.look_up(needs)

    async def reserve(self, reservations: Sequence[Reservation], worker: str) -> list[bool]:
        if self._behind:
            await self._catch_up()
        return await self._store.reserve(reservations, worker)

    @property
    def _behind(self) -> bool:
        """Whether the store may lack something of the journal."""
        changed = self._journal.rung != self._rung or self._store.identity != self._served
        return changed or bool(self._unkept)

    async def _catch_up(self) -> None:
        """Bring to the store what it may lack. Raises StoreAway, and then nothing may be sent."""
        async with self._catching_up:
            await self._bring_unkept()
            for _ in range(ROUNDS):
                if not self._behind:
                    return
                await self._replay()
        raise StoreAway("opt-outs are being brought to the store; nothing was sent")

    async def _bring_unkept(self) -> None:
        """To the journal, whose replay follows, or else to the store itself. Raises StoreAway."""
        while self._unkept:
            entry = self._unkept[0]
            try:
                await self._journal.append(entry)
                self._journal.ring()
            except StoreAway:
                await (self._brought([entry]) if isinstance(entry, Batch) else self._replayed([entry]))
            del self._unkept[0]

    async def _replay(self) -> None:
        rung, identity = self._journal.rung, self._store.identity
        since = self._reached if identity == self._served else {}
        entries, reached = await asyncio.to_thread(self._journal.read, since)
        by_number: dict[str, list[Entry]] = defaultdict(list)
        await self._brought([entry for entry in entries if isinstance(entry, Batch)])
        for entry in entries:
            if isinstance(entry, Batch):
                continue
            by_number[entry.number].append(entry)
            if isinstance(entry, Lifted):
                self._lifted = max(self._lifted, entry.before)
        histories = list(by_number.values())
        for start in range(0, len(histories), TOGETHER):
            await _all(self._replayed(history) for history in histories[start : start + TOGETHER])
        self._rung, self._served, self._reached = rung, identity, reached

    async def _brought(self, journaled: Sequence[Batch]) -> None:
        """Those batches that the store has not whole, before any lift of one of their numbers is replayed."""
        there = await self._store.has_batches([one.id for one in journaled]) if journaled else []
        for one in (one for one, known in zip(journaled, there, strict=True) if not known):
            said = [(Number(number, _ANYWHERE), suppression) for number, suppression in one.said]
            await self._store.suppress_all(said, one.heard, batch=one.id, replayed=True)

    async def _replayed(self, history: Sequence[Entry]) -> None:
        """One number's entries, in the order in which they were said, to whichever process."""
        for entry in sorted(history, key=lambda entry: entry.when):
            number = Number(entry.number, _ANYWHERE)
            if isinstance(entry, Suppressed):
                await self._changes.suppress(number, entry.suppression, heard=entry.heard, replayed=True)
            else:
                await self._changes.lift(number, entry.kind, entry.scope, entry.before)

    async def settle(self, attempts: Sequence[tuple[Reservation, State]], ends: Mapping[str, End] = NO_ENDS) -> None:
        await self._store.settle(attempts, ends)

    async def last_sent(self, number: Number, program: str) -> LastSent | None:
        return await self._store.last_sent(number, program)

    async def linked(self, tokens: Sequence[str]) -> list[Link | None]:
        return await self._store.linked(tokens)

    async def suppressions(self, number: Number) -> tuple[Suppression, ...]:
        return await self._store.suppressions(number)

    async def enter(self, number: Number, entry: LedgerEntry, key: str = "") -> bool:
        return await self._changes.enter(number, entry, key)

    async def enter_all(self, entries: Sequence[tuple[Number, LedgerEntry]]) -> int:
        return await self._store.enter_all(entries)

    def everybody(self) -> AsyncIterator[list[Remembered]]:
        return self._store.everybody()

    async def ledger(self, number: Number) -> tuple[LedgerEntry, ...]:
        return await self._store.ledger(number)

    async def ask(self, number: Number, question: Question) -> None:
        await self._store.ask(number, question)

    async def questions(self, number: Number, now: datetime) -> tuple[Question, ...]:
        return await self._store.questions(number, now)

    async def answered(self, number: Number, question: Question) -> bool:
        return await self._store.answered(number, question)

    async def once(self, key: str, digest: str) -> bool:
        return await self._store.once(key, digest)

    async def known(self, key: str) -> bool:
        return await self._store.known(key)

    async def unsaid(self, key: str) -> None:
        await self._store.unsaid(key)

    async def wonder(self, reply: Doubtful) -> None:
        await self._store.wonder(reply)

    async def doubtful(self) -> list[Doubtful]:
        return await self._store.doubtful()

    async def judged(self, id_: str) -> bool:
        return await self._store.judged(id_)

    async def enlist(self, name: str, numbers: Sequence[Number]) -> int:
        return await self._store.enlist(name, numbers)

    async def strike(self, name: str, numbers: Sequence[Number]) -> int:
        return await self._store.strike(name, numbers)

    async def unlist(self, name: str) -> int:
        return await self._store.unlist(name)

    async def listed(self, name: str) -> int:
        return await self._store.listed(name)

    async def stop(self, stop: Stop) -> None:
        await self._store.stop(stop)

    async def resume(self, program: str) -> bool:
        return await self._store.resume(program)

    async def stops(self) -> tuple[Stop, ...]:
        return await self._store.stops()

    async def hold(self, held: Sequence[Held], twins_within: timedelta = timedelta()) -> list[str]:
        return await self._store.hold(held, twins_within)

    async def lanes(self, now: datetime) -> list[Lane]:
        return await self._store.lanes(now)

    async def lease(self, lane: str, most: int, worker: str, now: datetime, rate: float | None) -> list[Held]:
        return await self._store.lease(lane, most, worker, now, rate)

    async def rest(self, lane: str, seconds: float) -> None:
        await self._store.rest(lane, seconds)

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        return await self._store.put_back(held, worker, due)

    async def amend(self, held: Held, worker: str) -> bool:
        return await self._store.amend(held, worker)

    async def drop(
        self, id_: str, minted: str, worker: str | None, twin: bytes = b"", *, end: End | None = None
    ) -> Held | None:
        return await self._store.drop(id_, minted, worker, twin, end=end)

    async def track(self, minted: str) -> Tracked | None:
        return await self._store.track(minted)

    async def overwrite(self, minted: str, held: Held | None) -> bool:
        return await self._store.overwrite(minted, held)

    async def kept_of(self, owner: str, to: str, most: int) -> list[Tracked]:
        return await self._store.kept_of(owner, to, most)

    async def accepted_as(self, minted: str, carrier_id: str) -> None:
        await self._store.accepted_as(minted, carrier_id)

    async def minted_of(self, carrier_ids: Sequence[str]) -> dict[str, str]:
        return await self._store.minted_of(carrier_ids)

    async def outbox(self) -> list[Lane]:
        return await self._store.outbox()

    async def beat(self, worker: str) -> None:
        """Catches up as well: what waits in the journal does not wait for the next message."""
        if self._behind:
            await self._catch_up()
        await self._store.beat(worker)

    async def leave(self, worker: str) -> None:
        await self._store.leave(worker)

    async def sweep(self) -> int:
        """Removes old journals as well, once the store has everything."""
        if not self._behind:
            await asyncio.to_thread(self._journal.prune)
        return await self._store.sweep()

    async def in_doubt(self) -> list[OpenAttempt]:
        return await self._store.in_doubt()

    async def inquired(self, attempt: OpenAttempt, inquiry: Inquiry) -> bool:
        return await self._store.inquired(attempt, inquiry)

    def under_keys(self, *, renew: bool = False) -> AsyncIterator[Mapping[str, int]]:
        return self._store.under_keys(renew=renew)

    async def checks(self) -> list[Check]:
        return [*await self._store.checks(), await self._check()]

    async def _check(self) -> Check:
        try:
            await asyncio.to_thread(self._journal.probe)
        except StoreAway as error:
            return Check("journal", good=False, why=str(error))
        why = "opt-outs wait in the journal for the store" if self._behind else "the store has all of it"
        return Check("journal", good=not self._behind, why=why)


async def _all(calls: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All at once. Each is waited for, and then the first error raised."""
    for error in await asyncio.gather(*calls, return_exceptions=True):
        if error:
            raise error
