"""What waits leaves once, and whoever asks is told the truth. Each test runs on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.doubt import Inquiry, Listed
from gateway.words.facts import Facts, Limit
from gateway.words.held import Held, Lane, Tracked
from gateway.words.number import Number, Place
from tests.store.people import (
    ANN,
    BOB,
    FAST,
    LATER,
    NOON,
    facts_of,
    granted,
    held_for,
    number,
    opt_out,
    reservation,
    rotated,
)

LANE = "twilio/club/+18335550100"
HOUR = timedelta(hours=1)
CAP = Limit("club", NOON - HOUR, 1)


def leaving(held: Held, facts: Facts = Facts.NONE, *limits: Limit):
    """Its reservation, when its hour has come."""
    return replace(reservation(held.recipient, facts, held.id, limits=limits), held=True)


async def leased(store: Store, worker: str = "w1", most: int = 10, now=LATER, lane: str = LANE) -> list[str]:
    return [held.id for held in await store.lease(lane, most, worker, now, FAST)]


async def state_of(store: Store, held: Held) -> State | None:
    tracked = await store.track(held.minted)
    return tracked and tracked.state


async def sending(store: Store, held: Held, *limits: Limit, worker: str = "w1") -> None:
    await store.hold([held])
    assert await leased(store, worker) == [held.id]
    assert await granted(store, leaving(held, Facts.NONE, *limits), worker)


async def test_what_is_held_comes_back_as_it_was(store, other):
    place = Place("US", ("US-NY", "US-NJ"), ("America/New_York",))
    held = Held("m1", Number(ANN.e164, place), LANE, NOON, "SM1", LATER + HOUR, b"\x00body\nof|it\xff")
    plain = held_for(BOB, lane="a lane|with \n anything", minted="", body=b"")
    await store.hold([held, plain])
    assert await other.lease(LANE, 10, "w1", LATER, FAST) == [held]
    assert await other.lease(plain.lane, 10, "w1", LATER, FAST) == [plain]


async def test_nothing_is_leased_before_it_is_due_and_then_the_oldest_first(store):
    many = [held_for(number(n), due=NOON + timedelta(seconds=n)) for n in (3, 1, 4, 2, 0)]
    await store.hold(many)
    by_due = [held.id for held in sorted(many, key=lambda held: held.due)]
    assert await leased(store, now=NOON - timedelta(microseconds=1)) == []
    assert await leased(store, now=NOON) == by_due[:1]
    assert await leased(store, most=2) == by_due[1:3]
    assert await leased(store) == by_due[3:]
    assert await leased(store) == []


async def test_lanes_are_told_the_one_that_waits_longest_first_and_only_what_is_due(store):
    await store.hold(
        [
            held_for(number(1), lane="late", due=NOON + HOUR),
            held_for(number(2), lane="later", due=NOON),
            held_for(number(3), lane="first", due=NOON - HOUR),
            held_for(number(4), lane="first", due=NOON + HOUR),
        ]
    )
    first, later = Lane("first", 2, NOON - HOUR), Lane("later", 1, NOON)
    assert await store.lanes(NOON) == [first, later]
    assert await store.lanes(NOON - timedelta(microseconds=1)) == [first]
    assert await store.outbox() == [first, later, Lane("late", 1, NOON + HOUR)]


async def test_a_lane_whose_messages_are_leased_or_gone_is_not_told_as_due(store):
    one, two = held_for(ANN), held_for(BOB, lane="other")
    await store.hold([one, two])
    assert await leased(store) == [one.id]
    assert await store.drop(two.id, two.minted, None) == two
    assert await store.lanes(NOON) == []
    assert [lane.name for lane in await store.outbox()] == [LANE], "it may come back from its worker"
    assert await store.drop(one.id, one.minted, "w1") == one
    assert await store.outbox() == []


async def test_holding_again_is_harmless_whatever_became_of_it(store):
    held = held_for(ANN)
    for _ in range(2):
        await store.hold([held, held])
    assert await leased(store) == [held.id]
    await store.hold([held])
    assert await store.lanes(LATER) == []
    assert await leased(store) == []
    assert await granted(store, leaving(held))
    await store.hold([held])
    assert await leased(store) == []
    await store.settle([(leaving(held), State.SENT)])
    await store.hold([held])
    assert await leased(store) == []
    assert await state_of(store, held) is State.SENT
    assert await store.outbox() == []


async def test_of_all_that_lease_at_once_each_message_is_one_workers(store, a_store):
    """Four workers, each with its own connection."""
    many = [held_for(number(n)) for n in range(200)]
    await store.hold(many)
    workers = [a_store() for _ in range(4)]
    await asyncio.gather(*(worker.open() for worker in workers))
    asked = [leased(workers[n % 4], f"w{n % 4}", most=7) for n in range(60)]
    found = Counter(id_ for ids in await asyncio.gather(*asked) for id_ in ids)
    assert found == Counter(held.id for held in many)
    await asyncio.gather(*(worker.close() for worker in workers))


async def test_only_who_has_the_lease_may_reserve(store):
    held = held_for(ANN)
    await store.hold([held])
    assert not await granted(store, leaving(held)), "nobody has leased it"
    assert await leased(store) == [held.id]
    assert not await granted(store, leaving(held), "w2")
    assert await granted(store, leaving(held))
    assert await granted(store, leaving(held)), "again"
    assert not await granted(store, leaving(held), "w2")


async def test_a_lease_that_has_run_out_reserves_nothing_and_is_anothers_to_have(store, other):
    """`other` gives leases that run out at once. A worker that was paused wakes twice: before and after the other."""
    held = held_for(ANN)
    await store.hold([held])
    assert await leased(other, "paused") == [held.id]
    assert await state_of(store, held) is State.WAITING
    assert not await granted(store, leaving(held), "paused")
    assert not await store.put_back(held, "paused", LATER + HOUR)
    assert await store.drop(held.id, held.minted, "paused") is None
    assert await leased(store, "w2") == [held.id]
    assert not await granted(other, leaving(held), "paused")
    assert await granted(store, leaving(held), "w2")
    assert not await granted(other, leaving(held), "paused")


async def test_a_lane_of_leases_that_have_run_out_is_told_as_due(store, other):
    await store.hold([held_for(ANN)])
    assert await leased(other)
    assert [lane.name for lane in await store.lanes(LATER)] == [LANE]


async def test_a_held_message_is_decided_by_the_facts_and_limits_of_its_hour(store):
    first, second = held_for(ANN), held_for(ANN)
    await store.hold([first, second])
    assert len(await leased(store)) == 2
    assert await store.reserve([leaving(first, Facts.NONE, CAP), leaving(second, Facts.NONE, CAP)], "w1") == [
        True,
        False,
    ]
    await store.suppress(ANN, opt_out())
    assert not await granted(store, leaving(second))
    assert await granted(store, leaving(second, await facts_of(store))), "it has its lease still"


async def test_a_lease_is_put_back_until_it_is_due_again(store):
    held = held_for(ANN)
    await store.hold([held])
    assert await leased(store) == [held.id]
    assert not await store.put_back(held, "w2", NOON)
    assert await store.put_back(held, "w1", NOON + HOUR)
    assert not await store.put_back(held, "w1", NOON), "it is given up"
    assert not await granted(store, leaving(held))
    assert await store.lanes(LATER) == []
    assert await leased(store, "w2") == []
    assert await store.lease(LANE, 10, "w2", NOON + HOUR, FAST) == [replace(held, due=NOON + HOUR)]


async def test_an_attempt_that_was_certainly_not_sent_waits_again_and_gives_its_places_back(store):
    held, sender = held_for(ANN), Limit("sender", NOON - HOUR, 2)
    assert await granted(store, reservation(ANN, limits=(sender,)))
    await sending(store, held, CAP, sender)
    assert not await store.put_back(held, "w2", NOON)
    assert await store.put_back(held, "w1", NOON)
    counted = (await facts_of(store, counters=("club", "sender"))).counted
    assert counted == {"sender": (NOON,)}, "the other message's place is its own"
    assert not await granted(store, leaving(held)), "its lease is over too"
    assert await leased(store, "w2") == [held.id]
    assert await granted(store, leaving(held, Facts.NONE, CAP, sender), "w2")


async def test_what_is_held_is_amended_under_its_lease_only(store):
    held = held_for(ANN)
    await store.hold([held])
    assert await leased(store, "w1") == [held.id]
    changed = replace(held, body=b"another")
    assert not await store.amend(changed, "w2")
    assert await store.amend(changed, "w1")
    assert await store.put_back(held, "w1", NOON)
    assert not await store.amend(held, "w1"), "it is given up"
    assert await store.lease(LANE, 10, "w2", NOON, FAST) == [changed]


async def test_what_was_put_back_is_not_in_doubt_when_its_worker_dies(store, other):
    held = held_for(ANN)
    await sending(store, held)
    assert await store.put_back(held, "w1", NOON)
    assert await other.sweep() == 0
    assert await store.in_doubt() == []


async def test_who_was_thought_dead_may_still_put_back_what_it_never_sent(store, other):
    held = held_for(ANN)
    await sending(store, held)
    assert await other.sweep() == 1
    assert await state_of(store, held) is State.IN_DOUBT
    assert await store.put_back(held, "w1", NOON)
    assert await store.in_doubt() == []
    assert await leased(store, "w2") == [held.id]


@pytest.mark.parametrize("state", [State.SENT, State.REFUSED])
async def test_what_is_over_is_neither_put_back_nor_dropped_nor_sent_again(store, state):
    held = held_for(ANN)
    await sending(store, held, CAP)
    await store.settle([(leaving(held, Facts.NONE, CAP), state)])
    assert not await store.put_back(held, "w1", NOON)
    assert await store.drop(held.id, held.minted, None) is None
    assert await store.drop(held.id, held.minted, "w1") is None
    assert await leased(store) == []
    assert not await granted(store, leaving(held))
    assert await state_of(store, held) is state
    assert bool((await facts_of(store, counters=("club",))).counted) is (state is State.SENT)


async def test_only_what_waits_is_dropped_or_by_its_worker_what_it_has_leased(store):
    held = held_for(ANN)
    await store.hold([held])
    assert await store.drop(held.id, held.minted, "w1") is None, "it has no lease"
    assert await leased(store) == [held.id]
    assert await store.drop(held.id, held.minted, None) is None
    assert await store.drop(held.id, held.minted, "w2") is None
    assert await store.drop(held.id, held.minted, "w1") == held
    assert await store.drop(held.id, held.minted, "w1") is None, "it is out"
    assert await state_of(store, held) is State.DROPPED
    again = held_for(BOB)
    await sending(store, again)
    assert await store.drop(again.id, again.minted, None) is None
    assert await store.drop(again.id, again.minted, "w1") is None


async def test_a_message_that_no_client_was_told_of_is_dropped_and_tracked_by_its_own_id(store):
    held = held_for(ANN, minted="")
    await store.hold([held])
    assert await store.track(held.id) == Tracked(held.id, State.WAITING, NOON, "", held)
    assert await store.drop(held.id, "", None) == held
    assert await store.track(held.id) == Tracked(held.id, State.DROPPED, NOON)


async def test_what_is_cancelled_while_it_is_released_is_sent_or_dropped_and_never_both(store, other):
    many = [held_for(number(n)) for n in range(100)]
    await store.hold(many)

    async def released(_: Held) -> list[str]:
        found = await store.lease(LANE, 1, "w1", LATER, FAST)
        yes = await store.reserve([leaving(held) for held in found], "w1")
        assert all(yes), "nobody took its lease away"
        return [held.id for held in found]

    async def cancelled(held: Held) -> list[str]:
        gone = await other.drop(held.id, held.minted, None)
        return [gone.id] if gone else []

    racing = [one(held) for held in many for one in (cancelled, released)]
    became = await asyncio.gather(*racing)
    dropped, sent = ([id_ for ids in became[first::2] for id_ in ids] for first in (0, 1))
    left = await leased(store, most=100)
    assert sorted(dropped + sent + left) == sorted(held.id for held in many)
    for held in many:
        assert (await state_of(store, held) is State.DROPPED) is (held.id in dropped)


async def test_what_has_expired_is_its_workers_to_drop(store):
    held = held_for(ANN, expires=NOON + timedelta(seconds=1))
    await store.hold([held])
    assert await store.lease(LANE, 1, "w1", NOON + HOUR, FAST) == [held]


async def test_a_client_is_told_the_truth_all_the_way(store, other):
    held = held_for(ANN)
    assert await store.track(held.minted) is None
    await store.hold([held])
    assert await other.track(held.minted) == Tracked(held.id, State.WAITING, NOON, "", held)
    await leased(store)
    assert await other.track(held.minted) == Tracked(held.id, State.LEASED, NOON, "", held)
    assert await granted(store, leaving(held))
    assert await other.track(held.minted) == Tracked(held.id, State.SENDING, NOON, "", held)
    await store.settle([(leaving(held), State.IN_DOUBT)])
    assert await other.track(held.minted) == Tracked(held.id, State.IN_DOUBT, NOON, "", held)
    await store.accepted_as(held.minted, "SMcarrier")
    await store.settle([(leaving(held), State.SENT)])
    assert await other.track(held.minted) == Tracked(held.id, State.SENT, NOON, "SMcarrier")
    assert await other.minted_of(["SMcarrier", "SMother"]) == {"SMcarrier": held.minted}
    assert await other.minted_of([]) == {}


async def test_one_that_is_in_doubt_stays_there_until_somebody_says_what_became_of_it(store, other):
    held = held_for(ANN)
    await sending(store, held)
    assert await other.sweep() == 1
    assert await leased(other, "w2") == []
    assert await leased(other, "w2", now=LATER + HOUR) == []
    assert await state_of(store, held) is State.IN_DOUBT
    [found] = await store.in_doubt()
    assert found.id == held.id
    await store.settle([(leaving(held), State.REFUSED)])
    assert await state_of(store, held) is State.REFUSED
    assert await store.lanes(LATER + HOUR) == []


async def test_of_two_that_note_what_a_carrier_said_of_a_doubt_only_the_first_does(store, other):
    await sending(store, held_for(ANN))
    assert await other.sweep() == 1
    [read] = await store.in_doubt()
    assert read.inquiry is None
    first, second = Inquiry(Listed.NOT_YET, NOON, LATER), Inquiry(Listed.ABSENT, LATER)
    assert await store.inquired(read, first)
    assert not await other.inquired(read, second)
    [noted] = await other.in_doubt()
    assert noted == replace(read, inquiry=first)
    assert await other.inquired(noted, second)
    assert (await store.in_doubt())[0].inquiry == second


async def test_what_a_carrier_said_of_a_doubt_is_forgotten_when_the_message_waits_again(store, other):
    held = held_for(ANN)
    await sending(store, held)
    await store.settle([(leaving(held), State.IN_DOUBT)])
    [read] = await store.in_doubt()
    said = Inquiry(Listed.ABSENT, NOON)
    assert await store.inquired(read, said)
    assert await store.put_back(held, "w1", NOON)
    assert not await store.inquired(replace(read, inquiry=said), said)
    assert await leased(store) == [held.id]
    assert await granted(store, leaving(held))
    await store.settle([(leaving(held), State.IN_DOUBT)])
    [again] = await other.in_doubt()
    assert (again.id, again.inquiry) == (held.id, None)


async def test_nothing_is_noted_of_a_doubt_that_is_over(store):
    held = held_for(ANN)
    await sending(store, held)
    await store.settle([(leaving(held), State.IN_DOUBT)])
    [read] = await store.in_doubt()
    await store.settle([(leaving(held), State.SENT)])
    assert await store.in_doubt() == []
    assert not await store.inquired(read, Inquiry(Listed.ABSENT, NOON))


async def test_live_messages_are_none_of_the_outbox(store):
    wanted = reservation(ANN)
    assert await granted(store, wanted)
    assert not await store.put_back(replace(held_for(ANN), id=wanted.attempt), "w1", NOON)
    await store.settle([(wanted, State.SENT)])
    assert await store.track(wanted.attempt) is None


async def test_nothing_to_do_in_the_outbox_is_done(store):
    await store.hold([])
    assert await store.lanes(NOON) == []
    assert await store.outbox() == []
    assert await leased(store) == []
    held = held_for(ANN)
    assert await store.drop(held.id, held.minted, None) is None
    assert not await store.put_back(held, "w1", NOON)


async def test_more_than_one_batch_is_held(store):
    many = [held_for(number(n)) for n in range(1001)]
    await store.hold(many)
    [lane] = await store.outbox()
    assert lane == Lane(LANE, 1001, NOON)


async def test_what_was_held_under_an_older_hash_key_leaves_once(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(rotated(old)))
    await before.open()
    await after.open()
    held = held_for(ANN)
    await before.hold([held])
    assert [*await leased(after), *await leased(after)] == [held.id]
    assert await after.track(held.minted) == Tracked(held.id, State.LEASED, NOON, "", held)
    await before.hold([held])
    assert await granted(after, leaving(held, Facts.NONE, CAP))
    assert await after.put_back(held, "w1", NOON)
    assert [*await leased(after), *await leased(after)] == [held.id]
    assert await granted(after, leaving(held, Facts.NONE, CAP))
    await after.settle([(leaving(held), State.SENT)])
    await before.hold([held])
    assert [*await leased(after), *await leased(after)] == []
    assert await after.outbox() == []
    assert await state_of(after, held) is State.SENT
    await after.close()
    await before.close()
