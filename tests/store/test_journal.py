"""The journal on the disk: what is acknowledged is there, whatever happened to the file's end."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store import journal as journals
from gateway.store.journal import DAY, Journal
from gateway.store.said import Lifted, Suppressed
from gateway.words.errors import StoreAway
from gateway.words.facts import SuppressionKind
from tests.store.people import ANN, LATER, NOON, opt_out


def stop(place: int) -> Suppressed:
    return Suppressed(f"+1212{place:07d}", opt_out(detail="STOP\u2014please"), LATER)


@pytest.fixture
def journal(tmp_path: Path, vault):
    journal = Journal(tmp_path / "journal", vault)
    journal.open()
    yield journal
    journal.close()


@pytest.fixture
def another(tmp_path: Path, vault):
    """Another worker's, on the same host."""
    journal = Journal(tmp_path / "journal", vault)
    journal.open()
    yield journal
    journal.close()


async def test_what_every_worker_appended_is_read_and_then_only_what_is_new(journal, another):
    lift = Lifted(ANN.e164, SuppressionKind.OPT_OUT, "all", LATER)
    await journal.append(stop(1))
    await another.append(lift)
    entries, reached = journal.read({})
    assert sorted(entries, key=repr) == sorted([stop(1), lift], key=repr)
    await another.append(stop(2))
    assert journal.read(reached)[0] == [stop(2)]


async def test_appends_of_one_moment_share_an_fsync(journal, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    await asyncio.gather(*(journal.append(stop(place)) for place in range(50)))
    assert len(synced) == 1
    assert len(journal.read({})[0]) == 50


async def test_a_write_that_failed_leaves_no_trace_and_the_next_one_is_found(journal, monkeypatch):
    await journal.append(stop(1))

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fdatasync", full)
        with pytest.raises(StoreAway, match="No space left"):
            await journal.append(stop(2))
    await journal.append(stop(3))
    assert journal.read({})[0] == [stop(1), stop(3)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_journal_torn_anywhere_gives_the_complete_entries_and_goes_on(data, tmp_path_factory, vault):
    folder = tmp_path_factory.mktemp("torn")
    ends = asyncio.run(_appended(Journal(folder, vault), [stop(1), stop(2), stop(3)]))
    [path] = folder.glob("*.journal")
    cut = data.draw(st.integers(0, ends[-1]))
    os.truncate(path, cut)
    asyncio.run(_appended(Journal(folder, vault), [stop(4)]))
    complete = [stop(place + 1) for place, end in enumerate(ends) if end <= cut]
    assert Journal(folder, vault).read({})[0] == [*complete, stop(4)]


async def _appended(journal: Journal, entries: list[Suppressed]) -> list[int]:
    """Where each entry ends in its file."""
    journal.open()
    ends = []
    for entry in entries:
        await journal.append(entry)
        ends.append(max(path.stat().st_size for path in journal._files()[-1:]))
    journal.close()
    return ends


async def test_a_bell_is_heard_by_every_worker_of_the_host(journal, another):
    before = another.rung
    assert another.rung == before
    journal.ring()
    once = another.rung
    assert once == journal.rung != before
    another.ring()
    assert journal.rung not in {before, once}


async def test_files_are_begun_daily_and_removed_when_older_than_is_kept(tmp_path, vault):
    now = NOON.timestamp()
    journal = Journal(tmp_path, vault, keep=3 * DAY, clock=lambda: now)
    journal.open()
    for place in range(6):
        await journal.append(stop(place))
        newest = max(tmp_path.glob("*.journal"))
        os.utime(newest, (now, now))
        now += DAY + 1
    journal.prune()
    assert journal.read({})[0] == [stop(place) for place in (4, 5)]
    journal.close()


async def test_only_its_owner_may_read_it(journal, tmp_path):
    await journal.append(stop(1))
    assert stat.S_IMODE((tmp_path / "journal").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "journal").iterdir()} == {0o600}


def test_a_folder_that_can_not_be_made_is_one_clear_line(tmp_path, vault):
    (tmp_path / "file").touch()
    with pytest.raises(StoreAway, match="can't be used: Not a directory"):
        Journal(tmp_path / "file" / "journal", vault).open()


def test_it_is_kept_longer_than_a_fail_over_takes():
    assert journals.KEEP >= 7 * DAY


async def test_a_day_that_begins_on_a_full_disk_breaks_nothing_for_good(tmp_path: Path, vault, monkeypatch):
    """The new day's file can't be made; the old one must not be closed over it."""
    days = [1.0]
    journal = Journal(tmp_path / "journal", vault, clock=lambda: days[-1])
    journal.open()
    await journal.append(stop(1))
    days.append(1.0 + DAY)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(journals, "_File", full)
        with pytest.raises(StoreAway, match="No space left"):
            await journal.append(stop(2))
    await journal.append(stop(3))
    assert journal.read({})[0] == [stop(1), stop(3)]
    journal.close()
