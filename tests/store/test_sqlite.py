"""What only SQLite can get wrong: its file, its locks, its disk."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from gateway.store.sqlite import SqliteStore
from gateway.store.tables import WrongSchema
from gateway.words.errors import StoreAway
from tests.store.people import ANN, needs, opt_out, reservation


@pytest.fixture
async def store(tmp_path: Path, vault):
    store = SqliteStore(tmp_path / "store.db", vault)
    await store.open()
    yield store
    await store.close()


async def test_only_its_owner_may_read_it(store, tmp_path):
    await store.suppress(ANN, opt_out())
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("store.db*")} == {
        "store.db": 0o600,
        "store.db-wal": 0o600,
        "store.db-shm": 0o600,
    }


async def test_every_commit_is_synced(store):
    assert store._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)


async def test_a_file_of_a_newer_version_is_left_alone(tmp_path, vault):
    with sqlite3.connect(tmp_path / "store.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    store = SqliteStore(tmp_path / "store.db", vault)
    with pytest.raises(WrongSchema, match="newer version"):
        await store.open()
    await store.close()


async def test_a_full_disk_is_told_and_nothing_is_half_written(store):
    [(pages,)] = store._writer.execute("PRAGMA page_count").fetchall()
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreAway, match="full"):
        await store.suppress(ANN, opt_out(detail="x" * 100_000))
    assert (await store.look_up([needs(ANN)]))[0].suppressions == ()
    store._writer.execute("PRAGMA max_page_count = 1000000")
    await store.suppress(ANN, opt_out())
    assert await store.suppressions(ANN) == (opt_out(),)


async def test_a_file_that_somebody_locks_is_told(store, tmp_path):
    store._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreAway, match="locked"):
        await store.reserve([reservation(ANN)], "w1")
    assert not all(check.good for check in await store.checks())
    assert await store.look_up([needs(ANN)]), "reading goes on"
    other.execute("ROLLBACK")
    other.close()
    assert await store.reserve([reservation(ANN)], "w1") == [True]


async def test_what_is_no_database_is_told(tmp_path, vault):
    (tmp_path / "store.db").write_bytes(b"not a database at all" * 100)
    store = SqliteStore(tmp_path / "store.db", vault)
    with pytest.raises(StoreAway, match="not a database"):
        await store.open()
    await store.close()


async def test_a_folder_that_is_missing_is_told(tmp_path, vault):
    store = SqliteStore(tmp_path / "nowhere" / "store.db", vault)
    with pytest.raises(StoreAway, match="No such file"):
        await store.open()
    await store.close()


async def test_a_store_that_is_not_open_is_away(tmp_path, vault):
    store = SqliteStore(tmp_path / "store.db", vault)
    with pytest.raises(StoreAway, match="not open"):
        await store.look_up([needs(ANN)])
    with pytest.raises(StoreAway, match="not open"):
        await store.suppress(ANN, opt_out())
    await store.close()
