"""No more messages than the limits allow, whoever sends them. Each test runs on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.facts import Limit, Reservation
from tests.store.people import ANN, BOB, NOON, facts_of, granted, opt_out, reservation, rotated

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORKERS = 4


def cap(most: int, period: timedelta = DAY, counter: str = "club", at: datetime = NOON) -> Limit:
    return Limit(counter, at - period, most)


def within(*limits: Limit, at: datetime = NOON, recipient=ANN) -> Reservation:
    return reservation(recipient, at=at, limits=limits)


async def counted(store: Store, counter: str = "club", recipient=ANN) -> tuple[datetime, ...]:
    return (await facts_of(store, recipient, counters=(counter,))).counted.get(counter, ())


async def test_of_a_thousand_that_come_together_a_cap_of_three_lets_exactly_three_through(a_store):
    workers = [a_store() for _ in range(WORKERS)]
    await asyncio.gather(*(worker.open() for worker in workers))
    answers = await asyncio.gather(
        *(granted(workers[place % WORKERS], within(cap(3)), f"w{place % WORKERS}") for place in range(1000))
    )
    assert sorted(answers) == [False] * 997 + [True] * 3
    assert [await counted(worker) for worker in workers] == [(NOON,) * 3] * WORKERS
    await asyncio.gather(*(worker.close() for worker in workers))


async def test_of_one_request_that_names_a_recipient_four_times_three_leave(store):
    assert await store.reserve([within(cap(3)) for _ in range(4)], "w1") == [True, True, True, False]


async def test_a_counter_that_nobody_claimed_under_is_absent(store):
    facts = await facts_of(store, counters=("club", "other"))
    assert facts.counted == {}
    assert await granted(store, within(cap(1)))
    facts = await facts_of(store, counters=("club", "other"))
    assert facts.counted == {"club": (NOON,)}
    assert (await facts_of(store)).counted == {}, "nobody asked"


async def test_claims_are_told_the_oldest_first_whatever_the_clocks_of_workers_say(store, other):
    for minutes in (2, 0, 1):
        at = NOON + timedelta(minutes=minutes)
        assert await granted((store, other)[minutes % 2], within(cap(9, at=at), at=at))
    assert await counted(store) == tuple(NOON + timedelta(minutes=minutes) for minutes in range(3))


async def test_recipients_and_counters_are_counted_each_for_itself(store):
    assert await granted(store, within(cap(1)))
    assert await granted(store, within(cap(1), recipient=BOB))
    assert await granted(store, within(cap(1, counter="sender +18335550100")))
    assert not await granted(store, within(cap(1)))


@pytest.mark.parametrize(
    ("situation", "limits", "after", "yes"),
    [
        ("both have a place", [cap(2, 7 * DAY), cap(1, 2 * DAY)], 3 * DAY, True),
        ("the shorter has none", [cap(2, 7 * DAY), cap(1, 2 * DAY)], DAY, False),
        ("the longer has none", [cap(1, 7 * DAY), cap(1, 2 * DAY)], 3 * DAY, False),
        ("the longer has none, named last", [cap(1, 2 * DAY), cap(1, 7 * DAY)], 3 * DAY, False),
    ],
)
async def test_of_two_limits_of_one_counter_each_must_have_a_place(store, situation, limits, after, yes):
    assert await granted(store, within(*limits))
    later = [replace(limit, since=limit.since + after) for limit in limits]
    assert await granted(store, within(*later, at=NOON + after)) is yes
    assert await counted(store) == ((NOON, NOON + after) if yes else (NOON,))


async def test_whoever_is_refused_by_one_limit_claims_under_none(store):
    assert await granted(store, within(cap(1, counter="full")))
    assert not await granted(store, within(cap(5, counter="free"), cap(1, counter="full")))
    assert await counted(store, "free") == ()


async def test_a_limit_of_none_at_all_lets_nobody_through(store):
    assert not await granted(store, within(cap(0)))


async def test_what_the_carrier_refused_gives_its_places_back(store):
    limits = cap(1), cap(1, counter="sender"), cap(2, 7 * DAY)
    wanted = within(*limits)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.REFUSED)])
    assert (await facts_of(store, counters=("club", "sender"))).counted == {}
    assert await granted(store, within(*limits))


async def test_only_its_own_place_is_given_back(store):
    wanted = [within(cap(3)) for _ in range(2)]
    assert await store.reserve([*wanted, within(cap(3, HOUR), at=NOON - HOUR)], "w1") == [True] * 3
    await store.settle([(wanted[0], State.REFUSED)])
    assert await counted(store) == (NOON - HOUR, NOON)


@pytest.mark.parametrize("state", [State.SENT, State.IN_DOUBT])
async def test_what_the_carrier_has_or_may_have_keeps_its_place(store, state):
    wanted = within(cap(1))
    assert await granted(store, wanted)
    await store.settle([(wanted, state)])
    assert await counted(store) == (NOON,)
    assert not await granted(store, within(cap(1)))


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (State.SENT, State.REFUSED, 2),
        (State.REFUSED, State.REFUSED, 1),
        (State.REFUSED, State.SENT, 1),
        (State.IN_DOUBT, State.REFUSED, 1),
        (State.IN_DOUBT, State.SENT, 2),
    ],
)
async def test_a_second_settlement_changes_nothing_but_what_was_in_doubt(store, first, second, left):
    """Another claim of the same second stands beside it, and must not be taken for it."""
    wanted = within(cap(5))
    assert await store.reserve([wanted, within(cap(5))], "w1") == [True, True]
    await store.settle([(wanted, first)])
    await store.settle([(wanted, second)])
    assert len(await counted(store)) == left


async def test_what_was_never_granted_gives_nothing_back(store):
    assert await granted(store, within(cap(1)))
    too_many = within(cap(1))
    assert not await granted(store, too_many)
    await store.settle([(too_many, State.REFUSED)])
    assert await counted(store) == (NOON,)


async def test_a_dead_workers_place_is_kept_for_the_carrier_may_have_its_message(store, other):
    assert await granted(store, within(cap(1)))
    assert await other.sweep() == 1
    assert not await granted(store, within(cap(1)))


async def test_a_repeated_reservation_claims_once(store):
    wanted = within(cap(2), cap(3, 7 * DAY), cap(2, counter="sender"))
    assert await store.reserve([wanted, wanted], "w1") == [True, True]
    assert await granted(store, wanted)
    assert await counted(store) == await counted(store, "sender") == (NOON,)


@pytest.mark.parametrize(
    ("situation", "claimed", "counts"),
    [
        ("just now", NOON, True),
        ("a second after the window began", NOON - DAY + timedelta(seconds=1), True),
        ("when the window began", NOON - DAY, False),
        ("before it", NOON - DAY - timedelta(seconds=1), False),
        ("within the first second: rounded up", NOON - DAY + timedelta(microseconds=1), True),
        ("within the last second before it: rounded up", NOON - DAY - timedelta(microseconds=1), False),
    ],
)
async def test_a_claim_counts_while_it_is_later_than_the_window_began(store, situation, claimed, counts):
    assert await granted(store, within(cap(1, at=claimed), at=claimed))
    assert await granted(store, within(cap(1))) is not counts


async def test_the_store_counts_exactly_what_it_tells(store):
    """Between seconds, too: whoever counts the told claims after the same `since` comes to the same number."""
    claimed = NOON + timedelta(milliseconds=300)
    assert await granted(store, within(cap(1, at=claimed), at=claimed))
    [told] = await counted(store)
    assert claimed <= told < claimed + timedelta(seconds=1)
    for micro in (-1, 0, 1):
        since = told + timedelta(microseconds=micro)
        probe = within(Limit("club", since, 1), at=claimed + DAY)
        assert await granted(store, probe) is (told <= since)
        await store.settle([(probe, State.REFUSED)])


async def test_what_no_limit_counts_any_more_is_forgotten(store):
    for days in range(5):
        at = NOON + days * DAY
        assert await granted(store, within(cap(5, DAY, at=at), cap(5, 2 * DAY, at=at), at=at))
    assert await counted(store) == (NOON + 3 * DAY, NOON + 4 * DAY)


async def test_a_changed_record_has_its_claims_still_and_claims_change_no_revision(store):
    before = await facts_of(store)
    assert await granted(store, within(cap(2)))
    assert (await facts_of(store)).revision == before.revision
    await store.suppress(ANN, opt_out(scope="program:other"))
    facts = await facts_of(store, counters=("club",))
    assert facts.counted == {"club": (NOON,)}
    assert not await granted(store, within(cap(2))), "the facts have moved on"
    assert await granted(store, replace(within(cap(2)), revision=facts.revision))
    assert not await granted(store, replace(within(cap(2)), revision=facts.revision))


async def test_claims_under_an_older_hash_key_count_too(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(rotated(old)))
    await before.open()
    await after.open()
    longer = cap(3, 7 * DAY)
    assert await before.reserve([within(cap(2), longer), within(longer, at=NOON - DAY)], "w1") == [True, True]
    assert await counted(after) == (NOON - DAY, NOON)
    wanted = within(cap(2), longer)
    assert await granted(after, wanted)
    assert await counted(after) == (NOON - DAY, NOON, NOON)
    assert not await granted(after, within(cap(2)))
    assert not await granted(after, within(cap(9), longer))
    await after.settle([(wanted, State.REFUSED)])
    assert await counted(after) == (NOON - DAY, NOON)
    await before.close()
    await after.close()
