"""What is remembered, behind one interface: SQLite and Redis answer the same contract suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gateway.words.decision import State
from gateway.words.doubt import Inquiry
from gateway.words.doubtful import Doubtful
from gateway.words.facts import Facts, LastSent, Needs, Reservation, Stop, Suppression, SuppressionKind
from gateway.words.held import End, Held, Lane, Tracked
from gateway.words.ledger import Entry
from gateway.words.link import Link
from gateway.words.number import Number
from gateway.words.question import Question

NO_ENDS: Mapping[str, End] = {}


@dataclass(frozen=True, slots=True)
class Check:
    """One part's health, for readiness: its name, whether it is good, and why not (or what it is)."""

    name: str
    good: bool
    why: str


@dataclass(frozen=True, slots=True)
class OpenAttempt:
    """An attempt that is not settled, or is in doubt, as an operator sees it."""

    id: str
    state: State
    worker: str
    at: datetime  # when it was reserved, by the store's clock
    detail: bytes  # what the reservation said of it, unsealed
    held: Held | None = None  # what it was in the outbox, where it comes from there
    inquiry: Inquiry | None = None  # what its carrier said of it; None: nobody has asked yet


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of one number, unsealed: for an export."""

    number: str
    suppressions: tuple[Suppression, ...]
    entries: tuple[Entry, ...]


class Changes(Protocol):
    """What changes somebody's wishes, as a Store has it."""

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None: ...

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int: ...

    async def enter(self, number: Number, entry: Entry, key: str = "") -> bool: ...


