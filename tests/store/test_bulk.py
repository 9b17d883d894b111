"""What comes in or goes out by the thousand: imports, exports, batches of a journal. On both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store.base import Remembered, Store
from gateway.store.journal import Journal
from gateway.store.keyring import KeyRing
from gateway.store.optouts import OptOuts
from gateway.store.vault import Vault
from gateway.words.errors import StoreAway
from gateway.words.facts import Consent, ConsentKind, SuppressionKind
from gateway.words.ledger import Entry, Happened
from tests.store.people import ANN, BOB, LATER, NOON, facts_of, number, opt_out, rotated

OPT_OUT = SuppressionKind.OPT_OUT
BOUNCE = replace(opt_out(source="import"), kind=SuppressionKind.BOUNCE)


def imported(at=NOON, detail: str = ""):
    return opt_out(at, source="import", detail=detail)


def agreed(at=NOON, wording: str = "Yes, text me") -> Entry:
    return Entry(Happened.GIVEN, Consent(ConsentKind.EXPRESS, at, "import", "club", wording=wording), "cli", NOON)


async def everybody(store: Store) -> dict[str, Remembered]:
    found = [one async for page in store.everybody() for one in page]
    told = {one.number: one for one in found}
    assert len(told) == len(found), "nobody is told twice"
    return told


async def test_many_are_suppressed_at_once_as_they_would_be_one_by_one(store):
    said = [(number(place), imported(detail=f"row {place}")) for place in range(1200)]
    assert await store.suppress_all(said, LATER) == 1200
    assert (await facts_of(store, number(7))).suppressions == (imported(),)
    assert await store.suppressions(number(1199)) == (imported(detail="row 1199"),)


async def test_the_same_batch_again_makes_no_difference(store):
    said = [(ANN, imported()), (BOB, imported())]
    assert await store.suppress_all(said, LATER) == 2
    assert await store.suppress_all(said, LATER) == 0


async def test_a_number_that_a_batch_names_twice_keeps_the_earlier_time_and_both_scopes(store):
    club = opt_out(scope="program:club", source="import")
    said = [(ANN, imported(LATER)), (ANN, imported(NOON)), (ANN, imported(LATER)), (ANN, club)]
    await store.suppress_all(said, LATER)
    assert set(await store.suppressions(ANN)) == {imported(NOON), club}


async def test_what_a_batch_says_is_taken_back_by_a_later_lift_and_not_by_an_older_one(store):
    await store.suppress_all([(ANN, imported(NOON))], LATER)
    assert await store.lift(ANN, OPT_OUT, "all", NOON) == 0, "it was heard after that"
    assert await store.lift(ANN, OPT_OUT, "all", LATER) == 1


async def test_a_batch_that_is_replayed_leaves_what_was_lifted_since(store):
    await store.suppress_all([(ANN, imported())], NOON)
    await store.lift(ANN, OPT_OUT, "all", LATER)
    await store.suppress_all([(ANN, imported())], NOON, replayed=True)
    assert await store.suppressions(ANN) == ()


async def test_a_batch_is_known_once_it_is_whole(store, other):
    assert await store.has_batches(["one", "two"]) == [False, False]
    await store.suppress_all([(ANN, imported())], LATER, batch="one")
    assert await other.has_batches(["one", "two"]) == [True, False]


async def test_many_consents_are_entered_at_once_and_each_of_them_once(store):
    entries = [(number(place), agreed()) for place in range(700)]
    assert await store.enter_all([*entries, entries[0]]) == 700
    assert await store.enter_all(entries) == 0
    assert await store.ledger(number(699)) == (agreed(),)


async def test_everybody_is_told_with_all_that_stands_and_strangers_are_not(store):
    await store.suppress_all([(number(place), imported(detail="asked")) for place in range(600)], LATER)
    await store.suppress(ANN, BOUNCE)
    await store.enter(ANN, agreed())
    await store.suppress(BOB, imported())
    await store.lift(BOB, OPT_OUT, "all", LATER)
    await store.enlist("dnc", [number(5000)])
    found = await everybody(store)
    assert len(found) == 601
    assert found[number(5).e164] == Remembered(number(5).e164, (imported(detail="asked"),), ())
    assert found[ANN.e164] == Remembered(ANN.e164, (BOUNCE,), (agreed(),))


async def test_after_a_change_of_keys_everybody_is_told_once(a_store):
    ring = KeyRing.fresh()
    before = a_store(vault=Vault(ring))
    await before.open()
    for known in (ANN, BOB):
        await before.suppress(known, imported(LATER))
    await before.close()
    after = a_store(vault=Vault(rotated(ring)))
    await after.open()
    await after.suppress(ANN, imported(NOON))
    await after.enter(ANN, agreed())
    found = await everybody(after)
    assert found[ANN.e164] == Remembered(ANN.e164, (imported(NOON),), (agreed(),))
    assert found[BOB.e164] == Remembered(BOB.e164, (imported(LATER),), ())
    await after.close()


async def test_a_list_is_emptied_and_other_lists_are_not(store):
    await store.enlist("old", [number(place) for place in range(1100)])
    await store.enlist("new", [number(1)])
    assert await store.unlist("old") == 1100
    assert (await store.listed("old"), await store.listed("new")) == (0, 1)
    assert (await facts_of(store, number(1), lists=("old", "new"))).lists == ("new",)
    assert await store.unlist("old") == 0


@pytest.fixture
def a_host(a_store, tmp_path: Path, vault):
    def made() -> OptOuts:
        return OptOuts(a_store(), Journal(tmp_path / "journal", vault), lambda: LATER)

    return made


async def test_a_batch_is_in_the_journal_before_it_is_in_the_store_and_comes_there_after_a_failure(
    a_host, monkeypatch, store
):
    host = a_host()
    await host.open()

    async def away(*_, **__):
        raise StoreAway("away")

    with monkeypatch.context() as without:
        without.setattr(host._store, "suppress_all", away)
        with pytest.raises(StoreAway):
            await host.suppress_all([(ANN, imported())], LATER)
    assert (await facts_of(store)).suppressions == ()
    assert (await facts_of(host)).suppressions == (imported(),), "nothing is decided without it"
    await host.close()


async def test_a_batch_that_the_store_has_is_not_brought_there_again(a_host, monkeypatch):
    host = a_host()
    await host.open()
    await host.suppress_all([(ANN, imported()), (BOB, BOUNCE)], LATER, batch="one")
    await host.close()
    again, brought = a_host(), []
    suppress_all = again._store.suppress_all
    monkeypatch.setattr(again._store, "suppress_all", lambda *a, **k: brought.append(a) or suppress_all(*a, **k))
    await again.open()
    assert brought == []
    await again.close()


async def test_a_store_that_has_lost_everything_gets_the_batch_and_then_the_lift(a_host, store, tmp_path, vault):
    other_host = OptOuts(store, Journal(tmp_path / "there", vault), lambda: LATER)
    journal = Journal(tmp_path / "journal", vault)
    journal.open()
    lost = OptOuts(_Void(), journal, lambda: LATER)
    await lost.suppress_all([(ANN, imported()), (BOB, imported(detail="by phone"))], NOON)
    await lost.lift(ANN, OPT_OUT, "all", LATER)
    await lost.suppress(BOB, opt_out(LATER + timedelta(seconds=1)))
    journal.close()
    host = a_host()
    await host.open()
    assert await other_host.suppressions(ANN) == ()
    assert set(await other_host.suppressions(BOB)) == {
        imported(detail="by phone"),
        opt_out(LATER + timedelta(seconds=1)),
    }
    await host.close()


async def test_a_batch_with_long_words_is_journaled_in_parts(a_host):
    host = a_host()
    await host.open()
    said = [(number(place), imported(detail="word " * 400)) for place in range(1500)]
    assert await host.suppress_all(said, LATER) == 1500
    await host.close()


class _Void:
    """A server that acknowledges, and then is lost with all that it had."""

    identity = "void"

    async def suppress_all(self, said, heard, *, batch="", replayed=False):
        return len(said)

    async def suppress(self, *_, **__):
        return None

    async def lift(self, *_):
        return 1
