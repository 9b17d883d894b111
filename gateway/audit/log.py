"""The record as the gateway writes it: chained tick by tick, written and synced in groups off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from gateway.audit.chain import Entry, Kind, Link, Sealer, chained
from gateway.audit.files import Files, Recovered, file_name
from gateway.audit.signed import Signer
from gateway.words.errors import GatewayError

GATHER = 0.25  # seconds for which lines are gathered into one write and one sync
RETRY = 1.0  # seconds until a disk that refused is asked again
WITHIN = 5.0  # seconds that `append_durably` and `close` wait for the disk
FILE_BYTES = 64 << 20  # size at which the next file is begun; so is it with each day
HELD_BYTES = 64 << 20  # of lines that wait for the disk; entries beyond that are counted, and the count is recorded

_T = TypeVar("_T")


class AuditAway(GatewayError):
    """The record can't be written, or not in time. Lines that are held are written when the disk is back."""


@dataclass(slots=True)
class _Batch:
    """Lines for one file, in order; `end` is the chain's end after them."""

    name: str
    end: Link
    lines: list[bytes] = field(default_factory=list)
    size: int = 0


class AuditLog:
    """One process's record. `append` never waits, never fails: whether the disk takes it is told by `check`."""

    def __init__(
        self,
        folder: Path,
        vault: Sealer,
        clock: Callable[[], datetime],
        worker: str = "",
        file_bytes: int = FILE_BYTES,
        signer: Signer | None = None,
    ) -> None:
        self._files = Files(folder, signer)
        self._vault = vault
        self._clock = clock
        self._worker = worker
        self._file_bytes = file_bytes
        self._thread = ThreadPoolExecutor(1, "audit")
        self._last = Link()
        self._day = date.min
        self._name = ""
        self._room = 0  # bytes that still fit into the file of that name
        self._fresh: list[Entry] = []  # not chained yet
        self._batches: list[_Batch] = []
        self._held = 0  # bytes in them, and in those that are being written
        self._unkept = 0  # entries that found no room
        self._waiting: list[asyncio.Future[None]] = []
        self._wanted = asyncio.Event()
        self._hurried = asyncio.Event()
        self._trouble = ""
        self._writer: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Go on where the process before ended, and record what it left torn. Raises AuditAway."""
        try:
            self._last, recovered = await self._off_loop(self._files.open)
        except OSError as error:
            raise AuditAway(f"the audit folder can't be used: {error}; check its owner and its space") from error
        self._name, self._room = self._files.name, self._file_bytes - self._files.size
        self._day = self._clock().date()
        if recovered:
            self.append(_recovery(recovered, self._clock()))
        self.append(Entry(Kind.START, self._clock(), {"worker": self._worker}))
        self._writer = asyncio.create_task(self._write_on(), name="audit")

    async def close(self) -> None:
        """Everything is durable, and the chain is free for another process. Raises AuditAway where lines are lost."""
        try:
            await self.append_durably(Entry(Kind.STOP, self._clock(), {"worker": self._worker}))
        finally:
            if self._writer:
                self._writer.cancel()
                await asyncio.wait([self._writer])
            with suppress(TimeoutError):  # in its turn, behind a write that hangs
                async with asyncio.timeout(WITHIN):
                    await self._off_loop(self._files.close)
            self._thread.shutdown(wait=False)

    def append(self, *entries: Entry) -> None:
        """They are chained with all others of this tick of the loop, and durable within a second."""
        if not self._fresh:
            asyncio.get_running_loop().call_soon(self._chain)
        self._fresh += entries

    async def append_durably(self, *entries: Entry) -> None:
        """Returns once they, and all before them, are synced. Raises AuditAway; they may become durable later."""
        self.append(*entries)
        synced = asyncio.get_running_loop().create_future()
        self._waiting.append(synced)
        self._hurried.set()
        try:
            async with asyncio.timeout(WITHIN):
                await synced
        except TimeoutError:
            raise AuditAway(f"the disk under the audit gives no answer within {WITHIN:g} s") from None

    @property
    def full(self) -> bool:
        """The disk has taken nothing for so long that what is appended now will not be on record."""
        return self._held > HELD_BYTES

    def check(self) -> tuple[str, bool, str]:
        """For readiness: name, whether it is good, why."""
        if self._writer is None or self._writer.done():
            return "audit", False, "nobody writes the audit"
        if self._trouble:
            return "audit", False, f"the audit can't be written: {self._trouble}; {self._held} bytes wait"
        return "audit", True, f"chain {self._files.chain}, line {self._last.n}"

    def _chain(self) -> None:
        entries, self._fresh = self._fresh, []
        for entry in entries:
            if self.full:
                self._unkept += 1
                continue
            line, self._last = chained(entry, self._last, self._vault)
            self._hold(line, entry.at.date())
        self._wanted.set()

    def _hold(self, line: bytes, day: date) -> None:
        size = len(line)
        if size > self._room or day > self._day or not self._name:
            self._day = max(day, self._day)
            self._name, self._room = file_name(self._files.chain, self._day, self._last.n), self._file_bytes
        if not self._batches or self._batches[-1].name != self._name:
            self._batches.append(_Batch(self._name, self._last))
        batch = self._batches[-1]
        batch.lines.append(line)
        batch.end = self._last
        batch.size += size
        self._room -= size
        self._held += size

    async def _write_on(self) -> None:
        while True:
            await self._wanted.wait()
            await self._gathered()
            await self._commit()

    async def _gathered(self) -> None:
        """Let lines come together, unless somebody waits for one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RETRY if self._trouble else GATHER):
                await self._hurried.wait()
        self._hurried.clear()

    async def _commit(self) -> None:
        self._chain()
        self._wanted.clear()
        batches, self._batches = self._batches, []
        waiting, self._waiting = self._waiting, []
        try:
            while batches:
                await self._off_loop(self._write, batches[0])
                self._held -= batches.pop(0).size
        except OSError as error:
            self._trouble = error.strerror or str(error)
            self._batches[:0] = batches  # again, in their order, at the same place of the same file
            self._wanted.set()
            _tell(waiting, AuditAway(f"the audit can't be written: {self._trouble}"))
        else:
            self._trouble = ""
            _tell(waiting, None)
            self._own_up()

    def _write(self, batch: _Batch) -> None:
        self._files.write(batch.name, b"".join(batch.lines), batch.end)

    def _own_up(self) -> None:
        """Record how many entries found no room while the disk was away."""
        if self._unkept:
            lost, self._unkept = self._unkept, 0
            self.append(Entry(Kind.RECOVERED, self._clock(), {"lost": lost, "why": "the disk took nothing for long"}))

    async def _off_loop(self, work: Callable[..., _T], *given: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)


def _recovery(recovered: Recovered, now: datetime) -> Entry:
    told = {"lost": recovered.lost, "bytes": recovered.bytes, "aside": recovered.aside}
    return Entry(Kind.RECOVERED, now, {**told, "why": "the process before did not end in good order"})


def _tell(waiting: list[asyncio.Future[None]], error: AuditAway | None) -> None:
    for synced in waiting:
        if synced.done():  # it waits no longer
            continue
        if error:
            synced.set_exception(error)
        else:
            synced.set_result(None)
