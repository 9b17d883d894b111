"""What every store promises. Each test runs on SQLite and on Redis.

Limits have a file of their own (test_limits.py), and so have lists and stops (test_orders.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.optouts import OptOuts
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.facts import Consent, ConsentKind, Facts, LastSent, SuppressionKind
from gateway.words.ledger import Entry, Happened
from tests.store.people import ANN, BOB, LATER, NOON, facts_of, granted, needs, number, opt_out, reservation, rotated

OPT_OUT = SuppressionKind.OPT_OUT


async def test_of_a_stranger_nothing_is_remembered(store):
    assert await facts_of(store) == Facts.NONE
    assert await store.suppressions(ANN) == ()


async def test_a_look_up_answers_in_the_order_of_its_needs(store):
    await store.suppress(BOB, opt_out())
    looked_up = await store.look_up([needs(ANN), needs(BOB), needs(ANN), needs(BOB)])
    assert [len(facts.suppressions) for facts in looked_up] == [0, 1, 0, 1]


async def test_a_suppression_is_found_by_every_worker_and_its_detail_only_by_the_operator(store, other):
    said = opt_out(detail="STOP texting me")
    await store.suppress(ANN, said)
    assert (await facts_of(other)).suppressions == (replace(said, detail=""),)
    assert await other.suppressions(ANN) == (said,)


async def test_suppressing_again_keeps_the_earlier_time(store):
    await store.suppress(ANN, opt_out(NOON, detail="STOP"))
    await store.suppress(ANN, opt_out(LATER, detail="stop!!"))
    assert await store.suppressions(ANN) == (opt_out(NOON, detail="STOP"),)


async def test_suppressions_of_several_kinds_scopes_and_sources_stand_beside_each_other(store):
    said = [
        opt_out(),
        opt_out(scope="program:club"),
        opt_out(source="operator"),
        opt_out(scope="sender:+18335550100", source="a source that no table knows"),
        replace(opt_out(), kind=SuppressionKind.LEGAL_HOLD),
    ]
    for one in said:
        await store.suppress(ANN, one)
    assert set((await facts_of(store)).suppressions) == set(said)


@pytest.mark.parametrize(
    ("situation", "lift", "lifted"),
    [
        ("what was heard before", (OPT_OUT, "all", LATER), 1),
        ("what was heard at that very moment", (OPT_OUT, "all", NOON), 1),
        ("not what was heard later", (OPT_OUT, "all", NOON - timedelta(microseconds=1)), 0),
        ("not another kind", (SuppressionKind.COMPLAINT, "all", LATER), 0),
        ("not another scope", (OPT_OUT, "program:club", LATER), 0),
    ],
)
async def test_a_lift_takes_back(store, situation, lift, lifted):
    await store.suppress(ANN, opt_out(detail="STOP"))
    assert await store.lift(ANN, *lift) == lifted
    assert len((await facts_of(store)).suppressions) == 1 - lifted
    assert len(await store.suppressions(ANN)) == 1 - lifted


async def test_one_lift_takes_back_what_every_source_said(store):
    await store.suppress(ANN, opt_out(source="keyword"))
    await store.suppress(ANN, opt_out(source="link"))
    assert await store.lift(ANN, OPT_OUT, "all", LATER) == 2
    assert await store.lift(ANN, OPT_OUT, "all", LATER) == 0


async def test_a_stop_after_a_start_counts_even_when_a_clock_went_back(store):
    await store.suppress(ANN, opt_out(LATER))
    await store.lift(ANN, OPT_OUT, "all", LATER)
    await store.suppress(ANN, opt_out(NOON, detail="STOP again"))
    assert await store.suppressions(ANN) == (opt_out(NOON, detail="STOP again"),)
    assert await store.lift(ANN, OPT_OUT, "all", LATER) == 0, "a replay of the old START must not take it back"


async def test_a_stop_said_twice_is_not_taken_back_by_a_start_between(store):
    await store.suppress(ANN, opt_out(NOON))
    await store.suppress(ANN, opt_out(LATER))
    assert await store.lift(ANN, OPT_OUT, "all", LATER - timedelta(seconds=1)) == 0


async def test_a_replayed_suppression_that_was_lifted_since_stays_lifted(store):
    await store.suppress(ANN, opt_out())
    await store.lift(ANN, OPT_OUT, "all", LATER)
    await store.suppress(ANN, opt_out(), replayed=True)
    assert await store.suppressions(ANN) == ()


async def test_every_change_raises_the_revision_and_nothing_else_does(store):
    revisions = [(await facts_of(store)).revision]
    await store.suppress(ANN, opt_out())
    revisions.append((await facts_of(store)).revision)
    await store.lift(ANN, OPT_OUT, "all", LATER)
    revisions.append((await facts_of(store)).revision)
    await store.enter(ANN, Entry(Happened.GIVEN, Consent(ConsentKind.EXPRESS, NOON, "agent")))
    revisions.append((await facts_of(store)).revision)
    assert revisions == sorted(set(revisions))
    await store.lift(ANN, OPT_OUT, "all", LATER)
    await store.suppress(BOB, opt_out())
    assert (await facts_of(store)).revision == revisions[-1]


async def test_a_reservation_is_granted_while_the_facts_are_those_that_were_looked_up(store):
    await store.suppress(ANN, opt_out(scope="program:other"))
    facts = await facts_of(store)
    assert await granted(store, reservation(ANN, facts))
    await store.lift(ANN, OPT_OUT, "program:other", LATER)
    assert not await granted(store, reservation(ANN, facts))
    assert await granted(store, reservation(ANN, await facts_of(store)))


async def test_reservations_of_one_request_answer_each_for_itself(store):
    facts = await store.look_up([needs(ANN), needs(BOB)])
    await store.suppress(BOB, opt_out())
    assert await store.reserve([reservation(ANN, facts[0]), reservation(BOB, facts[1])], "w1") == [True, False]


async def test_reserving_again_is_harmless(store):
    wanted = reservation(ANN)
    assert await granted(store, wanted)
    await store.suppress(ANN, opt_out())
    assert await granted(store, wanted), "it was granted before the suppression"
    assert not await granted(store, wanted, "w2"), "it is another worker's"


async def test_nothing_to_do_is_done(store):
    assert await store.look_up([]) == []
    assert await store.reserve([], "w1") == []
    await store.settle([])


async def test_an_instruction_counts_only_when_it_was_sent(store):
    for state in (State.REFUSED, State.IN_DOUBT):
        wanted = reservation(ANN, instructs=True)
        assert await granted(store, wanted)
        await store.settle([(wanted, state)])
        assert (await facts_of(store)).instructed is None
    wanted = reservation(ANN, instructs=True)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.SENT)])
    assert (await facts_of(store)).instructed is not None
    assert (await facts_of(store, program="other")).instructed is None
    assert (await facts_of(store)).revision == wanted.revision


async def test_what_a_program_sent_last_is_known_and_what_it_did_not_send_is_not(store, other):
    first, last = (reservation(ANN, at=at) for at in (NOON, LATER))
    unsent = [(reservation(ANN, at=LATER + timedelta(days=1)), state) for state in (State.REFUSED, State.IN_DOUBT)]
    elsewhere = [reservation(BOB, at=LATER), reservation(ANN, program="bank", at=LATER)]
    assert await store.last_sent(ANN, "club") is None
    wanted = [first, last, *elsewhere, *(one for one, _ in unsent)]
    assert await store.reserve(wanted, "w1") == [True] * len(wanted)
    await store.settle([(first, State.SENT)])
    assert await other.last_sent(ANN, "club") == LastSent(first.attempt, NOON)
    await store.settle([*((one, State.SENT) for one in (last, *elsewhere)), *unsent])
    await store.settle([(first, State.SENT)])  # told once more, by whoever lost the answer
    assert await other.last_sent(ANN, "club") == LastSent(last.attempt, LATER)
    assert await other.last_sent(ANN, "bank") == LastSent(elsewhere[1].attempt, LATER)


async def test_what_was_sent_last_is_known_when_the_keys_were_rotated_since(a_store):
    ring = KeyRing.fresh()
    before = a_store(vault=Vault(ring))
    await before.open()
    sent = reservation(ANN)
    assert await granted(before, sent)
    await before.settle([(sent, State.SENT)])
    after = a_store(vault=Vault(rotated(ring)))
    await after.open()
    assert await after.last_sent(ANN, "club") == LastSent(sent.attempt, NOON)
    await before.close()
    await after.close()


async def test_the_message_that_provoked_an_opt_out_stays_with_it(store, other):
    said = replace(opt_out(LATER, detail="STOP\nnow"), answers=LastSent("5f0c", NOON))
    await store.suppress(ANN, said)
    await store.suppress(ANN, replace(said, answers=LastSent("77aa", LATER), detail="stop!!"))
    assert await other.suppressions(ANN) == (said,)
    assert (await facts_of(other)).suppressions == (replace(said, detail="", answers=None),)


async def test_what_was_refused_is_given_back(store):
    wanted = reservation(ANN)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.REFUSED)])
    assert await granted(store, wanted, "w2")


async def test_a_repeated_settlement_changes_nothing(store):
    wanted = reservation(ANN)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.SENT)])
    await store.settle([(replace(wanted, instructs=True), State.SENT), (wanted, State.IN_DOUBT)])
    assert (await facts_of(store)).instructed is None
    assert await store.in_doubt() == []


async def test_the_attempts_of_a_dead_worker_are_in_doubt_and_never_granted_again(store, other):
    sent, lost = reservation(ANN), reservation(BOB)
    assert await store.reserve([sent, lost], "w1") == [True, True]
    await store.settle([(sent, State.SENT)])
    assert await other.sweep() == 1
    assert await other.sweep() == 0
    [found] = await other.in_doubt()
    assert (found.id, found.state, found.worker) == (lost.attempt, State.IN_DOUBT, "w1")
    assert found.detail == lost.detail
    assert not await granted(store, lost)


async def test_attempts_in_doubt_are_told_the_oldest_first(store):
    wanted = [reservation(number(place)) for place in range(5)]
    for one in wanted:
        assert await granted(store, one)
    await store.settle([(one, State.IN_DOUBT) for one in reversed(wanted)])
    assert [found.id for found in await store.in_doubt()] == [one.attempt for one in wanted]


async def test_who_was_thought_dead_may_still_say_what_became_of_it(store, other):
    wanted = reservation(ANN, instructs=True)
    assert await granted(store, wanted)
    assert await other.sweep() == 1
    await store.settle([(wanted, State.SENT)])
    assert await other.in_doubt() == []
    assert (await facts_of(store)).instructed is not None


async def test_the_attempts_of_a_living_worker_are_left_alone(store):
    await store.beat("w1")
    assert await granted(store, reservation(ANN))
    assert await store.sweep() == 0
    assert await store.in_doubt() == []


async def test_a_worker_that_never_said_that_it_lives_is_swept_too(store, other):
    assert await granted(store, reservation(ANN), "silent")
    assert await other.sweep() == 1


async def test_a_worker_that_leaves_has_nothing_in_doubt(store, other):
    await store.beat("w1")
    wanted = reservation(ANN)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.REFUSED)])
    await store.leave("w1")
    assert await other.sweep() == 0


async def test_sweeping_workers_count_each_attempt_once(store, other, a_store):
    third = a_store(lease=0.0)
    await third.open()
    wanted = [reservation(number(place)) for place in range(20)]
    await store.reserve(wanted, "w1")
    assert sum(await asyncio.gather(other.sweep(), third.sweep(), other.sweep())) == 20
    assert len(await store.in_doubt()) == 20
    await third.close()


async def test_no_reservation_is_granted_once_a_suppression_has_returned(store, other):
    """Two hundred callers on two workers that looked up before it, with the suppression in the middle of them."""
    [facts] = await store.look_up([needs(ANN)])
    returned = False

    async def sends(place: int) -> tuple[bool, bool]:
        for _ in range(place // 10):
            await asyncio.sleep(0)
        began_later = returned
        return began_later, await granted((store, other)[place % 2], reservation(ANN, facts), f"w{place % 2}")

    async def stops() -> None:
        nonlocal returned
        await asyncio.sleep(0)
        await store.suppress(ANN, opt_out())
        returned = True

    *sent, _ = await asyncio.gather(*map(sends, range(200)), stops())
    sent.append(await sends(200))
    assert (True, True) not in sent
    assert (False, True) in sent, "some were there before it"


async def test_many_suppressions_of_one_number_at_the_same_time_are_all_kept(store, other):
    said = [opt_out(scope=f"program:{place}") for place in range(10)]
    await asyncio.gather(*((store, other)[place % 2].suppress(ANN, one) for place, one in enumerate(said)))
    assert set((await facts_of(store)).suppressions) == set(said)


async def test_what_stands_under_an_older_hash_key_is_found_and_can_be_lifted(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(rotated(old)))
    await before.open()
    await after.open()
    await before.suppress(ANN, opt_out(detail="STOP"))
    facts = await facts_of(after)
    assert facts.suppressions == (opt_out(),)
    assert await after.suppressions(ANN) == (opt_out(detail="STOP"),)
    assert await granted(after, reservation(ANN, facts))
    await after.suppress(ANN, opt_out(LATER, source="link"))
    assert not await granted(after, reservation(ANN, facts))
    assert await after.lift(ANN, OPT_OUT, "all", LATER) == 2
    assert (await facts_of(after)).suppressions == ()
    await before.close()
    await after.close()


async def test_its_checks_say_that_it_keeps_its_data(store):
    assert [check.why for check in await store.checks() if not check.good] == []


def test_what_stands_in_front_of_a_store_is_one(store):
    optouts: Store = OptOuts(store, None)
    assert {name for name in vars(Store) if not name.startswith("_")} <= set(dir(optouts))
