"""A lane's pace is shared by all workers, and so is its rest. Each test with a store runs on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from math import floor
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.base import Store
from gateway.store.pace import SECOND, Bucket
from tests.store.people import FAST, LATER, held_for, number

LANE, OTHER = "twilio/club/+18335550100", "twilio/bank/+18335550101"
SELDOM = 0.001  # messages a second: one, and then none for a quarter of an hour
ENOUGH = 50


async def filled(store: Store, lane: str = LANE, count: int = ENOUGH) -> None:
    await store.hold([held_for(number(place), lane=lane) for place in range(count)])


async def leased(store: Store, rate: float, lane: str = LANE, most: int = ENOUGH) -> int:
    return len(await store.lease(lane, most, "w1", LATER, rate))


@pytest.mark.parametrize(("rate", "at_once"), [(SELDOM, 1), (0.7, 1), (1, 1), (2.5, 2), (7, 7), (1000, ENOUGH)])
async def test_at_once_a_lane_gives_a_seconds_worth_and_at_least_one(store, rate, at_once):
    await filled(store)
    assert await leased(store, rate) == at_once


async def test_what_one_worker_has_taken_no_other_gets_and_the_lanes_do_not_share(store, other):
    await filled(store)
    await filled(store, OTHER)
    assert await leased(store, SELDOM) == 1
    assert await leased(other, SELDOM) == 0
    assert await leased(other, SELDOM, OTHER) == 1


async def test_what_is_asked_for_is_taken_and_the_rest_is_left(store, other):
    await filled(store)
    assert await leased(store, 5, most=2) == 2
    assert await leased(store, 5, most=0) == 0
    assert await leased(other, 5) >= 3


async def test_an_empty_lane_costs_nothing(store):
    assert await leased(store, SELDOM) == 0
    await filled(store, count=1)
    assert await leased(store, SELDOM) == 1


async def test_many_workers_together_lease_no_more_than_the_rate(a_store):
    """However long it took, it is never more than a second's worth and what filled in since."""
    workers, rate = [a_store() for _ in range(4)], 20.0
    await asyncio.gather(*(worker.open() for worker in workers))
    await filled(workers[0], count=200)
    began, found = monotonic(), 0
    while found < rate + 10:
        found += sum(await asyncio.gather(*(leased(worker, rate, most=3) for worker in workers)))
        assert found <= rate + rate * (monotonic() - began)
    await asyncio.gather(*(worker.close() for worker in workers))


async def test_a_lane_that_rests_rests_for_every_worker_and_the_others_do_not(store, other):
    await filled(store)
    await filled(store, OTHER)
    await store.rest(LANE, 3600)
    await other.rest(LANE, 0.001)
    assert await leased(store, FAST) == 0
    assert await leased(other, FAST) == 0
    assert await leased(other, FAST, OTHER) == ENOUGH


async def test_a_lane_that_has_rested_goes_on(store):
    await store.rest(LANE, 0.01)
    await filled(store)
    for _ in range(1000):
        if found := await leased(store, FAST):
            break
        await asyncio.sleep(0.01)
    assert found == ENOUGH


async def test_who_sends_nothing_leases_whatever_the_pace_and_takes_nothing_from_it(store):
    await filled(store)
    await store.rest(LANE, 3600)
    some = await store.lease(LANE, 10, "w1", LATER, None)
    assert len(some) == 10
    assert await leased(store, FAST) == 0
    await filled(store, OTHER)
    assert len(await store.lease(OTHER, 10, "w1", LATER, None)) == 10
    assert await leased(store, SELDOM, OTHER) == 1


rates = st.floats(0.001, 10_000)
times = st.integers(1_700_000_000 * SECOND, 1_800_000_000 * SECOND)


@given(rates, times)
def test_a_bucket_that_was_never_used_is_full_and_holds_a_seconds_worth(rate, now):
    assert Bucket(rate, now, 0).room == floor(max(1.0, rate))


@given(rates, times, st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(1, 100)), max_size=30))
def test_no_stretch_of_time_sees_more_than_the_rate_and_a_seconds_worth(rate, start, steps):
    now, empty, taken = start, 0, 0
    for passed, wanted in steps:
        now += passed
        bucket = Bucket(rate, now, empty)
        took = min(wanted, bucket.room)
        empty, taken = bucket.less(took), taken + took
        assert taken <= max(1.0, rate) + rate * (now - start) / SECOND + 1e-3


@given(rates, times, st.integers(1, 86_400))
def test_a_clock_that_was_set_back_holds_no_lane_up(rate, now, back):
    assert Bucket(rate, now, now + back * SECOND).room == floor(max(1.0, rate))
