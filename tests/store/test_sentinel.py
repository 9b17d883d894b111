"""Redis behind Sentinel: a fail-over is followed, and what is kept has reached a replica."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store import wire
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.redis import RedisStore
from gateway.words.errors import StoreAway
from tests.store.people import ANN, needs, opt_out, reservation

PROMOTED_WITHIN = 20.0  # seconds


async def _again(ask):
    """What it answers once the store is back."""
    async with asyncio.timeout(PROMOTED_WITHIN):
        while True:
            try:
                return await ask()
            except StoreAway:
                await asyncio.sleep(0.05)


@pytest.fixture
async def host(redis_with_sentinel, vault, tmp_path):
    store = OptOuts(RedisStore(redis_with_sentinel.url, vault), Journal(tmp_path / "journal", vault))
    await store.open()
    yield store
    await store.close()


async def test_an_opt_out_that_the_new_primary_never_got_holds_on_it(redis_with_sentinel, host):
    await host.suppress(ANN, opt_out())
    first = redis_with_sentinel.primary()
    first.ask("FLUSHALL")  # as if nothing had been replicated
    first.kill()
    await asyncio.to_thread(redis_with_sentinel.promoted, first)
    [facts] = await _again(lambda: host.look_up([needs(ANN)]))
    assert facts.suppressions


async def failed_over(redis_with_sentinel, host) -> None:
    first = redis_with_sentinel.primary()
    first.kill()
    await asyncio.to_thread(redis_with_sentinel.promoted, first)
    await _again(lambda: host.look_up([needs(ANN)]))


async def test_on_a_new_primary_nothing_is_sent_before_other_hosts_have_brought_their_opt_outs(
    redis_with_sentinel, host
):
    assert await host.reserve([reservation(ANN)], "w") == [True]
    await failed_over(redis_with_sentinel, host)
    with pytest.raises(StoreAway, match="other hosts"):
        await host.reserve([reservation(ANN)], "w")
    await _again(lambda: host.suppress(ANN, opt_out()))


async def test_once_they_have_had_the_time_it_is_sent(redis_with_sentinel, host, monkeypatch):
    monkeypatch.setattr(wire, "CAUGHT_UP_AFTER", 0.0)
    await failed_over(redis_with_sentinel, host)
    [facts] = await host.look_up([needs(ANN)])
    assert await _again(lambda: host.reserve([reservation(ANN, facts)], "w")) == [True]


async def test_what_too_few_replicas_have_is_not_acknowledged(redis_with_sentinel, host):
    for replica in redis_with_sentinel.nodes[1:]:
        replica.kill()
    with pytest.raises(StoreAway):
        await host.suppress(ANN, opt_out())
