"""This host's journal of opt-outs and opt-ins: on the disk before the store is asked, and replayed when it lost some.

A folder with one file for each process and day. Nobody else writes to a process's file, so no lock is needed and a torn
end stays where it is: after a crash the next process begins a file of its own. Entries are sealed.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from secrets import token_hex

from gateway.store.bell import Bell
from gateway.store.files import synced
from gateway.store.frames import framed, unframed
from gateway.store.group import GroupCommit
from gateway.store.said import Batch, Entry, read
from gateway.store.vault import Vault, sealed_by
from gateway.words.errors import StoreAway

KEEP = 7 * 86_400.0  # seconds: longer than any fail-over can take
PROBE_BYTES = 16_384
DAY = 86_400.0  # seconds after which a process begins a new file

Position = Mapping[str, int]  # how far each file was read, in bytes

_CONTEXT = b"journal"


class Journal:
    """Append, and read from where one stopped. All processes of a host share the folder."""

    def __init__(
        self, folder: Path, vault: Vault, *, keep: float = KEEP, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._vault = vault
        self._keep = keep
        self._clock = clock
        self._writes: GroupCommit[bytes, None] = GroupCommit(self._commit, "journal")
        self._file: _File | None = None
        self._bell: Bell | None = None

    def open(self) -> None:
        """Raises StoreAway where the folder can't be used."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._bell = Bell(self._folder / "bell")
        except OSError as error:
            raise self._away(error) from error

    def close(self) -> None:
        self._writes.close()
        if self._file:
            self._file.close()
        if self._bell:
            self._bell.close()
        self._file = self._bell = None

    @property
    def rung(self) -> bytes:
        """Another value each time that a process of this host rang: read again before anything is sent."""
        return self._bell.rung if self._bell else b""

    def ring(self) -> None:
        """An entry did not reach the store: every process of this host must bring it there before it sends on."""
        if self._bell:
            self._bell.ring()

    async def append(self, entry: Entry | Batch) -> None:
        """It is on the disk on return. Callers of one moment share the fsync. Raises StoreAway."""
        await self._writes.add(framed(self._vault.seal(entry.to_json(), _CONTEXT)))

    def read(self, since: Position) -> tuple[list[Entry | Batch], Position]:
        """What all processes of this host wrote after `since` ({}: everything), and how far that is. Blocks."""
        found: list[Entry | Batch] = []
        reached: dict[str, int] = {}
        try:
            for path in self._files():
                entries, end = _read(path, since.get(path.name, 0))
                found += [read(self._vault.open(entry, _CONTEXT)) for entry in entries]
                reached[path.name] = end
        except OSError as error:
            raise self._away(error) from error
        return found, reached

    def prune(self) -> None:
        """Remove files of which every entry is older than is kept. Only when the store has all of them. Blocks."""
        for path in self._files():
            with suppress(FileNotFoundError):  # another process pruned it just now
                if path.stat().st_mtime < self._clock() - self._keep:
                    path.unlink()

    def probe(self) -> None:
        """Raises StoreAway where nothing can be written now. Blocks."""
        probe = self._folder / f".probe-{os.getpid()}"
        try:
            try:
                with probe.open("wb") as file:
                    file.write(bytes(PROBE_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise self._away(error) from error

    def _files(self) -> list[Path]:
        """The oldest first: their names begin with the time at which they were begun."""
        return sorted(self._folder.glob("*.journal"))

    def _commit(self, frames: list[bytes]) -> Sequence[None]:
        try:
            self._current().append(b"".join(frames))
        except OSError as error:
            raise self._away(error) from error
        return [None] * len(frames)

    def _current(self) -> _File:
        """This process's file of today."""
        now = self._clock()
        if self._file and self._file.begun > now - DAY:
            return self._file
        name = f"{int(now * 1000):013d}-{os.getpid()}-{token_hex(4)}.journal"
        earlier, self._file = self._file, _File(self._folder / name, now)
        if earlier:
            earlier.close()
        synced(self._folder)
        return self._file

    def _away(self, error: OSError) -> StoreAway:
        return StoreAway(f"the journal in {self._folder} can't be used: {error.strerror}; see to its disk and rights")


class _File:
    """A file to append to. A write that fails is taken back, so that what follows is found."""

    def __init__(self, path: Path, begun: float) -> None:
        self.begun = begun
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._size = 0

    def append(self, data: bytes) -> None:
        """Durable on return. Raises OSError, and then none of it was written."""
        try:
            written = 0
            while written < len(data):
                written += os.write(self._fd, data[written:])
            os.fdatasync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._size)
            raise
        self._size += len(data)

    def close(self) -> None:
        os.close(self._fd)


def named_in(folder: Path) -> Counter[str]:
    """How many entries each key has sealed, by its id. Blocks; raises OSError."""
    entries = chain.from_iterable(_read(path, 0)[0] for path in folder.glob("*.journal"))
    return Counter(sealed_by(entry).decode() for entry in entries)


def _read(path: Path, start: int) -> tuple[list[bytes], int]:
    try:
        with path.open("rb") as file:
            file.seek(start)
            entries, end = unframed(file.read())
    except FileNotFoundError:  # another process pruned it just now
        return [], start
    return entries, start + end
