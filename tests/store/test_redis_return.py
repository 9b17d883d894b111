"""What Redis is asked first when it comes back."""

from __future__ import annotations

from contextlib import suppress

import pytest

from gateway.store import wire
from gateway.store.redis import RedisStore
from gateway.words.errors import StoreAway
from tests.store.people import ANN, held_for


@pytest.fixture
async def store(redis_server, vault):
    store = RedisStore(redis_server.url, vault)
    await store.open()
    yield store
    await store.close()


async def cut_off(store: RedisStore, redis_server) -> None:
    redis_server.ask("CLIENT", "KILL", "TYPE", "normal")
    with suppress(StoreAway):
        while True:  # until it is noticed
            await store.lanes(held_for(ANN).due)
    await store.wire.ready.wait()


async def test_what_was_refused_as_the_answer_was_lost_is_taken_back_before_anything_is_leased(store, redis_server):
    held = held_for(ANN)
    await store.hold([held])
    await cut_off(store, redis_server)
    with pytest.raises(StoreAway, match="taken back first"):
        await store.lease(held.lane, 9, "w", held.due, None)
    assert await store.drop(held.id, held.minted, None)


async def test_once_all_have_had_the_time_for_that_it_is_leased(store, redis_server, monkeypatch):
    monkeypatch.setattr(wire, "STEADY_AFTER", 0.0)
    held = held_for(ANN)
    await store.hold([held])
    await cut_off(store, redis_server)
    assert [one.id for one in await store.lease(held.lane, 9, "w", held.due, None)] == [held.id]
