"""What is kept goes under new keys, in the background: nothing of it is lost, and in the end the old keys can go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.store import redis_renewal, sqlite_renewal
from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.links import Linker
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.doubtful import Doubtful
from gateway.words.facts import Consent, ConsentKind, Limit, SuppressionKind
from gateway.words.held import Held
from gateway.words.ledger import Entry, Happened
from gateway.words.link import Link
from gateway.words.program import Category
from gateway.words.question import Question, QuestionKind
from tests.store.people import ANN, BOB, LATER, NOON, facts_of, granted, held_for, number, opt_out, reservation, rotated

OLD = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
NEW = rotated(OLD)
ALONE = replace(NEW, hash_keys={"h2": NEW.hash_keys["h2"]}, seal_keys={"s2": NEW.seal_keys["s2"]})
SHOP = "shop"
WEEKLY = Limit("club", NOON - timedelta(days=7), 2)
AGREED = Entry(
    Happened.GIVEN,
    Consent(ConsentKind.EXPRESS_WRITTEN, NOON, "web-form", "club", (Category.MARKETING,), wording="Yes, text me."),
)
ASKED = Question(QuestionKind.SCOPE, "club", NOON, NOON + timedelta(days=1), "1 keeps appointments")
DOUBT = Doubtful("d1", ANN, "enough?", NOON, "twilio", "+18335550100", "club", "other")


@pytest.fixture
def vault() -> Vault:
    return Vault(OLD)


@pytest.fixture
async def after(a_store) -> AsyncIterator[Store]:
    """With new keys beside the old."""
    async for each in _opened(a_store, NEW):
        yield each


@pytest.fixture
async def alone(a_store) -> AsyncIterator[Store]:
    """Without the old keys."""
    async for each in _opened(a_store, ALONE):
        yield each


async def _opened(a_store, ring: KeyRing) -> AsyncIterator[Store]:
    store = a_store(vault=Vault(ring))
    await store.open()
    yield store
    await store.close()


async def _filled(store: Store, vault: Vault) -> Link:
    """A bit of everything; the link in Ann's last message."""
    link = Link(Linker(vault).tokens(ANN, "club")[0], ANN.e164, "club", "+18335550100")
    await store.enter(ANN, AGREED)
    await store.ask(ANN, ASKED)
    await store.suppress(ANN, opt_out(detail="STOP"))
    await store.suppress(BOB, opt_out(scope="program:bank", detail="no more"))
    await store.lift(BOB, SuppressionKind.OPT_OUT, "program:bank", LATER)
    await store.suppress(BOB, opt_out(source="link"))
    await store.enlist("dnc", [ANN, number(7)])
    sent = replace(reservation(ANN, await facts_of(store), "sent-1", limits=(WEEKLY,), instructs=True), link=link)
    doubted = reservation(ANN, await facts_of(store), "doubted-1", limits=(WEEKLY,))
    assert await store.reserve([sent, doubted], "w1") == [True, True]
    await store.settle([(sent, State.SENT), (doubted, State.IN_DOUBT)])
    await store.hold([replace(held_for(ANN, owner=SHOP), id="held-1", minted="SM1")])
    await store.wonder(DOUBT)
    return link


async def _all_of(store: Store, link: Link) -> list[object]:
    facts = [await facts_of(store, one, counters=("club",), lists=("dnc",)) for one in (ANN, BOB, number(7))]
    return [
        [replace(each, revision=0) for each in facts],
        [await store.suppressions(one) for one in (ANN, BOB)],
        await store.ledger(ANN),
        await store.questions(ANN, LATER),
        await store.last_sent(ANN, "club"),
        await store.linked([link.token]),
        await store.doubtful(),
        await store.track("SM1"),
        [one.id for one in await store.kept_of(SHOP, ANN.e164, 9)],
        [(one.id, one.detail) for one in await store.in_doubt()],
        await store.listed("dnc"),
        sorted([one.number async for page in store.everybody() for one in page]),
    ]


async def _named(store: Store, *, renew: bool = False) -> Counter[str]:
    total: Counter[str] = Counter()
    async for some in store.under_keys(renew=renew):
        total.update(some)
    return +total


