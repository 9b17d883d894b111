"""What only SQLite can get wrong: its file, its locks, its disk."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store.sqlite import SqliteStore
from gateway.store.tables import SCHEMA, WrongSchema
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.facts import Limit, Stop
from tests.store.people import ANN, BOB, NOON, facts_of, granted, needs, opt_out, reservation


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


async def test_a_file_of_schema_1_is_brought_up_to_date_and_keeps_all_that_is_in_it(tmp_path, vault, store):
    """Two workers of the new version that open it at the same time, too."""
    await store.suppress(ANN, opt_out(detail="STOP"))
    wanted = reservation(BOB, instructs=True)
    assert await store.reserve([wanted, reservation(ANN, await facts_of(store))], "w1") == [True, True]
    await store.settle([(wanted, State.SENT)])
    as_schema_1_made_it(tmp_path / "store.db", tmp_path / "old.db")
    one, two = SqliteStore(tmp_path / "old.db", vault), SqliteStore(tmp_path / "old.db", vault, lease=0.0)
    await asyncio.gather(one.open(), two.open())
    assert await one.suppressions(ANN) == (opt_out(detail="STOP"),)
    assert await facts_of(one) == await facts_of(store)
    assert (await facts_of(one, BOB)).instructed is not None
    assert await two.sweep() == 1
    limits = (Limit("club", NOON - timedelta(days=1), 1),)
    answers = [await granted(worker, reservation(BOB, limits=limits)) for worker in (one, two)]
    assert answers == [True, False]
    await one.stop(Stop("bank", "why", NOON))
    assert await two.enlist("dnc", [ANN]) == 1
    assert one._rows("PRAGMA user_version", []) == [(SCHEMA,)]
    await one.close()
    await two.close()


SCHEMA_1 = """
CREATE TABLE recipients (place BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sealed (place BLOB, part BLOB, sealed BLOB NOT NULL, PRIMARY KEY (place, part)) WITHOUT ROWID;
CREATE TABLE instructed (place BLOB, program TEXT, at INTEGER NOT NULL, PRIMARY KEY (place, program)) WITHOUT ROWID;
CREATE TABLE attempts (
    id TEXT PRIMARY KEY, worker TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, detail BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE workers (worker TEXT PRIMARY KEY, beat REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""


def as_schema_1_made_it(new: Path, old: Path) -> None:
    """The rows of `new` in a file with the tables of the first version, in its words."""
    with closing(sqlite3.connect(old)) as db:
        db.executescript(SCHEMA_1)
        db.execute("ATTACH ? AS new", (str(new),))
        for table in ("recipients", "sealed", "instructed", "attempts", "workers"):
            db.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
        db.commit()


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