class Store(Protocol):
    """Every method raises StoreAway when the store can't be reached or doesn't answer in time.

    What a method has returned from is durable. Calls that are made in the same tick of the event loop share
    one round trip.
    """

    @property
    def identity(self) -> str:
        """Who answers now. Another one (a new primary, a server that was restarted) may have lost what was written."""

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def look_up(self, needs: Sequence[Needs]) -> list[Facts]:
        """The facts of each, in order, in one round trip.

        Claims are told to the second: one made within a second counts as made at its end.
        """

    async def reserve(self, reservations: Sequence[Reservation], worker: str) -> list[bool]:
        """For each, in order: True where its attempt is now `sending`, False where the facts have moved on.

        Atomic for each recipient; a suppression that was written before makes it False, and so does a limit with no
        place left. Whoever is granted claims one place under each counter of its limits; what no limit of that
        counter counts any more is forgotten. Repeating a reservation that was granted to the same worker is True and
        changes nothing.

        Where a reservation has a link, its row is durable on return, granted or not.

        A stop since the look-up makes it False where the store sees both in one step (SQLite). In Redis it is the
        look-up that sees it: what was looked up before the stop may still begin, within the gate's START_WITHIN.
        """

    async def settle(self, attempts: Sequence[tuple[Reservation, State]], ends: Mapping[str, End] = NO_ENDS) -> None:
        """Each attempt is over: `sent` (its instruction counts now), `refused` (it never was) or `in doubt`.

        `refused` gives its places under limits back; the others keep them. Once settled, an attempt stays as it is;
        one in doubt may still be settled. `ends`, by attempt: of one from the outbox that was refused, and is kept as
        `drop` says.
        """

    async def last_sent(self, number: Number, program: str) -> LastSent | None:
        """The last message of this program's to the number that was settled as `sent`; None: there was none."""

    async def linked(self, tokens: Sequence[str]) -> list[Link | None]:
        """Whose these opt-out links are, in order, in one round trip; None: nobody was sent it.

        One whose key is gone is logged, and nobody's.
        """

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None:
        """Remember it. The same kind, scope and source again keeps the earlier time and shows no difference.

        `heard` is when we were told, where that is later than its own time: a lift takes back what was heard before
        it. `replayed`: it comes from a journal, and what was lifted since stays lifted.
        """

    async def suppress_all(
        self, said: Sequence[tuple[Number, Suppression]], heard: datetime, *, batch: str = "", replayed: bool = False
    ) -> int:
        """All of them, as `suppress` does with each; how many made a difference. Thousands at most, or others wait.

        Where it raises, some may be written: doing it again is harmless. `batch` is an id of the caller's, remembered
        for KNOWN once all of them are.
        """

    async def has_batches(self, batches: Sequence[str]) -> list[bool]:
        """Of each, in order, whether it was written whole."""

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int:
        """Forget what was heard at or before `before`; how many there were."""

    async def suppressions(self, number: Number) -> tuple[Suppression, ...]:
        """With their sealed details, for the operator."""

    async def enter(self, number: Number, entry: Entry, key: str = "") -> bool:
        """Add it to the ledger of consent, which is only ever added to; whether it is new.

        The same `key` again for this number adds nothing. Without one an entry is its own key: recorded again, with
        nothing different but when, it is the same.
        """

    async def enter_all(self, entries: Sequence[tuple[Number, Entry]]) -> int:
        """All of them, as `enter` does with each; how many were new. Thousands at most, or others wait."""

    async def ledger(self, number: Number) -> tuple[Entry, ...]:
        """Every entry, with all that is sealed of it, in the order in which they were recorded."""

    def everybody(self) -> AsyncIterator[list[Remembered]]:
        """Everybody of whom there is a suppression in force or an entry of the ledger, some at a time, in no order.

        Of one who is changed meanwhile it may tell what was before or what came after.
        """

    async def ask(self, number: Number, question: Question) -> None:
        """It is open from now on; another of its kind and program is not any more."""

    async def questions(self, number: Number, now: datetime) -> tuple[Question, ...]:
        """Those that are open at `now`, with their details."""

    async def answered(self, number: Number, question: Question) -> bool:
        """It is open no more; whether it was, so that of two answers at the same time only one counts."""

    async def once(self, key: str, digest: str) -> bool:
        """Whether `key` is new, or was told with this very digest less than REPEATABLE ago."""

    async def known(self, key: str) -> bool:
        """Whether `once` was told this key less than REPEATABLE ago."""

    async def unsaid(self, key: str) -> None:
        """`once` was never told this key: whatever comes with it next is new."""

    async def wonder(self, reply: Doubtful) -> None:
        """Keep a doubtful reply until it is judged. Doing it again changes nothing."""

    async def doubtful(self) -> list[Doubtful]:
        """All that wait for a verdict, the oldest first."""

    async def judged(self, id_: str) -> bool:
        """It waits no more; False where it did not."""

    async def enlist(self, name: str, numbers: Sequence[Number]) -> int:
        """Put them on a list; how many were new. Doing it again, after an import that broke off, mends it."""

    async def strike(self, name: str, numbers: Sequence[Number]) -> int:
        """Take them off a list; how many were on it."""

    async def unlist(self, name: str) -> int:
        """Take everybody off a list; how many there were."""

    async def listed(self, name: str) -> int:
        """How many numbers a list holds; 0: it was never filled, or is empty again."""

    async def stop(self, stop: Stop) -> None:
        """Every look-up that begins later tells it. Stopping again replaces reason and time."""

    async def resume(self, program: str) -> bool:
        """Take back the stop of a program, or of SCOPE_ALL; False where there was none of that name."""

    async def stops(self) -> tuple[Stop, ...]:
        """What is stopped now, the oldest stop first."""

    async def hold(self, held: Sequence[Held], twins_within: timedelta = timedelta()) -> list[str]:
        """Put them into the outbox, `waiting`, all of them or (StoreAway) perhaps some. Of each, the id it is known by.

        Bodies are not looked into.

        That is its own (`Held.known`), or that of its twin: an equal message that was held less than `twins_within`
        ago, by the store's clock, and was neither dropped nor refused since. Then it is not held itself. Doing it again
        is harmless, whatever has become of them since.

        Where it raises, some may be held: the caller drops them, since its client is told that nothing will be sent. A
        caller that dies before it has dropped them leaves them waiting, and they are sent. To close that, a message
        would have to be confirmed before it counts, at the price of another round trip and sync for all of them.
        """

    async def lanes(self, now: datetime) -> list[Lane]:
        """The lanes in which something is due by `now`, the one that waits longest first."""

    async def lease(self, lane: str, most: int, worker: str, now: datetime, rate: float | None) -> list[Held]:
        """At most `most` of a lane that are due by `now`, the oldest first: they are `leased` to this worker.

        All workers together lease `rate` messages a second from a lane, by the store's clock, and at once no more than
        a second's worth, or one; none while it rests. What turns out to be gone has used its place. Without a rate
        neither counts: so leases who puts all of them back, and sends none.

        A lease runs out after LEASE seconds by the store's clock, and then another worker may have it. `reserve`
        with `held` turns a lease into an attempt that is `sending`, in one step, and never after it has run out; to
        settle it says `held` as well. `now` is the worker's clock: it says what is due. While others lease too there
        may be fewer than are due. What has expired is told like everything else. What can't be opened, since its key is
        gone, is logged and set aside: it waits, and is due again ASIDE later.
        """

    async def rest(self, lane: str, seconds: float) -> None:
        """Nobody leases from this lane for so long, by the store's clock; a longer rest that it has already stays."""

    async def put_back(self, held: Held, worker: str, due: datetime) -> bool:
        """A lease of this worker, or an attempt that it had and that was certainly not sent, waits again until `due`.

        False where it is neither, or the lease has run out. An attempt in doubt counts as well. Places that it claimed
        under limits are given back.
        """

    async def amend(self, held: Held, worker: str) -> bool:
        """What this worker has leased has this body from now on; False where its lease has gone."""

    async def drop(
        self, id_: str, minted: str, worker: str | None, twin: bytes = b"", *, end: End | None = None
    ) -> Held | None:
        """Take a message out of the outbox that waits (worker None) or is leased to `worker`; None: it has moved on.

        One whose lease has run out waits. `minted` is empty where it was told to nobody. With its `twin` it stays, if
        another was told since that it waits as this one.

        With an `end` its client may ask for it as long as it is tracked, and what was held is kept for that; without
        one it is forgotten now.
        """

    async def track(self, minted: str) -> Tracked | None:
        """What became of the message that a client knows by this id; None: nobody was told it, or TRACKED ago."""

    async def overwrite(self, minted: str, held: Held | None) -> bool:
        """What is kept of a message that is over becomes `held`, or (None) nothing; False where nothing is kept."""

    async def kept_of(self, owner: str, to: str, most: int) -> list[Tracked]:
        """At most `most` of an owner's, to the E.164 number `to` or (empty) to any; those that were held last first.

        All that have not left, and those with an end as long as they are kept. What is being sent may have left.
        """

    async def accepted_as(self, minted: str, carrier_id: str) -> None:
        """The carrier knows it as `carrier_id` from now on."""

    async def minted_of(self, carrier_ids: Sequence[str]) -> dict[str, str]:
        """The ids that clients were told, by the carrier's own, for those that have one."""

    async def outbox(self) -> list[Lane]:
        """Every lane that is not empty, the one that waits longest first."""

    async def beat(self, worker: str) -> None:
        """`worker` lives. One that has not said so for LEASE seconds, by the store's clock, is dead."""

    async def leave(self, worker: str) -> None:
        """`worker` stops in good order and has nothing open."""

    async def sweep(self) -> int:
        """Put the open attempts of dead workers in doubt; how many there were. Any worker may, at any time."""

    async def in_doubt(self) -> list[OpenAttempt]:
        """All attempts in doubt, the oldest first."""

    async def inquired(self, attempt: OpenAttempt, inquiry: Inquiry) -> bool:
        """Note what is known by asking its carrier. `attempt` as `in_doubt` told it, or as it was noted last.

        False where somebody else has noted something since, or it is in doubt no more.
        """

    def under_keys(self, *, renew: bool = False) -> AsyncIterator[Mapping[str, int]]:
        """Goes through all that is kept, some at a time: how many things name each key, by its id.

        With `renew` (then what is told may be from before it) what an older key sealed is sealed by the current one,
        and what is remembered under an older hash of a number goes to where the current one says, if the number is
        known: it stands in whatever is sealed of it, or it was looked up since. Breaking off loses nothing, and several
        may do it at the same time. Of whom only a hash is left (somebody who was erased) stays where it is.
        """

    async def checks(self) -> list[Check]:
        """Whether it can be reached and keeps its data."""


LEASE = 30.0  # seconds
ASIDE = timedelta(minutes=10)  # until a message that could not be opened is tried again
KNOWN = timedelta(days=30)  # how long a batch is known: longer than any journal is kept
REPEATABLE = timedelta(days=1)  # how long it is known with what a key of somebody's own request came
TRACKED = timedelta(days=30)  # how long a message's end is remembered; its minted id as long after it was due


def utc_now() -> datetime:
    """The clock of whoever is handed no other."""
    return datetime.now(UTC)