async def _sent_from_outbox(store: Store) -> None:
    [lane] = await store.lanes(LATER)
    [held] = await _leased(store, lane.name, "w1")
    assert held.id == "held-1"
    await store.put_back(held, "w1", NOON)


async def _leased(store: Store, lane: str, worker: str) -> list[Held]:
    """In Redis what was held under an older hash moves when it is due, and is leased by the next who looks."""
    return await store.lease(lane, 1, worker, LATER, None) or await store.lease(lane, 1, worker, LATER, None)


async def test_once_renewed_all_of_it_is_read_without_the_old_keys(store, after, alone, vault):
    link = await _filled(store, vault)
    told = await _all_of(store, link)
    assert not {"h2", "s2"} & (await _named(store)).keys()
    await _named(after, renew=True)
    assert await _all_of(after, link) == told
    await _named(after, renew=True)  # who was looked up is known by number: that of the list alone goes too
    assert await _all_of(after, link) == told
    left = await _named(after)
    assert "s1" not in left
    await _sent_from_outbox(after)
    assert await _all_of(alone, link) == told


async def test_what_names_the_old_keys_is_told_until_nothing_does(store, after, vault):
    await store.enter(ANN, AGREED)
    await store.enlist("dnc", [BOB])
    before = await _named(after)
    assert before["s1"] == 1
    assert before["h1"] > 1
    await _named(after, renew=True)
    left = await _named(after)
    assert "s1" not in left
    assert left["h1"] == 1, "of the list's entry nobody knows the number"
    await facts_of(after, BOB)
    await _named(after, renew=True)
    assert "h1" not in await _named(after), "until a message to it is looked at"


async def test_the_opt_out_of_somebody_whose_number_is_kept_nowhere_holds_by_the_old_key(store, after, vault):
    """Where somebody was erased only the keyed hash is left: that key stays, and counts as needed."""
    await store.suppress(ANN, opt_out())
    await _erased(store)
    await _named(after, renew=True)
    assert (await _named(after))["h1"] >= 1
    assert (await facts_of(after)).suppressions == (opt_out(),)


async def _erased(store: Store) -> None:
    """Ann's sealed parts are gone."""
    place = store._vault.hashes(ANN.e164)[0]
    if hasattr(store, "_written"):
        await store._written(lambda db: db.execute("DELETE FROM sealed"))
    else:
        await store._ask([redis_renewal.packed("DEL", redis_renewal.Spot.of(place).sealed)])


async def test_whoever_breaks_off_after_any_page_leaves_everything_readable(store, after, vault, monkeypatch):
    monkeypatch.setattr(sqlite_renewal, "PAGE", 1)
    monkeypatch.setattr(redis_renewal, "BUCKETS", 1)
    link = await _filled(store, vault)
    told = await _all_of(store, link)
    pages = 0
    while True:
        renewing, done = after.under_keys(renew=True), 0
        async for _ in renewing:
            done += 1
            if done > pages:
                break
        else:
            break
        await renewing.aclose()
        assert await _all_of(after, link) == told
        pages += 1
    assert pages > 10
    assert "s1" not in await _named(after)


@pytest.mark.parametrize("a_store", ["redis"], indirect=True)
async def test_who_is_killed_when_it_has_copied_and_not_yet_removed_loses_nothing(store, after, monkeypatch):
    await store.enter(ANN, AGREED)
    await store.suppress(ANN, opt_out(detail="STOP"))
    await store.enlist("dnc", [ANN])
    assert await granted(store, reservation(ANN, await facts_of(store), limits=(WEEKLY,)))
    before, (claimed,) = await after.ledger(ANN), (await facts_of(after, counters=("club",))).counted["club"]
    monkeypatch.setattr(redis_renewal, "_removing", _killed)
    with pytest.raises(asyncio.CancelledError):
        await _named(after, renew=True)
    monkeypatch.undo()
    for _ in range(2):
        assert await after.ledger(ANN) == before
        assert await after.suppressions(ANN) == (opt_out(detail="STOP"),)
        facts = await facts_of(after, counters=("club",), lists=("dnc",))
        assert facts.lists == ("dnc",)
        assert set(facts.counted["club"]) == {claimed}, "perhaps more than once: a limit holds all the more"
        await _named(after, renew=True)
    assert await after.listed("dnc") == 1


