"""One connection as a coroutine sees it: a buffer to read from, bytes to write, and a time-out for every wait."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
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
    proceed: float = 1.0  # that a client's wait for `100 Continue` is left to the carrier
    linger: float = 5.0  # that a client has to read why it was refused


class Wait:
    """For one of two things: bytes from the peer, or room for ours. Both may be waited for at once."""

    __slots__ = ("future", "until")

    def __init__(self) -> None:
        self.future: asyncio.Future[None] | None = None
        self.until = 0.0

    @property
    def waiting(self) -> bool:
        return self.future is not None and not self.future.done()

    def end(self) -> None:
        if self.future is not None and not self.future.done():
            self.future.set_result(None)


class Stream(asyncio.Protocol):
    """What server and client connections share."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.ended = False  # the peer sends no more
        self.lost = False  # the connection is gone
        self.hung_up = False  # the peer ended what it sends in good order
        self.received = 0  # bytes, ever
        self.transport: asyncio.Transport = None  # type: ignore[assignment]
        self._loop = asyncio.get_running_loop()
        self._arrival = Wait()
        self._drained = Wait()
        self._paused = False
        self._stalled = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self.received += len(data)
        if not self._paused and len(self.buffer) > HIGH:
            self._paused = True
            self.transport.pause_reading()
        self._arrival.end()

    def eof_received(self) -> bool:
        """The peer closed its half; ours stays open until the answer is out."""
        self.ended = self.hung_up = True
        self._arrival.end()
        return not self._over_tls

    @property
    def _over_tls(self) -> bool:
        return self.transport.get_extra_info("ssl_object") is not None

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = self.lost = True
        self._arrival.end()
        self._drained.end()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def pause_writing(self) -> None:
        self._stalled = True

    def resume_writing(self) -> None:
        self._stalled = False
        self._drained.end()

    def now(self) -> float:
        return self._loop.time()

    async def more(self, seconds: float) -> None:
        """Wait for bytes that are not in the buffer yet. Raises TimedOut, and Gone where none will come."""
        if self.ended:
            raise Gone
        if self._paused and not self.transport.is_closing():
            self._paused = False
            self.transport.resume_reading()
        had = self.received
        await self._within(self._arrival, seconds)
        if self.received == had:
            raise Gone

    def write(self, data: bytes) -> None:
        if not self.lost:
            self.transport.write(data)

    async def drain(self, seconds: float) -> None:
        """Wait until the peer has taken enough of what was written. Raises TimedOut and Gone."""
        if self._stalled and not self.lost:
            await self._within(self._drained, seconds)
        if self.lost:
            raise Gone

    def close(self) -> None:
        if not self.lost:
            self.transport.close()

    def abort(self) -> None:
        if not self.lost:
            self.transport.abort()

    def reset(self) -> None:
        """Abort so that the peer can't take what it has for the whole: not with an end, but with a TCP reset."""
        if not self.lost:
            with suppress(OSError):
                at_once = struct.pack("ii", 1, 0)
                self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.transport.abort()

    async def closed(self, seconds: float) -> None:
        """Close it once the peer has taken what was written; it has so long to do so."""
        if self.lost:
            return
        self.transport.set_write_buffer_limits(0)  # drained means empty
        waits = self.transport.get_write_buffer_size() > 0
        self.transport.close()
        if waits:
            try:
                await self._within(self._drained, seconds)
            except TimedOut:
                self.transport.abort()

    async def _within(self, wait: Wait, seconds: float) -> None:
        """One timer for the whole connection, set anew only when it fires: most waits are short."""
        until = wait.until = self._loop.time() + seconds
        future = wait.future = self._loop.create_future()
        if self._timer is None:
            self._timer = self._loop.call_at(until, self._fire)
        elif self._timer.when() > until:
            self._timer.cancel()
            self._timer = self._loop.call_at(until, self._fire)
        await future

    def _fire(self) -> None:
        self._timer = None
        now = self._loop.time()
        waits = [wait for wait in (self._arrival, self._drained) if wait.waiting]
        for wait in waits:
            if wait.until <= now and wait.future:
                wait.future.set_exception(TimedOut())
        if ahead := [wait.until for wait in waits if wait.until > now]:
            self._timer = self._loop.call_at(min(ahead), self._fire)
