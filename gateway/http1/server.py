"""Serves HTTP/1.1: one coroutine a connection, which goes from request to request and hands each to a handler."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.http1.exchange import Caller, Exchange
from gateway.http1.framing import HEAD_END, BadRequest, Limits, RequestHead, phrase, read_request, response_bytes
from gateway.http1.stream import Gone, TimedOut, Timeouts

Handler = Callable[[Exchange], Awaitable[None]]
Refusal = Callable[[BadRequest], None]

FAREWELL = 1.0  # seconds that a client has to end TLS when its connection is closed: many never do


class ServerStream(Caller):
    """A client's connection: finds one request after the other."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        address = transport.get_extra_info("peername")
        self.peer = address[0] if isinstance(address, tuple) else ""
        self._server.welcome(self)

    async def request(self, limits: Limits, timeouts: Timeouts) -> RequestHead | None:
        """The next request's head; None where the client has no more. Raises BadRequest."""
        buffer = self.buffer
        began, ends = bool(buffer), self.now() + (timeouts.head if buffer else timeouts.idle)
        try:
            while True:
                if buffer.startswith(b"\r\n"):  # one empty line before a request is allowed (RFC 9112, 2.2)
                    del buffer[:2]
                end = buffer.find(HEAD_END, 0, limits.head + len(HEAD_END))
                if end >= 0:
                    raw = bytes(buffer[:end])
                    del buffer[: end + len(HEAD_END)]
                    return read_request(raw, limits)
                if len(buffer) > limits.head:
                    raise BadRequest(431, "the head is too long")
                _check_start(buffer, limits)
                await self.more(ends - self.now())
                if not began:
                    began, ends = True, self.now() + timeouts.head
        except Gone:
            if buffer.strip(b"\r\n"):
                raise BadRequest(400, "the head was cut short") from None
            return None
        except TimedOut:
            if began:
                raise BadRequest(408, "the head did not come in time") from None
            return None

    async def linger(self, seconds: float) -> None:
        """Take in, for so long, what the client still sends: closed with bytes unread, TCP resets the connection,
        and the answer may be lost on its way."""
        ends = self.now() + seconds
        if self.transport.can_write_eof() and not self.lost:
            self.transport.write_eof()
        with suppress(Gone, TimedOut):
            while (left := ends - self.now()) > 0:
                self.buffer.clear()
                await self.more(left)


def _check_start(buffer: bytearray, limits: Limits) -> None:
    """Refuse early what can't become a head."""
    line, found, _ = buffer.partition(b"\n")
    if len(line) > limits.request_line:
        raise BadRequest(414, "the request line is too long")
    if found and not line.endswith(b"\r"):
        raise BadRequest(400, "a line ends with a bare LF")


class Server:
    """Listens, and hands every request to `handler`. What is malformed is answered and its connection closed."""

    def __init__(
        self,
        handler: Handler,
        *,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        tls: ssl.SSLContext | None = None,
        most: int = 10_000,
        on_refused: Refusal = lambda _: None,
        on_error: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        """`most` connections at once; `on_refused` and `on_error` are told, for counting and logging."""
        self._handler = handler
        self._limits = limits or Limits()
        self._timeouts = timeouts or Timeouts()
        self._tls = tls
        self._most = most
        self._on_refused = on_refused
        self._on_error = on_error
        self._streams: dict[ServerStream, asyncio.Task[None]] = {}
        self._listening: asyncio.Server | None = None
        self._closing = False

    async def start(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        handshake = self._timeouts.head if self._tls else None
        self._listening = await loop.create_server(
            lambda: ServerStream(self),
            sock=sock,
            ssl=self._tls,
            backlog=1024,
            ssl_handshake_timeout=handshake,
            ssl_shutdown_timeout=FAREWELL if self._tls else None,
        )

    def welcome(self, stream: ServerStream) -> None:
        if self._closing or len(self._streams) >= self._most:
            stream.write(response_bytes(503, phrase(503), ((b"Content-Length", b"0"), (b"Connection", b"close"))))
            stream.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(stream))
        self._streams[stream] = task
        task.add_done_callback(lambda _: self._streams.pop(stream, None))

    async def close(self, grace: float) -> None:
        """Take no more connections; requests in progress have `grace` seconds to end."""
        self._closing = True
        if self._listening:
            self._listening.close()
        for stream in self._streams:
            stream.closing = True
            if not stream.busy:
                stream.close()
        if tasks := list(self._streams.values()):
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _serve(self, stream: ServerStream) -> None:
        try:
            while await self._served(stream) and not stream.closing:
                pass
        except BadRequest as error:
            await self._refuse(stream, error)
        except Gone:
            pass
        except TimedOut:  # it takes nothing of what is written
            stream.abort()
        except Exception as error:  # noqa: BLE001 one client's connection must not end the listener
            self._on_error(error)
            stream.abort()
        finally:
            await stream.closed(self._timeouts.write)

    async def _served(self, stream: ServerStream) -> bool:
        """One request; whether another may follow."""
        head = await stream.request(self._limits, self._timeouts)
        if head is None:
            return False
        exchange = Exchange(stream, head, self._limits, self._timeouts)
        stream.busy = True
        try:
            await self._handler(exchange)
        except BadRequest:
            if exchange.answered:
                exchange.break_off()
            raise
        except BaseException:
            exchange.break_off()
            raise
        finally:
            stream.busy = False
        await exchange.leave_clean()
        if exchange.unread:
            await stream.linger(self._timeouts.linger)
        return exchange.keeps

    async def _refuse(self, stream: ServerStream, error: BadRequest) -> None:
        self._on_refused(error)
        body = f"{error.reason}\n".encode()
        length = b"%d" % len(body)
        headers = ((b"Content-Type", b"text/plain"), (b"Content-Length", length), (b"Connection", b"close"))
        stream.write(response_bytes(error.status, phrase(error.status), headers) + body)
        await stream.linger(self._timeouts.linger)
