"""An opt-out holds from the moment that it is acknowledged; and on this host, from the moment that it is journaled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.store.base import Store
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts, SuppressionKind
from tests.store.people import ANN, BOB, LATER, NOON, needs, number, opt_out, reservation

OPT_OUT = SuppressionKind.OPT_OUT


class Flaky(SqliteStore):
    """A store that can be away, and can become another one that has lost everything."""

    away = False
    name = "first"

    @property
    def identity(self) -> str:
        return self.name

    async def _written(self, write):
        if self.away:
            raise StoreAway("away")
        return await super()._written(write)


@pytest.fixture
def a_worker(tmp_path: Path, vault) -> Callable:
    """A worker of this host: its own store object and journal, on the data of all."""

    @asynccontextmanager
    async def made(
        clock: Callable[[], datetime] = lambda: NOON, data: str = "store.db", host: str = "here"
    ) -> AsyncIterator:
        store = Flaky(tmp_path / data, vault)
        optouts = OptOuts(store, Journal(tmp_path / host, vault), clock)
        await optouts.open()
        yield optouts, store
        await optouts.close()

    return made


async def sent(optouts: Store, recipient=ANN) -> bool:
    """What the gate does: look up, and reserve what is not suppressed."""
    [facts] = await optouts.look_up([needs(recipient)])
    return not facts.suppressions and await reserved(optouts, facts, recipient)


async def reserved(optouts: Store, facts: Facts, recipient=ANN) -> bool:
    [granted] = await optouts.reserve([reservation(recipient, facts)], "w1")
    return granted


async def test_an_opt_out_is_in_the_journal_and_in_the_store_when_it_returns(a_worker, tmp_path, vault):
    async with a_worker() as (optouts, store):
        await optouts.suppress(ANN, opt_out(detail="STOP"))
        assert await store.suppressions(ANN) == (opt_out(detail="STOP"),)
        [entry] = Journal(tmp_path / "here", vault).read({})[0]
        assert (entry.number, entry.suppression) == (ANN.e164, opt_out(detail="STOP"))


async def test_while_the_store_is_away_an_opt_out_is_not_acknowledged_and_nothing_is_sent(a_worker):
    async with a_worker() as (optouts, store), a_worker() as (neighbour, neighbours_store):
        facts = Facts.NONE
        store.away = neighbours_store.away = True
        with pytest.raises(StoreAway):
            await optouts.suppress(ANN, opt_out())
        for worker in (optouts, neighbour):
            with pytest.raises(StoreAway):
                await reserved(worker, facts)
            assert not all(check.good for check in await worker.checks())


async def test_when_the_store_is_back_every_worker_brings_it_the_opt_out_before_anything_is_reserved(a_worker):
    async with a_worker() as (optouts, store), a_worker() as (neighbour, _):
        [facts] = await neighbour.look_up([needs(ANN)])
        store.away = True
        with pytest.raises(StoreAway):
            await optouts.suppress(ANN, opt_out())
        assert not await reserved(neighbour, facts), "the neighbour's store was there all the time"
        assert await sent(neighbour, BOB)
        store.away = False
        assert not await sent(optouts)


async def test_a_beat_brings_it_there_without_any_message(a_worker):
    async with a_worker() as (optouts, store):
        store.away = True
        with pytest.raises(StoreAway):
            await optouts.suppress(ANN, opt_out())
        store.away = False
        await optouts.beat("w1")
        assert await store.suppressions(ANN) == (opt_out(),)


async def test_an_opt_in_that_could_not_be_stored_is_brought_there_too(a_worker):
    async with a_worker() as (optouts, store):
        await optouts.suppress(ANN, opt_out())
        store.away = True
        with pytest.raises(StoreAway):
            await optouts.lift(ANN, OPT_OUT, "all", LATER)
        store.away = False
        assert await sent(optouts)


async def test_a_store_that_lost_everything_has_the_journal_again_before_anything_is_reserved(a_worker, tmp_path):
    async with a_worker() as (optouts, _):
        await optouts.suppress(ANN, opt_out(detail="STOP"))
        await optouts.suppress(BOB, opt_out())
        await optouts.lift(BOB, OPT_OUT, "all", LATER)
        await asyncio.gather(*(optouts.suppress(number(place), opt_out()) for place in range(600)))
    async with a_worker(data="empty.db") as (optouts, store):
        assert not await reserved(optouts, Facts.NONE)
        assert await store.suppressions(ANN) == (opt_out(detail="STOP"),)
        assert await store.suppressions(number(599)) == (opt_out(),)
        assert await sent(optouts, BOB)


async def test_when_another_server_answers_it_gets_the_journal_first(a_worker):
    async with a_worker() as (optouts, store):
        await optouts.suppress(ANN, opt_out())
        await store._run("DELETE FROM recipients")
        assert await sent(optouts), "this is what a fail-over would do unseen"
        store.name = "second"
        assert not await reserved(optouts, Facts.NONE)
        assert not await sent(optouts)


async def test_a_journal_that_can_not_be_written_still_has_the_store_told(a_worker, monkeypatch):
    async with a_worker() as (optouts, store):
        monkeypatch.setattr("os.fdatasync", _full)
        with pytest.raises(StoreAway, match="journal"):
            await optouts.suppress(ANN, opt_out())
        assert await store.suppressions(ANN) == (opt_out(),)


def _full(fd: int) -> None:
    raise OSError(28, "No space left on device")


async def test_a_caller_that_gives_up_waiting_has_its_opt_out_remembered_all_the_same(a_worker):
    async with a_worker() as (optouts, store):
        hears = asyncio.create_task(optouts.suppress(ANN, opt_out()))
        await asyncio.sleep(0)
        hears.cancel()
        await asyncio.wait([hears])
        assert await store.suppressions(ANN) == (opt_out(),)


@pytest.mark.parametrize(
    ("situation", "clock_at_start", "stop"),
    [
        ("the clock was put back between START and STOP", NOON + timedelta(hours=1), opt_out(NOON)),
        ("an imported opt-out is older than the START", NOON, opt_out(NOON - timedelta(days=30), source="import")),
    ],
)
async def test_a_later_opt_out_survives_every_replay(a_worker, situation, clock_at_start, stop):
    async with a_worker(lambda: clock_at_start) as (optouts, _):
        await optouts.lift(ANN, OPT_OUT, "all", clock_at_start)
    async with a_worker(lambda: NOON) as (optouts, _):
        await optouts.suppress(ANN, stop)
    async with a_worker() as (optouts, store):
        assert await store.suppressions(ANN) == (stop,)
        assert not await sent(optouts)


async def test_replaying_after_a_start_does_not_bring_the_stop_back(a_worker):
    async with a_worker() as (optouts, store):
        await optouts.suppress(ANN, opt_out())
        await store.lift(ANN, OPT_OUT, "all", LATER)  # another host heard it
    async with a_worker() as (optouts, _):
        assert await sent(optouts)


async def test_an_imported_opt_out_survives_the_replay_of_a_start_that_another_host_heard(a_worker):
    imported = opt_out(NOON - timedelta(days=30), source="import")
    async with a_worker(lambda: NOON - timedelta(days=1), host="there") as (there, _):
        await there.lift(ANN, OPT_OUT, "all", NOON - timedelta(days=1))
    async with a_worker() as (here, _):
        await here.suppress(ANN, imported)
    async with a_worker(host="there") as (_, store):
        assert await store.suppressions(ANN) == (imported,)


async def test_what_several_workers_journaled_is_replayed_in_the_order_in_which_it_was_said(a_worker):
    async with a_worker() as (first, _), a_worker() as (second, _):
        await first.suppress(BOB, opt_out())  # its file is the older one
        await second.suppress(ANN, opt_out(NOON))
        await first.lift(ANN, OPT_OUT, "all", LATER)
    async with a_worker(data="empty.db") as (optouts, _):
        assert await sent(optouts)


async def test_redis_restarted_or_replaced_gets_the_journal_before_anything_is_reserved(redis_server, tmp_path, vault):
    store = RedisStore(redis_server.url, vault)
    optouts = OptOuts(store, Journal(tmp_path / "journal", vault), lambda: NOON)
    await optouts.open()
    await optouts.suppress(ANN, opt_out())
    await optouts.suppress(BOB, opt_out())
    await optouts.lift(BOB, OPT_OUT, "all", LATER)
    [ann, bob] = await optouts.look_up([needs(number(1)), needs(number(2))])
    redis_server.kill()
    with pytest.raises(StoreAway):
        await optouts.suppress(number(1), opt_out())
    for kept in redis_server.folder.iterdir():
        kept.unlink()  # what takes over knows nothing
    redis_server.start()
    await asyncio.wait_for(store.wire.ready.wait(), 10)
    assert not await reserved(optouts, ann, number(1)), "pending while Redis was away"
    assert not await reserved(optouts, bob, number(2)), "looked up at another server"
    assert not await sent(optouts)
    assert await sent(optouts, BOB)
    assert await store.suppressions(number(1)) == (opt_out(),)
    await optouts.close()
