"""The same message twice waits once, under the first one's id. Each test runs on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.base import Store
from gateway.words.decision import State
from gateway.words.held import Held, Lane
from gateway.words.number import Number
from tests.store.people import ANN, FAST, LATER, NOON, granted, held_for, reservation

LANE = "twilio/club/+18335550100"
WINDOW = timedelta(minutes=10)


def said(twin: bytes = b"sale", to: Number = ANN, minted: str | None = None) -> Held:
    return replace(held_for(to, minted=minted), twin=twin)


async def held(store: Store, *many: Held, within: timedelta = WINDOW) -> list[str]:
    return await store.hold(many, within)


async def waiting(store: Store) -> list[str]:
    return [one.id for one in await store.lease(LANE, 100, "w1", LATER, FAST)]


async def test_of_equal_messages_the_first_waits_and_the_others_go_by_its_id(store, other):
    first, second, third = said(), said(), said()
    assert await held(store, first) == [first.known]
    assert await held(other, second, third) == [first.known, first.known]
    assert await store.outbox() == [Lane(LANE, 1, NOON)]
    assert await store.track(second.minted) is None
    assert await waiting(store) == [first.id]


async def test_two_in_one_request_are_twins_too(store):
    first, second = said(), said()
    assert await held(store, first, second) == [first.known, first.known]
    assert await waiting(store) == [first.id]


async def test_what_is_not_equal_or_has_no_twins_waits_for_itself(store):
    many = [said(), said(b"other"), said(b""), said(b"")]
    assert await held(store, *many) == [one.known for one in many]
    assert sorted(await waiting(store)) == sorted(one.id for one in many)


async def test_a_message_of_which_its_client_knows_no_id_is_named_by_its_own(store):
    first, second = said(minted=""), said(minted="")
    assert await held(store, first) == [first.id]
    assert await held(store, second) == [first.id]


async def test_after_the_window_it_is_another_message(store):
    first = said()
    await held(store, first, within=timedelta(milliseconds=1))
    for _ in range(1000):
        second = said()
        if await held(store, second) == [second.known]:
            break
        await asyncio.sleep(0.01)
    third = said()
    assert await held(store, third) == [second.known]
    assert sorted(await waiting(store)) == sorted([first.id, second.id])


async def test_one_that_was_dropped_is_nobodys_twin(store):
    first, second, third = said(), said(), said()
    await held(store, first)
    await store.drop(first.id, first.minted, None)
    assert await held(store, second) == [second.known]
    assert await held(store, third) == [second.known]
    assert await waiting(store) == [second.id]


@pytest.mark.parametrize(
    ("state", "counts"), [(State.SENT, True), (State.IN_DOUBT, True), (State.REFUSED, False), (State.SENDING, True)]
)
async def test_one_that_the_carrier_has_or_may_have_still_counts_and_one_that_it_refused_does_not(store, state, counts):
    first, second = said(), said()
    await held(store, first)
    assert await waiting(store) == [first.id]
    wanted = replace(reservation(ANN, attempt=first.id), held=True)
    assert await granted(store, wanted)
    if state is not State.SENDING:
        await store.settle([(wanted, state)])
    assert await held(store, second) == [first.known if counts else second.known]


async def test_holding_again_is_no_twin_of_itself(store):
    first = said()
    assert await held(store, first) == await held(store, first) == [first.known]
    await store.drop(first.id, first.minted, None)
    assert await held(store, first) == [first.known]
    assert await waiting(store) == []


async def test_of_all_that_arrive_at_once_one_waits(a_store):
    workers, many = [a_store() for _ in range(4)], [said() for _ in range(20)]
    await asyncio.gather(*(worker.open() for worker in workers))
    known = await asyncio.gather(*(held(workers[n % 4], one) for n, one in enumerate(many)))
    [id_] = {one for ones in known for one in ones}
    assert await waiting(workers[0]) == [one.id for one in many if one.known == id_]
    await asyncio.gather(*(worker.close() for worker in workers))


async def test_who_takes_back_what_it_held_in_vain_leaves_what_another_was_told_of_since(store):
    """A hold whose answer was lost is dropped; but its client has sent again, and was told that it waits."""
    alone, first, second = said(b"alone"), said(), said()
    await held(store, alone, first)
    assert await held(store, second) == [first.known]
    assert await store.drop(alone.id, alone.minted, None, alone.twin)
    assert await store.drop(first.id, first.minted, None, first.twin) is None
    assert await waiting(store) == [first.id]
