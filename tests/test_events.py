"""Whoever subscribes is told of what counts, once, whatever the store and the machine do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from gateway.audit.log import AuditLog
from gateway.bulk import Bulk
from gateway.delivery.errand import unpacked
from gateway.events import Telling
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.vault import Vault
from gateway.words.errors import StoreAway
from gateway.words.event import EventType, Subscriber
from gateway.words.facts import SCOPE_ALL, SuppressionKind
from gateway.words.number import Number, Place
from tests.store.people import ANN, LATER, NOON, opt_out
from tests.store.test_optouts import Flaky

URL = "https://crm.example.com/events"
OPT_OUT = SuppressionKind.OPT_OUT


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "keys.yaml")


def telling_of(store: Flaky, vault: Vault, **wanted: frozenset[EventType]) -> Telling:
    return Telling(store, vault, [Subscriber(URL, ("",), **wanted)], lambda: NOON)


@asynccontextmanager
async def worker(folder: Path, vault: Vault, **wanted: frozenset[EventType]) -> AsyncIterator[tuple[OptOuts, Flaky]]:
    store = Flaky(folder / "store.db", vault)
    optouts = OptOuts(store, Journal(folder / "journal", vault), lambda: NOON, telling_of(store, vault, **wanted))
    await optouts.open()
    yield optouts, store
    await optouts.close()


async def told(store: Flaky) -> list[str]:
    """The types of what waits to be told."""
    return [event["type"] for event in await waiting(store)]


async def waiting(store: Flaky) -> list[dict[str, Any]]:
    lanes = await store.outbox()
    leased = [one for lane in lanes for one in await store.lease(lane.name, 9, "w1", LATER, None)]
    for each in leased:
        await store.put_back(each, "w1", NOON)
    return [orjson.loads(unpacked(each.body).request.body) for each in leased]


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


async def test_an_import_is_told_once_for_all_its_rows_and_names_nobody(tmp_path, vault):
    said = [(Number(f"+1212555{last:04}", Place("US")), opt_out()) for last in range(100, 200)]
    async with worker(tmp_path, vault) as (_, store):
        bulk = Bulk(store, AuditLog(tmp_path, vault, lambda: NOON), lambda: NOON, telling_of(store, vault))
        assert await bulk.suppress(said) == len(said)
        counts = {"taken": 100, "new": 100}
        for _ in range(2):  # killed before it was on record as done, and told once more
            await bulk.tell(EventType.SUPPRESSIONS_IMPORTED, "import", counts, NOON, "ab12")
        [event] = await waiting(store)
        assert event["type"] == "suppressions.imported"
        times = {"began": "2026-06-10T16:00:00Z", "at": "2026-06-10T16:00:00Z"}
        assert event["data"] == {"source": "import", **counts, "sha256": "ab12", **times}


@pytest.mark.parametrize(
    ("situation", "types", "taken"),
    [
        ("no row could be taken", frozenset(EventType), 0),
        ("nobody wants to be told", frozenset({EventType.SUPPRESSED}), 3),
    ],
)
async def test_an_import_that_changed_nothing_or_that_nobody_wants_is_not_told(
    situation, types, taken, tmp_path, vault
):
    async with worker(tmp_path, vault) as (_, store):
        bulk = Bulk(store, AuditLog(tmp_path, vault, lambda: NOON), lambda: NOON, telling_of(store, vault, types=types))
        await bulk.tell(EventType.CONSENTS_IMPORTED, "import", {"taken": taken}, NOON)
        assert await told(store) == []
