"""A clock that is set back makes what waits due again that was put off by it, and only that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.delivery.recall import Recall
from gateway.store.keyring import KeyRing
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from tests.store.people import ANN, BOB, FAST, NOON, held_for

HOUR = timedelta(hours=1)


class Clocks:
    """The one on the wall, and the one that only ever goes forward."""

    def __init__(self) -> None:
        self.wall, self.passed = NOON, 0.0

    def step(self, by: timedelta, passed: float = 1.0) -> None:
        self.wall += by + timedelta(seconds=passed)
        self.passed += passed


@pytest.fixture(params=["sqlite", "redis"])
async def store(request: pytest.FixtureRequest, tmp_path: Path):
    vault = Vault(KeyRing.fresh())
    if request.param == "redis":
        store = RedisStore(request.getfixturevalue("redis_url"), vault)
    else:
        store = SqliteStore(tmp_path / "store.db", vault)
    await store.open()
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("situation", "step", "due_now"),
    [
        ("it was six hours ahead", -6 * HOUR, True),
        ("it is corrected by a second", timedelta(seconds=-1), False),
        ("nothing happens to it", timedelta(0), False),
    ],
)
async def test_what_a_clock_that_was_ahead_put_off_is_due_when_it_is_set_back(store, situation, step, due_now):
    clocks = Clocks()
    recall = Recall(store, "w1", lambda: clocks.wall, lambda: clocks.passed)
    soon, far = held_for(ANN, due=NOON + HOUR / 2), held_for(BOB, due=NOON + 48 * HOUR)
    await store.hold([soon, far])
    clocks.step(step)
    await recall.look()
    leased = [held.id for held in await store.lease(soon.lane, 9, "w2", clocks.wall, FAST)]
    assert leased == ([soon.id] if due_now else [])


async def test_what_was_due_before_keeps_its_turn(store):
    clocks = Clocks()
    recall = Recall(store, "w1", lambda: clocks.wall, lambda: clocks.passed)
    old, older = held_for(ANN, due=NOON - 8 * HOUR), held_for(BOB, due=NOON - 9 * HOUR)
    await store.hold([old, older])
    clocks.step(-2 * HOUR)
    await recall.look()
    assert await store.lease(old.lane, 9, "w2", clocks.wall, FAST) == [older, old]
