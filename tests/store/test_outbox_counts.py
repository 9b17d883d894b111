"""What counts as in a lane, and what holds nobody up. Each test runs on SQLite and on Redis."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from gateway.store.base import ASIDE, Store
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.facts import Reservation
from gateway.words.held import Held, Lane
from tests.store.people import ANN, BOB, FAST, LATER, NOON, granted, held_for, number, reservation

LANE = "twilio/club/+18335550100"


async def leased(store: Store, worker: str = "w1", most: int = 10, now=LATER) -> list[str]:
    return [held.id for held in await store.lease(LANE, most, worker, now, FAST)]


def leaving(held: Held) -> Reservation:
    return replace(reservation(held.recipient, attempt=held.id), held=True)


async def sending(store: Store, *many: Held) -> None:
    await store.hold(many)
    assert sorted(await leased(store, most=len(many))) == sorted(held.id for held in many)
    for held in many:
        assert await granted(store, leaving(held))


async def counted(store: Store) -> int:
    return sum(lane.waiting for lane in await store.outbox())


async def test_a_lane_counts_what_waits_is_leased_or_is_being_sent(store):
    await sending(store, held_for(ANN))
    await store.hold([held_for(BOB)])
    assert len(await leased(store)) == 1
    await store.hold([held_for(number(1), due=NOON)])
    assert await store.outbox() == [Lane(LANE, 3, NOON)]


@pytest.mark.parametrize("died", [True, False])
async def test_what_is_in_doubt_does_not_count_and_takes_no_place(store, other, died):
    """Whether its worker died, or lost its call."""
    doubted, waits = [held_for(number(place)) for place in range(3)], held_for(BOB)
    await sending(store, *doubted)
    if died:
        assert await other.sweep() == 3
    else:
        await store.settle([(leaving(held), State.IN_DOUBT) for held in doubted])
    assert await store.outbox() == []
    await store.hold([waits])
    assert await store.outbox() == [Lane(LANE, 1, NOON)]
    assert await leased(store, most=1) == [waits.id]
    assert len(await store.in_doubt()) == 3


@pytest.mark.parametrize("ended", [State.SENT, State.REFUSED])
async def test_doubt_that_ends_is_counted_once(store, ended):
    held = held_for(ANN)
    await sending(store, held)
    await store.hold([held_for(BOB)])
    await store.settle([(leaving(held), State.IN_DOUBT)])
    await store.settle([(leaving(held), State.IN_DOUBT)])
    await store.settle([(leaving(held), ended)])
    assert await counted(store) == 1


async def test_doubt_that_a_person_ends_as_not_sent_waits_and_counts_again(store):
    held = held_for(ANN)
    await sending(store, held)
    await store.settle([(leaving(held), State.IN_DOUBT)])
    assert not await store.put_back(held, "w2", NOON)
    assert await store.outbox() == []
    assert await store.put_back(held, "w1", NOON)
    assert await store.outbox() == [Lane(LANE, 1, NOON)]
    assert await leased(store, "w2") == [held.id]


async def test_live_messages_in_doubt_count_nowhere(store):
    live = reservation(ANN)
    await store.hold([held_for(BOB)])
    assert await granted(store, live)
    await store.settle([(live, State.IN_DOUBT)])
    assert await counted(store) == 1


async def test_what_cannot_be_opened_holds_nobody_up_and_is_tried_again_later(a_store):
    """Its key is gone; when it is back the message leaves."""
    hashes, seals = {"h1": b"1" * 32}, {"s1": b"2" * 32, "s2": b"3" * 32}
    both = [KeyRing("h1", sealing, hashes, seals) for sealing in seals]
    before, after = (a_store(vault=Vault(ring)) for ring in both)
    without = a_store(vault=Vault(KeyRing("h1", "s2", hashes, {"s2": seals["s2"]})))
    for store in (before, without, after):
        await store.open()
    sealed, fine = held_for(ANN), held_for(BOB, due=LATER)
    await before.hold([sealed])
    await without.hold([fine])
    with capture_logs() as logs:
        assert await leased(without) == [fine.id]
    assert [line["message"] for line in logs] == [sealed.id]
    assert await counted(without) == 2
    assert await leased(without, now=LATER + ASIDE / 2) == []
    assert await leased(without, now=LATER + ASIDE) == []
    assert await leased(after, "w2", now=LATER + 2 * ASIDE) == [sealed.id]
    for store in (before, without, after):
        await store.close()