def _killed(*_) -> bytes:
    raise asyncio.CancelledError


async def test_an_opt_out_that_is_heard_while_its_record_moves_holds(store, after):
    await store.enter(ANN, AGREED)
    facts = await facts_of(after)
    async for _ in after.under_keys(renew=True):
        await after.suppress(ANN, opt_out(LATER))
    assert not await granted(after, reservation(ANN, facts))
    assert (await facts_of(after)).suppressions == (opt_out(LATER),)
    assert await after.lift(ANN, SuppressionKind.OPT_OUT, "all", LATER) == 1
    await _named(after, renew=True)
    assert (await facts_of(after)).suppressions == ()


async def test_what_was_lifted_under_one_hash_does_not_come_back_from_the_other(store, after):
    await store.suppress(ANN, opt_out(detail="STOP"))
    await after.suppress(ANN, opt_out(detail="STOP"))
    await after.lift(ANN, SuppressionKind.OPT_OUT, "all", LATER)
    await _named(after, renew=True)
    assert await after.suppressions(ANN) == ()
    await after.suppress(ANN, opt_out(LATER + timedelta(days=1)))
    assert len(await after.suppressions(ANN)) == 1


async def test_an_attempt_settles_where_it_was_reserved_though_a_key_has_taken_over_since(store, after):
    """And what the carrier refused gives its place under the limit back."""
    one, other = (reservation(ANN, attempt=each, limits=(replace(WEEKLY, most=1),)) for each in ("a", "b"))
    assert await granted(store, one)
    assert not await granted(after, other)
    await after.settle([(one, State.REFUSED)])
    assert await granted(after, other)
    await after.settle([(other, State.IN_DOUBT)])
    assert [each.id for each in await after.in_doubt()] == ["b"]


async def test_what_was_leased_before_a_key_took_over_is_put_back(store, after):
    await store.hold([held_for(ANN)])
    [lane] = await store.lanes(LATER)
    [held] = await store.lease(lane.name, 1, "w1", LATER, None)
    assert await after.amend(held, "w1")
    assert await after.put_back(held, "w1", NOON)
    assert [one.id for one in await _leased(after, lane.name, "w2")] == [held.id]


async def test_a_request_that_was_made_before_is_known_after(store, after):
    assert await store.once("key", "digest")
    assert await after.once("key", "digest")
    assert not await after.once("key", "another")
    assert await after.known("key")


async def test_a_number_is_on_a_list_once_and_comes_off_it_whatever_key_put_it_there(store, after):
    await store.enlist("dnc", [ANN])
    assert await after.enlist("dnc", [ANN, BOB]) == 1
    assert await after.listed("dnc") == 2
    assert await after.strike("dnc", [ANN]) == 1
    assert (await facts_of(after, lists=("dnc",))).lists == ()


@pytest.mark.parametrize(("situation", "ahead"), [("before its clock says so", -1), ("after it", 1)])
async def test_an_opt_out_around_the_moment_is_seen_by_hosts_whose_clocks_differ(a_store, situation, ahead):
    """Those that go by the old key still and those that go by the new one already refuse alike."""
    begins = datetime(2026, 11, 24, 12, tzinfo=UTC)
    ring = replace(OLD, hash_keys=NEW.hash_keys, begins={"h2": begins})
    clocks = [begins.timestamp() + ahead * 0.5 * sign for sign in (1, -1)]
    hosts = [a_store(vault=Vault(ring, lambda at=at: at)) for at in clocks]
    for host in hosts:
        await host.open()
    speaks, sends = hosts
    facts = await facts_of(sends)
    await speaks.suppress(ANN, opt_out())
    assert not await granted(sends, reservation(ANN, facts))
    assert await speaks.suppressions(ANN) == (opt_out(),)
    for host in hosts:
        await host.close()
