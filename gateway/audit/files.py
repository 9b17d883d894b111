"""A chain's files on disk: whole lines or none, and a head that says how far they were durable.

    w1.head                    lines and last hash of what is durable; locked by the process that writes the chain
    w1-20261124-1.jsonl        begins with line 1; the next file's first line names this one's last hash
    w1-20261125-40317.jsonl
    w1-20261125-40317.jsonl.40410.torn    what a dead process left behind the last whole line

Each process takes the first chain that is free, so that a restart goes on where the process before it ended.
"""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.audit.chain import GENESIS, Line, Link, read_line
from gateway.audit.signed import Head, Segment, Signer

_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has none


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the process before left unfinished."""

    aside: str  # the file that keeps what was behind the last whole line; empty: nothing was
    bytes: int
    lost: int | None  # lines that were durable and are not there; None: the head is missing, nobody can tell


def file_name(chain: str, day: date, first: int) -> str:
    return f"{chain}-{day:%Y%m%d}-{first}.jsonl"


def first_of(path: Path) -> int:
    """The number of a file's first line."""
    return int(path.stem.rpartition("-")[2])


def day_of(path: Path) -> date:
    """The day on which a file was begun."""
    return date.fromisoformat(path.stem.split("-")[1])


def files_of(folder: Path, chain: str) -> list[Path]:
    """A chain's files in the order of their lines."""
    return sorted(folder.glob(f"{chain}-*-*.jsonl"), key=first_of)


def chains_in(folder: Path) -> list[str]:
    """The chains that have files or a head."""
    names = {path.name.partition("-")[0] for path in folder.glob("w*-*-*.jsonl")}
    return sorted(names | {path.stem for path in folder.glob("w*.head")})


def read_head(folder: Path, chain: str) -> Head | None:
    """How far the chain is durable; None where there is no head, or no sense in it."""
    try:
        return Head.read((folder / f"{chain}.head").read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None


class Files:
    """One chain's files, the newest open to write. Blocks: for one thread, off the loop. Raises OSError."""

    def __init__(self, folder: Path, signer: Signer | None = None) -> None:
        self._folder = folder
        self._signer = signer
        self.chain = ""
        self.name = ""  # of the newest file; empty: there is none yet
        self.size = 0  # bytes of it that are durable
        self._begun = self._end = Link()  # the chain's end before the newest file, and after what is durable of it
        self._head = -1
        self._file = -1

    def open(self) -> tuple[Link, Recovered | None]:
        """Take a chain that nobody writes; where it ends, and what was put right."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.chain, self._head = _locked(self._folder)
        head, files = read_head(self._folder, self.chain), files_of(self._folder, self.chain)
        if not files:
            lost = head.n if head else 0
            return Link(), Recovered("", 0, lost) if lost else None
        last, torn = self._reopened(files)
        self._begun, self._end = begun_after(files[-1]), last
        if head and not torn and head.n <= last.n:
            self._put_head(last)  # signed, where it was written before there was a key
            return last, None
        aside = self._set_aside(torn, last.n + 1)
        return last, Recovered(aside, len(torn), max(0, head.n - last.n) if head else None)

    def write(self, name: str, data: bytes, end: Link) -> None:
        """Append whole lines to the file `name`, durably. After a failure the same call may simply be repeated."""
        if name != self.name:
            self._finish()
            self._switch(name)
        _write_all(self._file, data, self.size)
        _fdatasync(self._file)
        # Written only once the lines are durable, and not synced itself: it may lag behind, never run ahead.
        self._put_head(end)
        self._end = end
        self.size += len(data)  # last: what failed before is written again at the same place

    def close(self) -> None:
        for number in (self._file, self._head):
            if number >= 0:
                os.close(number)
        self._file = self._head = -1

    def _put_head(self, end: Link) -> None:
        written = Head.of(self.chain, end, self._signer).written().encode()
        _write_all(self._head, written, 0)
        os.ftruncate(self._head, len(written))  # one that was signed may become one that is not

    def _finish(self) -> None:
        """What the newest file holds is signed: nothing comes behind it any more."""
        if self.name and self._signer and self._end.n > self._begun.n:
            begun, end = self._begun, self._end
            segment = Segment(self.name, begun.n + 1, end.n, begun.hash, end.hash)
            segment.signed_by(self._signer).write(self._folder)
        self._begun = self._end

    def _reopened(self, files: list[Path]) -> tuple[Link, bytes]:
        """The last whole line, and what stands behind it in the newest file."""
        data = files[-1].read_bytes()
        self.size, line = last_whole(data)
        self._switch(files[-1].name, self.size)
        earlier = reversed(files[:-1])
        while line is None and (path := next(earlier, None)):
            line = last_whole(path.read_bytes())[1]
        return Link(line.n, line.hash) if line else Link(), data[self.size :]

    def _set_aside(self, torn: bytes, n: int) -> str:
        if not torn:
            return ""
        path = self._folder / f"{self.name}.{n}.torn"
        kept = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(kept, torn, 0)
            os.fsync(kept)
        finally:
            os.close(kept)
        os.ftruncate(self._file, self.size)
        return path.name

    def _switch(self, name: str, size: int = 0) -> None:
        opened = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT, 0o600)
        if self._file >= 0:
            os.close(self._file)
        self._file, self.name, self.size = opened, name, size
        _sync_folder(self._folder)


def begun_after(path: Path) -> Link:
    """What a file's first line hangs on."""
    with path.open("rb") as file:
        line = read_line(file.readline().removesuffix(b"\n"))
    return Link(first_of(path) - 1, line.prev or GENESIS)


def last_whole(data: bytes) -> tuple[int, Line | None]:
    """Where the last whole line ends, and the line; (0, None) where there is none.

    From the end: what is damaged further up stays where it is, for `verify` to find.
    """
    end = data.rfind(b"\n") + 1
    while end:
        start = data.rfind(b"\n", 0, end - 1) + 1
        line = read_line(data[start : end - 1])
        if not line.why:
            return end, line
        end = start
    return 0, None


def _locked(folder: Path) -> tuple[str, int]:
    """The first chain that is free, and its head, locked for as long as it stays open."""
    n = 1
    while True:
        head = os.open(folder / f"w{n}.head", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(head, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(head)
            n += 1
        else:
            return f"w{n}", head


def _write_all(number: int, data: bytes, offset: int) -> None:
    left = memoryview(data)
    while left:
        written = os.pwrite(number, left, offset)
        left, offset = left[written:], offset + written


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
