"""One connection as a coroutine sees it: a buffer to read from, bytes to write, and a time-out for every wait."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

HIGH = 256 << 10  # bytes that are read ahead before the peer is told to wait


class TimedOut(Exception):
    """The peer took longer than this phase may take."""


class Gone(Exception):
    """The connection ended while something was still expected on it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds, by phase."""

    connect: float = 5.0  # TCP and TLS
    head: float = 15.0  # from a request's first byte to the end of its head
    body: float = 30.0  # between two pieces of a body
    idle: float = 75.0  # of a kept connection, between requests
    answer: float = 30.0  # until the head of an answer
    write: float = 30.0  # that a peer may take nothing of what is written
    reuse: float = 4.0  # that an idle connection to a carrier is trusted; servers close theirs after 5 or more


class Stream(asyncio.Protocol):
    """What server and client connections share."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.ended = False  # the peer sends no more
        self.lost = False  # the connection is gone
        self.received = 0  # bytes, ever
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self._loop = asyncio.get_running_loop()
        self._arrival: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._paused = False
        self._stalled = False
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.received += len(data)
        if not self._paused and len(self.buffer) > HIGH:
            self._paused = True
            self.transport.pause_reading()
        _done(self._arrival)

    def eof_received(self) -> bool:
        """The peer closed its half; ours stays open until the answer is out."""
        self.ended = True
        _done(self._arrival)
        return not self._over_tls

    @property
    def _over_tls(self) -> bool:
        return self.transport.get_extra_info("ssl_object") is not None

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = self.lost = True
        _done(self._arrival)
        _done(self._drained)
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def pause_writing(self) -> None:
        self._stalled = True

    def resume_writing(self) -> None:
        self._stalled = False
        _done(self._drained)

    async def more(self, seconds: float) -> None:
        """Wait for bytes that are not in the buffer yet. Raises TimedOut, and Gone where none will come."""
        if self.ended:
            raise Gone
        if self._paused:
            self._paused = False
            self.transport.resume_reading()
        had = self.received
        self._arrival = self._loop.create_future()
        await self._within(self._arrival, seconds)
        self._arrival = None
        if self.received == had:
            raise Gone

    def write(self, data: bytes) -> None:
        if not self.lost:
            self.transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until the peer has taken enough of what was written. Raises TimedOut and Gone."""
        if self._stalled and not self.lost:
            self._drained = self._loop.create_future()
            await self._within(self._drained, seconds)
            self._drained = None
        if self.lost:
            raise Gone

    def close(self) -> None:
        if not self.lost:
            self.transport.close()

    def abort(self) -> None:
        if not self.lost:
            self.transport.abort()

    async def _within(self, future: asyncio.Future[None], seconds: float) -> None:
        """One timer for the whole connection, set anew only when it fires: most waits are short."""
        self._deadline = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._deadline, self._fire)
        elif self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._fire)
        await future

    def _fire(self) -> None:
        self._timer = None
        waiting = [future for future in (self._arrival, self._drained) if future and not future.done()]
        if not waiting:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._fire)
            return
        for future in waiting:
            future.set_exception(TimedOut())


def _done(future: asyncio.Future[None] | None) -> None:
    if future and not future.done():
        future.set_result(None)
