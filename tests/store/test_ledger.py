"""The ledger of consent, open questions, and the keys of requests. Each test runs on SQLite and on Redis."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.doubtful import Doubtful
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Evidence, Happened, Withdrawal
from gateway.words.program import Category
from gateway.words.question import Question, QuestionKind
from tests.store.people import ANN, BOB, LATER, NOON, facts_of, granted, reservation, rotated

WEB = Consent(ConsentKind.EXPRESS_WRITTEN, NOON, "web-form", "club", wording="Yes, text me offers")
SHOWN = Evidence("https://example.com/join", "ab" * 32, "192.0.2.7", "Mozilla/5.0", "YES", "SM1")
GIVEN = Entry(Happened.GIVEN, WEB, "token:shop", LATER, SHOWN)
TAKEN = Entry(Happened.WITHDRAWN, Withdrawal(LATER, "agent", "club"), "cli", LATER, Evidence(words="no more"))
ASKED = Question(QuestionKind.DOUBLE_OPT_IN, "club", NOON, NOON + timedelta(hours=24), "what it is about")


async def test_every_entry_is_told_as_it_was_recorded_and_in_that_order(store, other):
    requested = replace(GIVEN, happened=Happened.REQUESTED)
    paper = Consent(
        ConsentKind.EXPRESS,
        LATER,
        "by carrier pigeon",
        "bank",
        (Category.OTP,),
        night=True,
        expires=NOON,
        wording="§ 1",
    )
    entries = (requested, GIVEN, Entry(Happened.CONFIRMED, paper, "recipient", LATER), TAKEN)
    for entry in entries:
        assert await store.enter(ANN, entry)
    assert await other.ledger(ANN) == entries
    assert await other.ledger(BOB) == ()


async def test_what_counts_is_what_was_given_or_confirmed_and_it_is_known_without_its_wording(store):
    await store.enter(ANN, replace(GIVEN, happened=Happened.REQUESTED))
    assert (await facts_of(store)).consents == (), "who was only asked has agreed to nothing"
    await store.enter(ANN, GIVEN)
    confirmed = replace(WEB, confirmed=True, at=LATER)
    await store.enter(ANN, Entry(Happened.CONFIRMED, confirmed))
    assert (await facts_of(store)).consents == (replace(WEB, wording=""), replace(confirmed, wording=""))


BOTH = replace(WEB, categories=(Category.MARKETING, Category.CHARITY))


@pytest.mark.parametrize(
    ("situation", "taken", "left"),
    [
        ("all of it", Withdrawal(LATER, "agent", "club"), ()),
        ("a part of it", Withdrawal(LATER, "agent", "club", (Category.MARKETING,)), (Category.CHARITY,)),
        ("at the moment at which it was given", Withdrawal(NOON, "agent", "club"), ()),
        ("not what was given later", Withdrawal(NOON - timedelta(seconds=1), "agent", "club"), BOTH.categories),
        ("not another program", Withdrawal(LATER, "agent", "bank"), BOTH.categories),
        ("not another category", Withdrawal(LATER, "agent", "club", (Category.OTP,)), BOTH.categories),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["in order", "the consent recorded after"])
async def test_a_withdrawal_takes_back(store, situation, taken, left, late):
    entries = [Entry(Happened.GIVEN, BOTH), Entry(Happened.WITHDRAWN, taken)]
    for entry in reversed(entries) if late else entries:
        await store.enter(ANN, entry)
    assert [one.categories for one in (await facts_of(store)).consents] == ([left] if left else [])
    assert len(await store.ledger(ANN)) == 2, "nothing is ever taken out of it"


async def test_no_reservation_is_granted_on_a_consent_that_was_withdrawn_meanwhile(store, other):
    await store.enter(ANN, GIVEN)
    facts = await facts_of(store)
    await other.enter(ANN, TAKEN)
    assert not await granted(store, reservation(ANN, facts))


async def test_an_entry_recorded_again_is_one(store, other):
    assert await store.enter(ANN, GIVEN)
    assert not await other.enter(ANN, replace(GIVEN, recorded=NOON))
    assert await store.enter(ANN, replace(GIVEN, actor="cli"))
    assert await store.enter(ANN, GIVEN, "k1")
    before = await facts_of(store)
    assert not await store.enter(ANN, TAKEN, "k1"), "the key is taken"
    assert await facts_of(store) == before
    assert await store.enter(BOB, GIVEN, "k1"), "of this number it is not"


async def test_of_entries_at_the_same_time_none_is_lost_and_none_is_double(store, other):
    keys = [str(place % 10) for place in range(20)]
    new = await asyncio.gather(*((store, other)[i % 2].enter(ANN, GIVEN, key) for i, key in enumerate(keys)))
    assert sum(new) == 10
    assert await store.ledger(ANN) == (GIVEN,) * 10


async def test_under_a_new_key_the_older_entries_stand_and_can_be_withdrawn(a_store):
    ring = KeyRing.fresh()
    old, new = a_store(vault=Vault(ring)), a_store(vault=Vault(rotated(ring)))
    await old.open()
    await new.open()
    await old.enter(ANN, GIVEN)
    await old.ask(ANN, ASKED)
    assert await new.ledger(ANN) == (GIVEN,)
    assert await new.answered(ANN, ASKED)
    await new.enter(ANN, TAKEN)
    assert set(await new.ledger(ANN)) == {GIVEN, TAKEN}
    assert (await facts_of(new)).consents == ()
    await old.close()
    await new.close()


async def test_a_question_is_open_until_its_time_is_over(store, other):
    await store.ask(ANN, ASKED)
    assert await other.questions(ANN, ASKED.until - timedelta(microseconds=1)) == (ASKED,)
    assert await other.questions(ANN, ASKED.until) == ()
    assert await other.questions(BOB, NOON) == ()


async def test_of_two_answers_at_the_same_time_one_counts(store, other):
    await store.ask(ANN, ASKED)
    assert sorted(await asyncio.gather(store.answered(ANN, ASKED), other.answered(ANN, ASKED))) == [False, True]
    assert await store.questions(ANN, NOON) == ()


async def test_a_question_takes_the_place_of_one_of_its_kind_and_program_only(store):
    scope = replace(ASKED, kind=QuestionKind.SCOPE)
    bank = replace(ASKED, program="bank", detail="")
    again = replace(ASKED, asked=LATER, detail="asked again")
    for one in (ASKED, scope, bank, again):
        await store.ask(ANN, one)
    assert set(await store.questions(ANN, LATER)) == {scope, bank, again}
    assert not await store.answered(ANN, ASKED), "it is not open any more"


async def test_asking_changes_nothing_that_a_reservation_hangs_on(store):
    facts = await facts_of(store)
    await store.ask(ANN, ASKED)
    assert await facts_of(store) == facts
    assert await granted(store, reservation(ANN, facts))


async def test_a_key_stands_for_one_request(store, other):
    assert await store.once("token:shop 1", "body")
    assert await other.once("token:shop 1", "body")
    assert not await other.once("token:shop 1", "another body")
    assert await other.once("token:shop 2", "another body")


async def test_a_key_is_known_once_it_was_told(store, other):
    assert not await store.known("inbound 1")
    await store.once("inbound 1", "done")
    assert await other.known("inbound 1")


async def test_a_key_that_was_taken_back_is_new(store, other):
    assert await store.once("mail 1", "one try")
    await other.unsaid("mail 1")
    assert not await store.known("mail 1")
    assert await other.once("mail 1", "another try")


async def test_a_doubtful_reply_waits_until_it_is_judged(store, other):
    early, late = (
        Doubtful(f"d{n}", ANN, "enough?", NOON + timedelta(hours=n), "twilio", "+18335550100", "club", "other")
        for n in (1, 2)
    )
    for one in (late, early, late):
        await store.wonder(one)
    assert await other.doubtful() == [early, late]
    assert await other.judged(early.id)
    assert not await store.judged(early.id)
    assert await store.doubtful() == [late]
