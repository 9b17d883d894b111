"""Who is taken for dead, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.delivery.beats import Beats
from gateway.numbering.read import read_number
from gateway.store.keyring import KeyRing
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.facts import Reservation

LEASE = 30.0


class Clock:
    """Seconds, for the store and for both workers."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("gateway.store.sqlite.time.time", clock)
    return clock


@pytest.fixture
async def store(tmp_path: Path, clock: Clock):
    store = SqliteStore(tmp_path / "store.sqlite", Vault(KeyRing.fresh()), lease=LEASE)
    await store.open()
    yield store
    await store.close()


async def reserved_by(store: SqliteStore, worker: str) -> None:
    number = read_number("+12125550100")
    assert number
    wanted = Reservation("a1", number, "club", 0, datetime.now(UTC))
    assert await store.reserve([wanted], worker) == [True]


async def test_a_dead_worker_is_found_by_one_that_lives(store, clock):
    await store.beat("dead")
    await reserved_by(store, "dead")
    living = Beats(store, "living", now=clock)
    for _ in range(8):
        await living.beat()
        clock.at += 5
    assert [one.worker for one in await store.in_doubt()] == ["dead"]


async def test_nobody_is_taken_for_dead_because_the_store_was_away(store, clock):
    early, late = Beats(store, "early", now=clock), Beats(store, "late", now=clock)
    await late.beat()
    await early.beat()
    await reserved_by(store, "late")
    clock.at += 60  # in which neither reaches the store
    await early.beat()
    assert await store.in_doubt() == []
    await late.beat()
    for _ in range(8):
        clock.at += 5
        await early.beat()
        await late.beat()
    assert await store.in_doubt() == []


async def test_a_worker_that_does_not_come_back_with_the_store_is_found_after_a_lease(store, clock):
    early, lost = Beats(store, "early", now=clock), Beats(store, "lost", now=clock)
    await lost.beat()
    await early.beat()
    await reserved_by(store, "lost")
    clock.at += 60
    await early.beat()
    for _ in range(7):
        clock.at += 5
        await early.beat()
    assert [one.worker for one in await store.in_doubt()] == ["lost"]
