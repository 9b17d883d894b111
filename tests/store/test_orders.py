"""What operators set for everybody: lists of numbers, and stops. Each test runs on SQLite and on Redis."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.redis import RedisStore
from gateway.store.vault import Vault
from gateway.words.facts import SCOPE_ALL, Facts, Limit, Stop
from tests.store.people import ANN, BOB, LATER, NOON, facts_of, granted, number, opt_out, reservation, rotated

CLUB = Stop("club", "the offer was wrong", NOON)
ALL = Stop(SCOPE_ALL, "somebody has our password", LATER)


async def on(store: Store, *lists: str, recipient=ANN) -> tuple[str, ...]:
    return (await facts_of(store, recipient, lists=lists)).lists


async def test_a_look_up_tells_which_of_the_lists_asked_about_hold_the_number(store, other):
    assert await store.enlist("litigators", [ANN, BOB]) == 2
    assert await store.enlist("vip", [BOB]) == 1
    assert await on(other, "litigators", "vip", "empty") == ("litigators",)
    assert await on(other, "vip") == ()
    assert await on(other, "vip", "litigators", recipient=BOB) == ("vip", "litigators")
    assert await on(other, recipient=BOB) == (), "nobody asked"


async def test_enlisting_and_striking_tell_how_many_it_made_a_difference_for(store):
    assert await store.enlist("dnc", [ANN, BOB, ANN]) == 2
    assert await store.enlist("dnc", [BOB, number(1)]) == 1
    assert await store.listed("dnc") == 3
    assert await store.strike("dnc", [ANN, ANN, number(2)]) == 1
    assert await store.strike("dnc", [ANN]) == 0
    assert await store.listed("dnc") == 2
    assert await on(store, "dnc") == ()
    assert await on(store, "dnc", recipient=BOB) == ("dnc",)


async def test_a_list_that_was_never_filled_or_is_empty_again_holds_none(store):
    assert await store.listed("dnc") == 0
    assert await store.enlist("dnc", []) == 0
    await store.enlist("dnc", [ANN])
    await store.strike("dnc", [ANN])
    assert await store.strike("dnc", []) == 0
    assert await store.listed("dnc") == 0


async def test_a_list_of_many_numbers_is_filled_in_one_call(store):
    many = [number(place) for place in range(1234)]
    assert await store.enlist("dnc", many) == 1234
    assert await store.listed("dnc") == 1234
    assert await on(store, "dnc", recipient=many[-1]) == ("dnc",)
    assert await store.strike("dnc", many[1:]) == 1233
    assert await store.listed("dnc") == 1


async def test_being_listed_changes_nothing_else_that_is_remembered(store):
    await store.suppress(ANN, opt_out())
    before = await facts_of(store)
    await store.enlist("dnc", [ANN])
    await store.strike("dnc", [ANN])
    assert await facts_of(store) == before


async def test_who_is_listed_under_an_older_hash_key_is_found_counted_once_and_struck(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(rotated(old)))
    await before.open()
    await after.open()
    await before.enlist("dnc", [ANN])
    assert await on(after, "dnc") == ("dnc",)
    assert await after.enlist("dnc", [ANN, BOB]) == 1
    assert await after.listed("dnc") == 2
    assert await after.strike("dnc", [ANN, BOB]) == 2
    assert await after.listed("dnc") == 0
    assert await on(before, "dnc") == ()
    await before.close()
    await after.close()


async def test_a_stop_is_seen_by_every_worker_at_its_very_next_look_up(store, other):
    assert (await facts_of(other)).stopped is None
    await store.stop(CLUB)
    assert (await facts_of(other)).stopped == CLUB
    assert (await facts_of(other, program="bank")).stopped is None
    assert await store.resume("club")
    assert (await facts_of(other)).stopped is None


async def test_a_stop_of_all_wins_over_that_of_the_program_and_holds_for_every_program(store):
    await store.stop(CLUB)
    await store.stop(ALL)
    for program in ("club", "bank"):
        assert (await facts_of(store, program=program)).stopped == ALL
    assert await store.resume(SCOPE_ALL)
    assert (await facts_of(store)).stopped == CLUB, "resuming all takes back no other stop"


async def test_what_is_not_stopped_can_not_be_resumed(store):
    await store.stop(ALL)
    assert not await store.resume("club")
    assert (await facts_of(store)).stopped == ALL


async def test_stops_are_told_the_oldest_first_and_stopping_again_replaces(store):
    await store.stop(ALL)
    await store.stop(Stop("café", "reason | with, signs\nof all kinds: é", NOON))
    await store.stop(CLUB)
    again = Stop("club", "another reason", NOON + timedelta(microseconds=1))
    await store.stop(again)
    assert [stop.program for stop in await store.stops()] == ["café", "club", SCOPE_ALL]
    assert (await store.stops())[0].reason == "reason | with, signs\nof all kinds: é"
    assert (await store.stops())[1] == again
    await store.resume("club")
    await store.resume("café")
    assert await store.stops() == (ALL,)


@pytest.mark.parametrize("stop", [CLUB, ALL], ids=["the program", "all"])
async def test_where_the_store_can_see_it_what_was_looked_up_before_a_stop_is_refused(store, stop):
    """In Redis it lies in another slot: there a look-up sees it, and what is granted starts soon or never."""
    facts = await facts_of(store)
    await store.stop(stop)
    seen = not isinstance(store, RedisStore)
    assert await granted(store, reservation(ANN, facts)) is not seen
    assert await granted(store, reservation(ANN, facts, program="bank")) is not (seen and stop is ALL)


async def test_what_may_leave_although_its_program_is_stopped_is_granted(store):
    """The confirmation of an opt-out, say: which messages those are is for policies to know."""
    for stop in (ALL, CLUB, replace(CLUB, reason="again")):
        await store.stop(stop)
        assert await granted(store, reservation(ANN, await facts_of(store)))
    await store.suppress(ANN, opt_out(scope="program:other"))
    assert await granted(store, reservation(ANN, await facts_of(store)))


async def test_a_stop_that_came_and_went_between_two_others_is_no_reason_to_trust_old_facts(store):
    await store.stop(CLUB)
    await store.resume("club")
    facts = await facts_of(store)
    assert facts.stopped is None
    await store.stop(CLUB)
    assert await granted(store, reservation(ANN, facts)) is isinstance(store, RedisStore)
    await store.resume("club")
    assert await granted(store, reservation(ANN, await facts_of(store)))


async def test_of_a_stranger_nothing_is_remembered_whatever_is_asked(store):
    await store.enlist("dnc", [BOB])
    await store.reserve([reservation(BOB, limits=(Limit("club", NOON - timedelta(days=1), 1),))], "w1")
    assert await facts_of(store, counters=("club",), lists=("dnc",)) == Facts.NONE


async def test_claims_lists_and_stops_are_there_when_the_store_is_opened_again(a_store):
    store = a_store()
    await store.open()
    await store.stop(CLUB)
    await store.enlist("dnc", [ANN])
    await store.reserve([reservation(ANN, program="bank", limits=(Limit("bank", NOON - timedelta(days=1), 1),))], "w1")
    await store.close()
    store = a_store()
    await store.open()
    assert (await facts_of(store, counters=("bank",))).counted == {"bank": (NOON,)}
    assert await store.stops() == (CLUB,)
    assert await on(store, "dnc") == ("dnc",)
    await store.close()
