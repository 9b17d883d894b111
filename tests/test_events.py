"""Whoever subscribes is told of what counts, once, whatever the store and the machine do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from gateway.delivery.errand import unpacked
from gateway.events import Telling
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.vault import Vault
from gateway.words.errors import StoreAway
from gateway.words.event import EventType, Subscriber
from gateway.words.facts import SCOPE_ALL, SuppressionKind
from tests.store.people import ANN, LATER, NOON, opt_out
from tests.store.test_optouts import Flaky

URL = "https://crm.example.com/events"
OPT_OUT = SuppressionKind.OPT_OUT


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "keys.yaml")


@asynccontextmanager
async def worker(folder: Path, vault: Vault, **wanted: frozenset[EventType]) -> AsyncIterator[tuple[OptOuts, Flaky]]:
    store = Flaky(folder / "store.db", vault)
    telling = Telling(store, vault, [Subscriber(URL, ("",), **wanted)], lambda: NOON)
    optouts = OptOuts(store, Journal(folder / "journal", vault), lambda: NOON, telling)
    await optouts.open()
    yield optouts, store
    await optouts.close()


async def told(store: Flaky) -> list[str]:
    """The types of what waits to be told."""
    lanes = await store.outbox()
    waiting = [one for lane in lanes for one in await store.lease(lane.name, 9, "w1", LATER, None)]
    for each in waiting:
        await store.put_back(each, "w1", NOON)
    return [orjson.loads(unpacked(each.body).request.body)["type"] for each in waiting]


async def test_an_opt_out_that_the_journal_had_to_carry_is_told_once_it_is_in_the_store(tmp_path, vault):
    async with worker(tmp_path, vault) as (optouts, store):
        store.away = True
        with pytest.raises(StoreAway):
            await optouts.suppress(ANN, opt_out())
        store.away = False
        await optouts.beat("w1")
        assert await told(store) == ["suppression.added"]


async def test_a_journal_that_is_read_again_tells_nothing_anew(tmp_path, vault):
    async with worker(tmp_path, vault) as (optouts, _):
        await optouts.suppress(ANN, opt_out())
        assert await optouts.lift(ANN, OPT_OUT, SCOPE_ALL, LATER) == 1
    async with worker(tmp_path, vault) as (_, store):
        assert sorted(await told(store)) == ["suppression.added", "suppression.lifted"]


async def test_who_is_killed_before_an_opt_out_counts_tells_of_it_under_the_same_id(tmp_path, vault, monkeypatch):
    async with worker(tmp_path, vault) as (optouts, store):
        monkeypatch.setattr(store, "suppress", _dies)
        with pytest.raises(SystemExit):
            await optouts.suppress(ANN, opt_out())
    async with worker(tmp_path, vault) as (_, store):
        assert await store.suppressions(ANN)
        assert await told(store) == ["suppression.added"]


async def _dies(*_: object, **__: object) -> None:
    raise SystemExit


async def test_only_what_was_asked_for_is_told(tmp_path, vault):
    async with worker(tmp_path, vault, types=frozenset({EventType.LIFTED})) as (optouts, store):
        await optouts.suppress(ANN, opt_out())
        assert await told(store) == []
