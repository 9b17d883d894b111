"""The record is durable when it says so, goes on after a crash, and tells of a disk that is away."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from gateway.audit import log as log_module
from gateway.audit.files import Files, chains_in, files_of
from gateway.audit.log import AuditAway, AuditLog
from gateway.audit.verify import verify
from tests.audit.things import NOW, Keys, note

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def recording(folder: Path, file_bytes: int = 1 << 20) -> AsyncIterator[AuditLog]:
    log = AuditLog(folder, Keys(), lambda: NOW, "here-1", file_bytes)
    await log.open()
    try:
        yield log
    finally:
        await log.close()


def recorded(folder: Path) -> list[dict[str, object]]:
    files = [path for chain in chains_in(folder) for path in files_of(folder, chain)]
    return [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()]


def kinds(folder: Path) -> list[object]:
    return [line["kind"] for line in recorded(folder)]


async def test_every_line_is_there_after_a_clean_end(tmp_path: Path) -> None:
    async with recording(tmp_path) as log:
        log.append(note(1), note(2))
        log.append(note(3))
    assert kinds(tmp_path) == ["start", "heard", "heard", "heard", "stop"]
    assert recorded(tmp_path)[0]["worker"] == "here-1"
    assert verify(tmp_path, Keys()).breaks == ()


async def test_what_was_appended_durably_is_on_disk_and_so_is_all_before_it(tmp_path: Path) -> None:
    async with recording(tmp_path) as log:
        log.append(note(1))
        await log.append_durably(note(2))
        assert [line.get("note") for line in recorded(tmp_path)] == [None, 1, 2]


async def test_lines_become_durable_without_anybody_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = asyncio.Event()
    loop, write = asyncio.get_running_loop(), Files.write

    def told(files: Files, *given: object) -> None:
        write(files, *given)  # type: ignore[arg-type]
        loop.call_soon_threadsafe(written.set)

    monkeypatch.setattr(Files, "write", told)
    async with recording(tmp_path) as log:
        await asyncio.wait_for(written.wait(), 30)  # the start line
        written.clear()
        log.append(note(1))
        await asyncio.wait_for(written.wait(), 30)
        assert recorded(tmp_path)[-1]["note"] == 1


def test_lines_wait_for_less_than_a_second() -> None:
    assert log_module.GATHER < 1


async def test_nobody_else_may_read_the_files(tmp_path: Path) -> None:
    async with recording(tmp_path / "audit"):
        pass
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "audit").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "audit").stat().st_mode) == 0o700


async def test_a_restart_goes_on_with_the_chain(tmp_path: Path) -> None:
    for n in range(3):
        async with recording(tmp_path) as log:
            log.append(note(n))
    assert [line["n"] for line in recorded(tmp_path)] == list(range(1, 10))
    assert verify(tmp_path, Keys()).lines == 9


async def test_a_chain_is_written_by_one_process_at_a_time(tmp_path: Path) -> None:
    async with recording(tmp_path) as one, recording(tmp_path) as other:
        one.append(note(1))
        other.append(note(2))
    verified = verify(tmp_path, Keys())
    assert (verified.chains, verified.lines, verified.breaks) == (2, 6, ())


async def test_a_full_file_is_followed_by_another_that_names_its_last_hash(tmp_path: Path) -> None:
    async with recording(tmp_path, file_bytes=2000) as log:
        log.append(*(note(n) for n in range(20)))
    files = files_of(tmp_path, "w1")
    assert len(files) > 2
    assert all(path.stat().st_size <= 2000 for path in files)
    last = orjson.loads(files[0].read_bytes().splitlines()[-1])
    assert orjson.loads(files[1].read_bytes().splitlines()[0])["prev"] == last["hash"]
    assert verify(tmp_path, Keys()).breaks == ()


async def test_a_new_day_has_a_new_file_and_a_late_line_stays_in_it(tmp_path: Path) -> None:
    async with recording(tmp_path) as log:
        log.append(note(1), note(2, NOW + timedelta(days=1)), note(3, NOW))
    assert [path.name for path in files_of(tmp_path, "w1")] == ["w1-20260610-1.jsonl", "w1-20260611-3.jsonl"]
    assert verify(tmp_path, Keys()).breaks == ()


async def test_a_torn_last_line_is_cut_aside_and_that_is_recorded(tmp_path: Path) -> None:
    async with recording(tmp_path):
        pass
    (path,) = files_of(tmp_path, "w1")
    with path.open("ab") as file:
        file.write(b'{"n":3,"kind":"messa')
    async with recording(tmp_path):
        pass
    assert kinds(tmp_path) == ["start", "stop", "recovered", "start", "stop"]
    told = recorded(tmp_path)[2]
    assert (told["lost"], told["bytes"]) == (0, 20)
    assert (tmp_path / str(told["aside"])).read_bytes() == b'{"n":3,"kind":"messa'
    assert verify(tmp_path, Keys()).breaks == ()


async def test_durable_lines_that_are_gone_at_the_start_are_a_break_for_ever(tmp_path: Path) -> None:
    async with recording(tmp_path) as log:
        log.append(note(1))
    (path,) = files_of(tmp_path, "w1")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))
    async with recording(tmp_path):
        pass
    (broken,) = verify(tmp_path, Keys()).breaks
    assert str(broken) == f"{path.name}:2: recorded as lost before this line: 2 lines"


async def test_a_head_that_is_gone_at_the_start_is_a_break_too(tmp_path: Path) -> None:
    async with recording(tmp_path):
        pass
    (tmp_path / "w1.head").unlink()
    async with recording(tmp_path):
        pass
    (broken,) = verify(tmp_path, Keys()).breaks
    assert broken.line == 3
    assert "head was missing" in broken.why


async def test_an_edit_further_up_survives_a_restart_and_is_found(tmp_path: Path) -> None:
    async with recording(tmp_path) as log:
        log.append(note(1), note(2))
    (path,) = files_of(tmp_path, "w1")
    path.write_bytes(path.read_bytes().replace(b'"note":1', b'"note":7'))
    async with recording(tmp_path):
        pass
    (broken,) = verify(tmp_path, Keys()).breaks
    assert broken.line == 2


async def test_a_day_that_ends_with_an_empty_file_goes_on(tmp_path: Path) -> None:
    async with recording(tmp_path):
        pass
    (tmp_path / "w1-20260611-3.jsonl").touch()  # made, and the machine died before the first line
    async with recording(tmp_path):
        pass
    assert [line["n"] for line in recorded(tmp_path)] == [1, 2, 3, 4]
    assert verify(tmp_path, Keys()).breaks == ()


def test_killed_in_the_middle_nothing_that_was_durable_is_missing(tmp_path: Path) -> None:
    durable = 0
    for _ in range(3):
        durable = _killed_while_writing(tmp_path, durable)
    asyncio.run(_restarted(tmp_path))
    assert verify(tmp_path, Keys()).breaks == ()
    assert {line.get("note") for line in recorded(tmp_path)} >= set(range(durable))
    assert durable > 1000


def _killed_while_writing(folder: Path, first: int) -> int:
    """The first note that was not called durable before the process was killed."""
    command = [sys.executable, "-m", "tests.audit.crash", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        for _ in range(5):
            durable = int(process.stdout.readline())
        process.kill()
    return durable


async def _restarted(folder: Path) -> None:
    async with recording(folder):
        pass


class FullDisk:
    """A disk that takes `room` more bytes, then nothing."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.pwrite = os.pwrite

    def __call__(self, number: int, data: bytes, offset: int) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = data[: self.room]
        self.room -= len(taken)
        return self.pwrite(number, taken, offset)


