"""Numbers, instants and values that the tests of this room use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.words.facts import SCOPE_ALL, Facts, Limit, Needs, Reservation, Suppression, SuppressionKind
from gateway.words.held import Held
from gateway.words.number import Number, Place

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)
FAST = 1e6  # messages a second: a lane that is paced by nothing
ANN = Number("+12125550101", Place("US"))
BOB = Number("+12125550102", Place("US"))

_ids = count(1)


def number(place: int) -> Number:
    return Number(f"+1212{place:07d}", Place("US"))


def opt_out(at: datetime = NOON, scope: str = SCOPE_ALL, source: str = "keyword", detail: str = "") -> Suppression:
    return Suppression(SuppressionKind.OPT_OUT, scope, source, at, detail)


def needs(
    recipient: Number, program: str = "club", counters: tuple[str, ...] = (), lists: tuple[str, ...] = ()
) -> Needs:
    return Needs(recipient, program, counters, lists)


def reservation(
    recipient: Number,
    facts: Facts = Facts.NONE,
    attempt: str = "",
    *,
    program: str = "club",
    at: datetime = NOON,
    limits: tuple[Limit, ...] = (),
    instructs: bool = False,
    held: bool = False,
) -> Reservation:
    attempt = attempt or f"attempt-{next(_ids)}"
    detail = f"to {recipient.e164}".encode()
    return Reservation(attempt, recipient, program, facts.revision, at, limits, instructs, held, detail)


def held_for(
    recipient: Number,
    *,
    lane: str = "twilio/club/+18335550100",
    due: datetime = NOON,
    minted: str | None = None,
    expires: datetime | None = None,
    body: bytes = b"POST /2010-04-01/Accounts\nSale ends tonight",
    owner: str = "",
) -> Held:
    place = next(_ids)
    minted = f"SM{place:032d}" if minted is None else minted
    return Held(f"held-{place}", recipient, lane, due, minted, expires, body, owner)


async def facts_of(
    store: Store,
    recipient: Number = ANN,
    program: str = "club",
    counters: tuple[str, ...] = (),
    lists: tuple[str, ...] = (),
) -> Facts:
    [facts] = await store.look_up([needs(recipient, program, counters, lists)])
    return facts


async def granted(store: Store, wanted: Reservation, worker: str = "w1") -> bool:
    [yes] = await store.reserve([wanted], worker)
    return yes


def rotated(ring: KeyRing) -> KeyRing:
    """With new keys that count from now on; the old ones are kept."""
    return KeyRing("h2", "s2", {**ring.hash_keys, "h2": b"3" * 32}, {**ring.seal_keys, "s2": b"4" * 32})
