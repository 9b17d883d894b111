"""What never left can be asked for and listed by its client, for a time. Each test runs on SQLite and on Redis."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.held import End, Held, Tracked
from tests.store.people import ANN, BOB, LATER, NOON, granted, held_for, number, reservation, rotated

SHOP, CLUB = "twilio/AC1", "twilio/AC2"
CANCELED = End("canceled", LATER)
REFUSED = End("30007", LATER + timedelta(microseconds=1))


def leaving(held: Held):
    return replace(reservation(held.recipient, attempt=held.id), held=True)


async def sending(store: Store, held: Held) -> None:
    await store.hold([held])
    assert [one.id for one in await store.lease(held.lane, 100, "w1", LATER, None)] == [held.id]
    assert await granted(store, leaving(held))


async def listed(store: Store, owner: str = SHOP, to: str = "", most: int = 50) -> list[str]:
    return [one.id for one in await store.kept_of(owner, to, most)]


async def test_what_is_dropped_with_an_end_is_kept_with_it(store, other):
    held = held_for(ANN)
    await store.hold([held])
    assert await store.drop(held.id, held.minted, None, end=CANCELED) == held
    assert await other.track(held.minted) == Tracked(held.id, State.DROPPED, NOON, "", held, CANCELED)
    assert await store.lease(held.lane, 10, "w1", LATER, None) == []
    assert await store.outbox() == []
    assert await store.drop(held.id, held.minted, None) is None


async def test_what_the_carrier_refused_is_kept_with_its_code_and_what_it_took_is_not(store, other):
    refused, sent = held_for(ANN), held_for(BOB)
    await sending(store, refused)
    await sending(store, sent)
    await store.settle([(leaving(refused), State.REFUSED), (leaving(sent), State.SENT)], {refused.id: REFUSED})
    assert await other.track(refused.minted) == Tracked(refused.id, State.REFUSED, NOON, "", refused, REFUSED)
    assert await other.track(sent.minted) == Tracked(sent.id, State.SENT, NOON)
    await store.hold([refused, sent])
    assert await store.lease(refused.lane, 10, "w1", LATER, None) == [], "they are over"


async def test_what_is_kept_is_overwritten_or_forgotten_at_once(store, other):
    held = held_for(ANN, owner=SHOP)
    await store.hold([held])
    assert not await store.overwrite(held.minted, replace(held, body=b"")), "it waits"
    await store.drop(held.id, held.minted, None, end=CANCELED)
    redacted = replace(held, body=b"|\x00\n")
    assert await other.overwrite(held.minted, redacted)
    assert await store.track(held.minted) == Tracked(held.id, State.DROPPED, NOON, "", redacted, CANCELED)
    assert await listed(store) == [held.id]
    assert await other.overwrite(held.minted, None)
    assert await store.track(held.minted) == Tracked(held.id, State.DROPPED, NOON)
    assert await listed(store) == []
    assert not await other.overwrite(held.minted, redacted), "it is forgotten"
    assert not await other.overwrite("SM-unknown", redacted)


async def test_an_owner_lists_its_own_the_last_first_of_one_recipient_or_of_any(store, other):
    first, second = held_for(ANN, owner=SHOP), held_for(BOB, owner=SHOP)
    for each in (first, second, held_for(ANN, owner=CLUB), held_for(ANN)):
        await store.hold([each])
    assert await other.kept_of(SHOP, "", 50) == [
        Tracked(one.id, State.WAITING, NOON, "", one) for one in (second, first)
    ]
    assert await listed(other, to=ANN.e164) == [first.id]
    assert await listed(other, most=1) == [second.id]
    assert await listed(other, owner="") == []
    assert await listed(other, to=number(7).e164) == []


async def test_holding_again_lists_once(store):
    held = held_for(ANN, owner=SHOP)
    for _ in range(2):
        await store.hold([held])
    assert await listed(store) == await listed(store, to=ANN.e164) == [held.id]


@pytest.mark.parametrize(
    ("state", "ends", "shown"),
    [
        (State.SENT, False, False),
        (State.REFUSED, False, False),
        (State.REFUSED, True, True),
        (State.IN_DOUBT, False, True),
    ],
)
async def test_what_has_left_is_the_carriers_to_list(store, state, ends, shown):
    held = held_for(ANN, owner=SHOP)
    await sending(store, held)
    assert await listed(store) == [held.id], "nobody knows yet whether the carrier has it"
    await store.settle([(leaving(held), state)], {held.id: REFUSED} if ends else {})
    for to in ("", ANN.e164):
        assert [one.state for one in await store.kept_of(SHOP, to, 50)] == ([state] if shown else [])


@pytest.mark.parametrize("end", [None, CANCELED])
async def test_what_was_dropped_is_listed_where_it_is_kept(store, end):
    held = held_for(ANN, owner=SHOP)
    await store.hold([held])
    await store.drop(held.id, held.minted, None, end=end)
    for to in ("", ANN.e164):
        assert [one.end for one in await store.kept_of(SHOP, to, 50)] == ([end] if end else [])


async def test_what_was_held_under_an_older_hash_key_is_listed_too(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(rotated(old)))
    await before.open()
    await after.open()
    first, second = held_for(ANN, owner=SHOP), held_for(ANN, owner=SHOP)
    await before.hold([first])
    await after.hold([second])
    for to in ("", ANN.e164):
        assert sorted(await listed(after, to=to)) == sorted([first.id, second.id])
    assert len(await listed(after, most=1)) == 1
    await after.close()
    await before.close()


async def test_one_that_can_not_be_opened_keeps_no_other_from_being_listed(a_store):
    old = KeyRing("h1", "s1", {"h1": b"1" * 32}, {"s1": b"2" * 32})
    lost = KeyRing("h1", "s2", {"h1": b"1" * 32}, {"s2": b"3" * 32})
    before, after = a_store(vault=Vault(old)), a_store(vault=Vault(lost))
    await before.open()
    await after.open()
    shut, plain = held_for(ANN, owner=SHOP), held_for(ANN, owner=SHOP)
    await before.hold([shut])
    await after.hold([plain])
    assert await listed(after) == [plain.id]
    assert await listed(before) == [shut.id], "it is there, for those who have the key"
    await after.close()
    await before.close()
