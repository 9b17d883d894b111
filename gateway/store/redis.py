"""The store of several hosts: Redis or Valkey. `layout.py` says where things are, `wire.py` how they travel."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

import hiredis

from gateway.store.address import Address
from gateway.store.base import LEASE, NO_ENDS, Check, OpenAttempt, utc_now
from gateway.store.claims import claimed_at
from gateway.store.endings import end_written
from gateway.store.inquiries import inquiry_read, inquiry_written
from gateway.store.last import last_written, latest
from gateway.store.layout import ASKED, DOUBT, WORKERS, Script, Shelf, Spot, attempt_read, link_row, open_in, open_of
from gateway.store.recipients import batches
from gateway.store.redis_checks import QUESTIONS, judged
from gateway.store.redis_facts import Claims, claims_of, facts_in, limits_of, question
from gateway.store.redis_orders import READ_STOPS, stops_read
from gateway.store.redis_outbox import OUTBOX_SCRIPTS, RedisOutbox
from gateway.store.redis_records import SWAP, RedisRecords
from gateway.store.redis_renewal import SHIFT, SHIFT_END, RedisRenewal
from gateway.store.redis_tracking import KEPT
from gateway.store.resp import Reply, packed, refused
from gateway.store.vault import Hash, Vault
from gateway.store.wire import Wire
from gateway.words.decision import State
from gateway.words.doubt import Inquiry
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts, LastSent, Needs, Reservation
from gateway.words.held import End
from gateway.words.number import Number

ACKNOWLEDGED_WITHIN = 500  # milliseconds that replicas have, well before an answer is overdue
EPOCH = 1 << 48  # revisions of one server; those of the next begin above, so that none of the old ones still holds

RESERVE, SETTLE, DOUBTED, INQUIRE, BEAT, DEAD, *_ = SCRIPTS = [
    *(Script.named("claims", name) for name in ("reserve", "settle")),
    *(Script.named(name) for name in ("doubt", "inquire", "beat", "dead")),
    SWAP,
    SHIFT,
    SHIFT_END,
    *OUTBOX_SCRIPTS,
]


_Over = tuple[Reservation, State, Spot]


class RedisStore(RedisRecords, RedisOutbox, RedisRenewal):
    """A Store. Raises BadUrl where `url` is none; `clock` says when a recipient was instructed."""

    def __init__(
        self, url: str, vault: Vault, *, clock: Callable[[], datetime] = utc_now, lease: float = LEASE
    ) -> None:
        super().__init__(vault)
        address = Address.parse(url)
        self.wire = Wire(address, [script.loading for script in SCRIPTS])
        self._replicas = address.replicas
        self._wait = packed("WAIT", address.replicas, ACKNOWLEDGED_WITHIN)
        self._clock = clock
        self._lease = lease
        self._beaten: set[tuple[str, str]] = set()

    @property
    def identity(self) -> str:
        return self.wire.identity

    @property
    def _steady(self) -> bool:
        return self.wire.steady

    async def open(self) -> None:
        await self.wire.open()

    async def close(self) -> None:
        await self.wire.close()

    async def look_up(self, needs: Sequence[Needs]) -> list[Facts]:
        if not needs:
            return []
        self._touch(need.recipient.e164 for need in needs)
        places = [self._vault.hashes(need.recipient.e164)[::-1] for need in needs]  # what moves is never overlooked
        asked = [question(need, place) for need, several in zip(needs, places, strict=True) for place in several]
        base = self.wire.epoch * EPOCH
        stopped, *found = await self._ask([READ_STOPS, *asked])
        stops, replies = stops_read(stopped), iter(found)
        return [
            facts_in(need, base, stops, [next(replies) for _ in several][::-1])
            for need, several in zip(needs, places, strict=True)
        ]

    async def reserve(self, reservations: Sequence[Reservation], worker: str) -> list[bool]:
        """The index goes first, in the same write: whatever is reserved, a sweep finds it. So do rows of links."""
        if not reservations:
            return []
        if not self.wire.caught_up:
            raise StoreAway("Redis has another primary; the other hosts bring it their opt-outs first")
        places = [self._vault.hashes(reservation.recipient.e164) for reservation in reservations]
        older = await self._older(reservations, places)
        me = (worker, self.wire.identity)
        first = [] if me in self._beaten else [BEAT.call((WORKERS,), worker)]
        base = self.wire.epoch * EPOCH
        spots = [Spot.of(several[0]) for several in places]
        first.append(_listing(open_of(worker), [(r.attempt, s.tag) for r, s in zip(reservations, spots, strict=True)]))
        first += [packed("HSETNX", *link_row(row), sealed) for row, sealed in self._link_rows(reservations)]
        limits = map(limits_of, reservations, spots, older)
        asked = [self._reserving(*one, base, worker) for one in zip(reservations, spots, limits, strict=True)]
        replies = await self._kept(first + asked)
        self._beaten.add(me)
        granted = [reply == 1 for reply in replies[len(first) :]]
        if lost := [r.attempt for r, yes in zip(reservations, granted, strict=True) if not yes]:
            await self._ask([packed("HDEL", open_of(worker), *lost)])
        return granted

    async def _rows_of(self, rows: Sequence[bytes]) -> Sequence[bytes | None]:
        return await self._ask([packed("HGET", *link_row(row)) for row in rows])

    async def last_sent(self, number: Number, program: str) -> LastSent | None:
        spots = [Spot.of(place) for place in self._vault.hashes(number.e164)]
        return latest(await self._ask([packed("HGET", spot.records, spot.last(program)) for spot in spots]))

    async def _older(self, reservations: Sequence[Reservation], places: Sequence[Sequence[Hash]]) -> list[Claims]:
        """What each recipient's older hashes hold under its limits: nobody adds to that any more.

        It may be in other slots, so it is read before; where keys were never rotated there is nothing to read.
        """
        older = [several[1:] if one.limits else [] for one, several in zip(reservations, places, strict=True)]
        replies = iter(await self._ask(list(chain.from_iterable(map(claims_of, reservations, older)))))
        return [[next(replies) for _ in several] for several in older]

    def _reserving(
        self, reservation: Reservation, spot: Spot, limits: Sequence[bytes | int], base: int, worker: str
    ) -> bytes:
        attempt, revision = reservation.attempt, reservation.revision - base
        detail = self._vault.seal(reservation.detail, attempt.encode())
        claim = claimed_at(reservation.at)
        keys = (spot.records, spot.open, *([spot.shelf(attempt).held] if reservation.held else []))
        return RESERVE.call(keys, spot.field, revision, attempt, worker, detail, claim, *limits)

    async def settle(self, attempts: Sequence[tuple[Reservation, State]], ends: Mapping[str, End] = NO_ENDS) -> None:
        """Under each of the recipient's hashes: it was reserved by the key that was current then."""
        now = int(self._clock().timestamp())
        over = [(r, state, Spot.of(place)) for r, state in attempts for place in self._vault.hashes(r.recipient.e164)]
        doubted = [(r.attempt, spot.tag) for r, state, spot in await self._in_place(over) if state is State.IN_DOUBT]
        first = [_listing(DOUBT, doubted)] if doubted else []
        asked = [_settling(r, state, spot, now, end_written(ends.get(r.attempt))) for r, state, spot in over]
        replies = await self._kept(first + asked)
        settled = zip(over, replies[len(first) :], strict=True)
        await self._unlisted([(*one, reply) for one, reply in settled if reply is not None], ends)

    async def _in_place(self, over: Sequence[_Over]) -> Sequence[_Over]:
        """Of these the ones that are where they say; where there is one hashing key there is no other place."""
        if len(self._vault.turn.hashing) == 1:
            return over
        there = await self._ask([packed("HEXISTS", spot.open, r.attempt) for r, _, spot in over])
        return [one for one, yes in zip(over, there, strict=True) if yes]

    async def _unlisted(
        self, settled: Sequence[tuple[Reservation, State, Spot, Reply]], ends: Mapping[str, End]
    ) -> None:
        """Take settled attempts out of their workers' indexes, and out of the outbox's."""
        ended: dict[bytes, list[str]] = defaultdict(list)
        left: list[bytes] = []
        doubted = {}
        for reservation, state, spot, (worker, *parcel) in settled:
            ended[worker].append(reservation.attempt)
            if parcel and state is State.IN_DOUBT:
                doubted[spot.shelf(reservation.attempt)] = parcel[0]
            elif parcel:
                left += self._unlisting(reservation.attempt, spot, parcel[0], shown=reservation.attempt in ends)
        listed = [packed("HDEL", open_of(worker.decode()), *ids) for worker, ids in ended.items()]
        await self._ask(listed + left)
        await self._doubted(doubted)

    async def beat(self, worker: str) -> None:
        await self._ask([BEAT.call((WORKERS,), worker)])

    async def leave(self, worker: str) -> None:
        """It counts as dead at once; the next sweep forgets it, and finds what it left open after all."""
        await self._ask([packed("ZADD", WORKERS, 0, worker)])

    async def sweep(self) -> int:
        [dead] = await self._ask([DEAD.call((WORKERS,), int(self._lease), int(LEASE))])
        return sum([await self._buried(worker.decode()) for worker in dead])

    async def _buried(self, worker: str) -> int:
        """How many of a dead worker's attempts are in doubt now."""
        [pairs] = await self._ask([packed("HGETALL", open_of(worker))])
        found = 0
        for some in batches(list(_paired(pairs))):
            shelves = [Shelf(tag, id_) for id_, tag in some]
            doubting = [DOUBTED.call((shelf.open, shelf.parcels), shelf.id, worker) for shelf in shelves]
            listed = _listing(DOUBT, [(id_.decode(), tag) for id_, tag in some])
            unlisted = packed("HDEL", open_of(worker), *(id_ for id_, _ in some))
            _, *parcels, _ = await self._ask([listed, *doubting, unlisted])
            doubted = {shelf: parcel for shelf, parcel in zip(shelves, parcels, strict=True) if parcel is not None}
            await self._doubted({shelf: parcel for shelf, parcel in doubted.items() if parcel})
            found += len(doubted)
        await self._ask([packed("ZREM", WORKERS, worker)])
        return found

    async def in_doubt(self) -> list[OpenAttempt]:
        """What was settled since it was listed is taken off the list."""
        pairs, said = await self._ask([packed("HGETALL", DOUBT), packed("HGETALL", ASKED)])
        listed, asked = list(_paired(pairs)), dict(_paired(said))
        written = await self._ask([packed("HGET", open_in(tag), id_) for id_, tag in listed])
        states = await self._ask([packed("HGET", Shelf(tag, id_).held, id_) for id_, tag in listed])
        parcels = await self._ask([packed("HGET", Shelf(tag, id_).parcels, id_) for id_, tag in listed])
        settled = [id_ for (id_, _), value in zip(listed, written, strict=True) if value is None]
        if settled:
            await self._ask([packed("HDEL", index, *settled) for index in (DOUBT, ASKED)])
        found = [
            self._attempt(id_, value, asked.get(id_, b""), state, parcel)
            for (id_, _), value, state, parcel in zip(listed, written, states, parcels, strict=True)
            if value is not None
        ]
        return sorted((one for one in found if one.state is State.IN_DOUBT), key=lambda one: one.at)

    def _attempt(
        self, id_: bytes, value: bytes, asked: bytes, state: bytes | None, parcel: bytes | None
    ) -> OpenAttempt:
        """`state` as scripts/hold.lua writes it: when it was due is its second word."""
        one, inquiry = attempt_read(id_, value), inquiry_read(asked.decode())
        held = self._opened_up(id_, (state.split(b"|")[1], parcel)) if state and parcel else None
        return replace(one, detail=self._vault.open(one.detail, id_), held=held, inquiry=inquiry)

    async def inquired(self, attempt: OpenAttempt, inquiry: Inquiry) -> bool:
        read, known = inquiry_written(attempt.inquiry), inquiry_written(inquiry)
        return await self._ask([INQUIRE.call((DOUBT, ASKED), attempt.id, read, known)]) == [1]

    async def checks(self) -> list[Check]:
        try:
            return judged(await self.wire.ask(QUESTIONS), time.time(), self._replicas)
        except StoreAway as error:
            return [Check("redis", good=False, why=str(error))]

    async def _kept(self, commands: list[bytes]) -> list[Reply]:
        """Their replies, once as many replicas as the URL says have what was written; the wait is in the same write.

        Raises StoreAway where too few have it: the primary has it then, and a fail-over may lose it.
        """
        return await self._ask(commands, keep=True)

    async def _ask(self, commands: list[bytes], *, keep: bool = False) -> list[Reply]:
        """Their replies. Where Redis has lost our scripts it gets them again. Raises StoreAway."""
        if not commands:
            return []
        replies, having = await self._sent(commands, keep=keep)
        errors = [place for place, reply in enumerate(replies) if isinstance(reply, hiredis.ReplyError)]
        if lost := [place for place in errors if str(replies[place]).startswith("NOSCRIPT")]:
            loading = [script.loading for script in SCRIPTS]
            again, having = await self._sent([*loading, *(commands[place] for place in lost)], keep=keep)
            for place, reply in zip(lost, again[len(loading) :], strict=True):
                replies[place] = reply
        for place in errors:
            if isinstance(replies[place], hiredis.ReplyError):
                raise refused(replies[place])
        if having < self._replicas:
            raise StoreAway(f"{having} replicas of Redis have what was written, {self._replicas} must")
        return replies

    async def _sent(self, commands: list[bytes], *, keep: bool) -> tuple[list[Reply], int]:
        """The replies, and how many replicas have what was written (as many as must, where nobody waits for them)."""
        if not keep or not self._replicas:
            return await self.wire.ask(commands), self._replicas
        reached = self.wire.acknowledged(self._wait)
        replies = await self.wire.ask(commands)
        [having] = await asyncio.shield(reached)
        return replies, having


def _listing(index: bytes, attempts: Sequence[tuple[str, bytes]]) -> bytes:
    """Note in which bucket each attempt is."""
    return packed("HSET", index, *(part for attempt in attempts for part in attempt))


def _settling(reservation: Reservation, state: State, spot: Spot, now: int, end: str) -> bytes:
    instructs = reservation.instructs and state is State.SENT
    told = spot.told(reservation.program) if instructs else b""
    last = spot.last(reservation.program) if state is State.SENT and reservation.program else b""
    freed = {spot.counter(limit.counter) for limit in reservation.limits} if state is State.REFUSED else ()
    claim, shelf = claimed_at(reservation.at), spot.shelf(reservation.attempt)
    keys = (spot.records, spot.open, *([shelf.held, shelf.parcels, shelf.ended] if reservation.held else []))
    return SETTLE.call(
        keys, reservation.attempt, state, told, now, claim, KEPT, end, last, last_written(reservation), *freed
    )


def _paired(flat: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)
