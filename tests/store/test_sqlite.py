"""What only SQLite can get wrong: its file, its locks, its disk."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.store import outbox_table
from gateway.store.base import TRACKED
from gateway.store.sqlite import SqliteStore
from gateway.store.tables import SCHEMA, WrongSchema, key_of
from gateway.words.decision import State
from gateway.words.doubt import Inquiry, Listed
from gateway.words.errors import StoreAway
from gateway.words.facts import Consent, ConsentKind, Limit, Stop
from gateway.words.held import Lane
from gateway.words.ledger import Entry, Happened, Withdrawal
from gateway.words.program import Category
from tests.store.people import ANN, BOB, FAST, NOON, facts_of, granted, held_for, needs, opt_out, reservation


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


SCHEMAS = {
    1: """
CREATE TABLE recipients (place BLOB PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE sealed (place BLOB, part BLOB, sealed BLOB NOT NULL, PRIMARY KEY (place, part)) WITHOUT ROWID;
CREATE TABLE instructed (place BLOB, program TEXT, at INTEGER NOT NULL, PRIMARY KEY (place, program)) WITHOUT ROWID;
CREATE TABLE attempts (
    id TEXT PRIMARY KEY, worker TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL, detail BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE workers (worker TEXT PRIMARY KEY, beat REAL NOT NULL) WITHOUT ROWID;
""",
    2: """
CREATE TABLE claims (
    place BLOB, counter BLOB, at INTEGER, attempt TEXT, PRIMARY KEY (place, counter, at, attempt)
) WITHOUT ROWID;
CREATE TABLE lists (list TEXT, place BLOB, PRIMARY KEY (list, place)) WITHOUT ROWID;
CREATE TABLE stops (
    change INTEGER PRIMARY KEY AUTOINCREMENT, program TEXT UNIQUE NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL
);
""",
    3: """
CREATE TABLE outbox (
    id TEXT UNIQUE NOT NULL, known TEXT NOT NULL, lane TEXT NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL,
    worker TEXT, until INTEGER, parcel BLOB, ended INTEGER, carrier_id TEXT
);
CREATE INDEX outbox_known ON outbox (known);
CREATE INDEX outbox_due ON outbox (lane, state, due) WHERE parcel IS NOT NULL;
CREATE INDEX outbox_ended ON outbox (ended) WHERE ended IS NOT NULL;
CREATE INDEX outbox_carrier ON outbox (carrier_id) WHERE carrier_id IS NOT NULL;
CREATE TABLE lanes (lane TEXT PRIMARY KEY, waiting INTEGER NOT NULL) WITHOUT ROWID;
""",
}
TABLES = {
    1: ("recipients", "sealed", "instructed", "attempts", "workers"),
    2: ("claims", "lists", "stops"),
    3: ("outbox",),
}


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_file_of_an_older_schema_is_brought_up_to_date_and_keeps_all_that_is_in_it(
    tmp_path, vault, store, schema
):
    """Two workers of the new version that open it at the same time, too."""
    await store.suppress(ANN, opt_out(detail="STOP"))
    wanted = reservation(BOB, instructs=True)
    assert await store.reserve([wanted, reservation(ANN, await facts_of(store))], "w1") == [True, True]
    await store.settle([(wanted, State.SENT)])
    await store.enlist("older", [BOB])
    as_it_was_made(tmp_path / "store.db", tmp_path / "old.db", schema)
    one, two = SqliteStore(tmp_path / "old.db", vault), SqliteStore(tmp_path / "old.db", vault, lease=0.0)
    await asyncio.gather(one.open(), two.open())
    assert await one.suppressions(ANN) == (opt_out(detail="STOP"),)
    assert await facts_of(one) == await facts_of(store)
    assert (await facts_of(one, BOB)).instructed is not None
    assert await one.listed("older") == int(schema > 1)
    assert await two.sweep() == 1
    [doubt] = await two.in_doubt()
    assert await one.inquired(doubt, Inquiry(Listed.ABSENT, NOON))
    limits = (Limit("club", NOON - timedelta(days=1), 1),)
    answers = [await granted(worker, reservation(BOB, limits=limits)) for worker in (one, two)]
    assert answers == [True, False]
    await one.stop(Stop("bank", "why", NOON))
    assert await two.enlist("dnc", [ANN]) == 1
    held = held_for(BOB, owner="twilio/AC1")
    await one.hold([held])
    assert [each.held for each in await two.kept_of("twilio/AC1", BOB.e164, 1)] == [held]
    assert await two.lease(held.lane, 1, "w2", NOON, FAST) == [held]
    assert await two.once("key", "request")
    assert one._rows("PRAGMA user_version", []) == [(SCHEMA,)]
    await one.close()
    await two.close()


def as_it_was_made(new: Path, old: Path, schema: int) -> None:
    """The rows of `new` in a file with the tables of an older version, in its words."""
    with closing(sqlite3.connect(old)) as db:
        db.execute("ATTACH ? AS new", (str(new),))
        for version in range(1, schema + 1):
            db.executescript(SCHEMAS[version])
            for table in TABLES[version]:
                columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
                db.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM new.{table}")
        if schema >= 3:  # lanes had no pace yet, and counted what is in doubt
            db.execute("INSERT INTO lanes SELECT lane, COUNT(*) FROM outbox WHERE parcel IS NOT NULL GROUP BY lane")
        db.execute(f"PRAGMA user_version = {schema}")
        db.commit()


async def test_a_lane_of_an_older_file_counts_no_more_what_is_in_doubt_and_has_a_pace(tmp_path, vault, store):
    waits, doubted = held_for(ANN), held_for(BOB)
    await store.hold([waits, doubted])
    wanted = replace(reservation(BOB, attempt=doubted.id), held=True)
    assert len(await store.lease(waits.lane, 2, "w1", NOON, FAST)) == 2
    assert await granted(store, wanted)
    await store.settle([(wanted, State.IN_DOUBT)])
    assert await store.put_back(waits, "w1", NOON)
    as_it_was_made(tmp_path / "store.db", tmp_path / "old.db", 3)
    old = SqliteStore(tmp_path / "old.db", vault)
    await old.open()
    assert await old.outbox() == [Lane(waits.lane, 1, NOON)]
    await old.rest(waits.lane, 3600)
    assert await old.lease(waits.lane, 1, "w1", NOON, FAST) == []
    await old.close()


async def test_what_is_over_is_tracked_for_thirty_days_and_then_forgotten(store, monkeypatch):
    held, waits = held_for(ANN), held_for(BOB, lane="other")
    await store.hold([held, waits])
    await store.drop(held.id, held.minted, None)
    now = outbox_table.clock()
    monkeypatch.setattr(outbox_table, "clock", lambda: now + micros_of(TRACKED - timedelta(minutes=1)))
    await store.sweep()
    assert (await store.track(held.minted)).state is State.DROPPED
    monkeypatch.setattr(outbox_table, "clock", lambda: now + micros_of(TRACKED + timedelta(minutes=1)))
    await store.sweep()
    assert await store.track(held.minted) is None
    assert (await store.track(waits.minted)).state is State.WAITING
    assert store._rows("SELECT lane FROM lanes", []) == [("other",)]


async def test_of_what_is_over_the_message_itself_is_forgotten_at_once(store):
    sent, gone = held_for(ANN), held_for(BOB)
    await store.hold([sent, gone])
    await store.lease(sent.lane, 1, "w1", NOON, FAST)
    wanted = replace(reservation(ANN, attempt=sent.id), held=True)
    assert await granted(store, wanted)
    await store.settle([(wanted, State.SENT)])
    await store.drop(gone.id, gone.minted, None)
    assert store._rows("SELECT COUNT(*) FROM outbox WHERE parcel IS NOT NULL", []) == [(0,)]


async def test_no_step_of_the_outbox_reads_all_that_waits(store):
    """With a million waiting that would be seconds."""
    now = outbox_table.clock()
    for query, values in [
        (outbox_table.LANES, {"waiting": "", "leased": "", "sending": "", "never": 0, "now": 0, "longest": 1}),
        (outbox_table.TRACK, ["SM1"]),
        (outbox_table.DUE, {"lane": "lane", "state": "waiting", "due": now, "now": now, "longest": 1, "most": 1}),
    ]:
        plan = [row[3] for row in store._rows(f"EXPLAIN QUERY PLAN {query}", values)]
        assert [step for step in plan if "TEMP B-TREE" in step or step.startswith("SCAN outbox")] == []


def micros_of(period: timedelta) -> int:
    return period // timedelta(microseconds=1)


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


async def test_workers_that_begin_together_on_a_new_file_all_get_it(tmp_path, vault):
    """Turning a new file to write-ahead logging is what SQLite doesn't wait for by itself."""
    for place in range(25):
        workers = [SqliteStore(tmp_path / f"{place}.db", vault) for _ in range(4)]
        await asyncio.gather(*(worker.open() for worker in workers))
        await asyncio.gather(*(worker.close() for worker in workers))


async def test_a_file_that_may_not_grow_takes_nothing_and_says_so_until_it_may(store):
    """SQLite's own "database or disk is full"."""
    [facts] = await store.look_up([needs(ANN)])
    for _ in range(200):  # so that no free page is left over
        await store.hold([held_for(ANN, body=bytes(500))])
    [(pages,)] = await store._written(lambda db: db.execute("PRAGMA page_count").fetchall())
    await store._written(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    with pytest.raises(StoreAway, match="full"):
        await store.hold([held_for(BOB, body=bytes(50_000))])
    [check] = await store.checks()
    assert (check.good, "full" in check.why) == (False, True)
    await store._written(lambda db: db.execute("PRAGMA max_page_count = 100000").fetchall())
    await store.hold([held_for(BOB, body=bytes(50_000))])
    assert [each.good for each in await store.checks()] == [True]
    assert await granted(store, reservation(ANN, facts))


async def test_set_back_by_hours_the_machines_clock_keeps_no_lease_and_no_dead_worker_alive(store, monkeypatch):
    """Leases and beats of before lie in the future then: they must not hold anything up until the clock is there."""
    held = [held_for(ANN), held_for(BOB)]
    await store.hold(held)
    clock, ahead = outbox_table.clock, micros_of(timedelta(hours=6))
    with monkeypatch.context() as early:
        early.setattr(outbox_table, "clock", lambda: clock() + ahead)
        early.setattr("gateway.store.sqlite.time.time", lambda now=time.time: now() + ahead / 1e6)
        await store.beat("dead")
        assert await granted(store, reservation(ANN), "dead")
        assert len(await store.lease(held[0].lane, 2, "dead", NOON, FAST)) == 2
    assert (await store.track(held[0].minted)).state is State.WAITING
    assert [lane.waiting for lane in await store.lanes(NOON)] == [2]
    assert len(await store.lease(held[0].lane, 1, "w2", NOON, FAST)) == 1
    assert await store.sweep() == 1
    waits = [one for one in held if (await store.track(one.minted)).state is State.WAITING]
    assert [await store.drop(one.id, one.minted, None) for one in waits] == waits
    assert len(waits) == 1


async def test_who_had_a_lease_before_the_clock_was_set_back_sends_no_more_once_another_has_it(store, monkeypatch):
    held = held_for(ANN)
    await store.hold([held])
    clock, ahead = outbox_table.clock, micros_of(timedelta(hours=6))
    with monkeypatch.context() as early:
        early.setattr(outbox_table, "clock", lambda: clock() + ahead)
        assert len(await store.lease(held.lane, 1, "w1", NOON, FAST)) == 1
    assert len(await store.lease(held.lane, 1, "w2", NOON, FAST)) == 1
    leaving = replace(reservation(ANN, attempt=held.id), held=True)
    assert [await granted(store, leaving, worker) for worker in ("w1", "w2")] == [False, True]


async def test_a_consent_from_before_there_was_a_ledger_counts_is_told_and_can_be_withdrawn(tmp_path, vault, store):
    agreed = Consent(
        ConsentKind.EXPRESS_WRITTEN,
        NOON,
        "web-form",
        "club",
        (Category.MARKETING, Category.OTP),
        confirmed=True,
        night=True,
        expires=NOON + timedelta(days=365),
    )
    place = vault.hashes(ANN.e164)[0]
    part = b"consent\n1781107200000000\nexpress-written\nclub"
    wording = vault.seal(f"{ANN.e164}\nYes, text me".encode(), place.digest + part)
    with closing(sqlite3.connect(tmp_path / "store.db")) as db:
        as_written = bytes.fromhex("313bbc0209000004636c75620e100653e855f68000067096e20a6000")
        db.execute("INSERT INTO recipients VALUES (?, ?)", (key_of(place), as_written))
        db.execute("INSERT INTO sealed VALUES (?, ?, ?)", (key_of(place), part, wording))
        db.commit()
    assert (await facts_of(store)).consents == (agreed,)
    assert await store.ledger(ANN) == (Entry(Happened.GIVEN, replace(agreed, wording="Yes, text me")),)
    taken = Entry(Happened.WITHDRAWN, Withdrawal(NOON, "agent", "club", (Category.MARKETING,)))
    await store.enter(ANN, taken)
    assert (await facts_of(store)).consents == (replace(agreed, categories=(Category.OTP,)),)
    assert await store.ledger(ANN) == (Entry(Happened.GIVEN, replace(agreed, wording="Yes, text me")), taken)