async def test_a_full_disk_shows_in_readiness_and_nothing_is_lost_once_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recording(tmp_path) as log:
        await log.append_durably(note(1))
        disk = FullDisk(100)
        monkeypatch.setattr(os, "pwrite", disk)
        with pytest.raises(AuditAway, match="No space left"):
            await log.append_durably(note(2))
        name, good, why = log.check()
        assert (name, good) == ("audit", False)
        assert "No space left" in why
        disk.room = 1 << 20
        await log.append_durably(note(3))
        assert log.check()[1]
    assert [line.get("note") for line in recorded(tmp_path)] == [None, 1, 2, 3, None]
    assert verify(tmp_path, Keys()).breaks == ()


async def test_entries_that_find_no_room_at_all_are_counted_and_the_count_is_a_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "HELD_BYTES", 1000)
    async with recording(tmp_path) as log:
        disk = FullDisk(0)
        monkeypatch.setattr(os, "pwrite", disk)
        log.append(*(note(n) for n in range(20)))
        disk.room = 1 << 20
        await log.append_durably()
    (broken,) = verify(tmp_path, Keys()).breaks
    kept = sum(line["kind"] == "heard" for line in recorded(tmp_path))
    assert 0 < kept < 20
    assert broken.why == f"recorded as lost before this line: {20 - kept} lines"


async def test_a_disk_that_hangs_holds_nobody_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "WITHIN", 0.01)
    log = AuditLog(tmp_path, Keys(), lambda: NOW)
    await log.open()
    released, pwrite = asyncio.Event(), os.pwrite
    loop = asyncio.get_running_loop()

    def hanging(number: int, data: bytes, offset: int) -> int:
        asyncio.run_coroutine_threadsafe(released.wait(), loop).result()
        return pwrite(number, data, offset)

    monkeypatch.setattr(os, "pwrite", hanging)
    with pytest.raises(AuditAway, match="no answer"):
        await log.append_durably(note(1))
    with pytest.raises(AuditAway):
        await log.close()
    released.set()


async def test_a_folder_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("a file")
    with pytest.raises(AuditAway, match="can't be used"):
        await AuditLog(tmp_path / "audit", Keys(), lambda: NOW).open()


async def test_a_log_that_nobody_writes_is_not_ready(tmp_path: Path) -> None:
    assert AuditLog(tmp_path, Keys(), lambda: NOW).check()[:2] == ("audit", False)


async def test_lines_whose_head_found_no_room_are_not_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, failing = os.pwrite, [True]

    def pwrite(number: int, data: bytes, offset: int) -> int:
        if bytes(data).startswith(b"0" * 10) and failing:
            failing.pop()
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(number, data, offset)

    async with recording(tmp_path) as log:
        await log.append_durably(note(1))
        monkeypatch.setattr(os, "pwrite", pwrite)
        with pytest.raises(AuditAway):
            await log.append_durably(note(2))
    assert kinds(tmp_path) == ["start", "heard", "heard", "stop"]
    assert verify(tmp_path, Keys()).breaks == ()
