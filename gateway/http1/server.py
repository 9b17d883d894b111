"""Serves HTTP/1.1: one coroutine a connection, which goes from request to request and hands each to a handler."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from gateway.http1.framing import (
    HEAD_END,
    BadRequest,
    Body,
    ChunkedBody,
    LengthBody,
    Limits,
    RequestHead,
    ResponseHead,
    chunk,
    last_chunk,
    read_request,
    response_bytes,
)
from gateway.http1.stream import Gone, Stream, TimedOut, Timeouts
from gateway.words.wire import Headers, Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LINGER = 64 << 10  # bytes of a body that nobody asked for, read so that the connection can be kept

Handler = Callable[["Exchange"], Awaitable[None]]
Refusal = Callable[[BadRequest], None]


class BodyTooLarge(Exception):
    """A body is longer than the handler takes."""


class Exchange:
    """One request, and the answer to it."""

    def __init__(self, stream: ServerStream, head: RequestHead, limits: Limits, timeouts: Timeouts) -> None:
        self.head = head
        self.answered = False  # the head of the answer is out
        self._stream = stream
        self._timeouts = timeouts
        self._body: Body = ChunkedBody(limits) if head.length is None else LengthBody(head.length)
        self._finished = False
        self._must_close = not head.keep_alive
        self._chunked = False
        self._left: int | None = 0  # bytes of the answer that are still owed
        self._awaits_continue = head.expects_continue

    @property
    def peer(self) -> str:
        """The client's address."""
        return self._stream.peer

    @property
    def has_body(self) -> bool:
        return self.head.length != 0

    @property
    def keeps(self) -> bool:
        """Whether the connection can go on to another request."""
        return self._finished and not self._must_close and self._body.done

    @property
    def trailers(self) -> Headers:
        return self._body.trailers

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises BodyTooLarge, BadRequest where it is malformed or cut short, TimedOut."""
        length, buffer = self.head.length, self._stream.buffer
        if length is not None:
            if length > limit:
                self._must_close = True
                raise BodyTooLarge
            if len(buffer) >= length:  # as nearly always: it came with its head
                return self._body.take(buffer)
        parts: list[bytes] = []
        size = 0
        async for part in self.stream():
            parts.append(part)
            size += len(part)
            if size > limit:
                self._must_close = True
                raise BodyTooLarge
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def stream(self) -> AsyncIterator[bytes]:
        """The body as it comes; the client is told to wait where the reader is slow. Raises as `read` does."""
        body, stream = self._body, self._stream
        try:
            while True:
                if part := body.take(stream.buffer):
                    yield part
                if body.done:
                    return
                self.go_on()
                await stream.more(self._timeouts.body)
        except BadRequest:
            self._must_close = True
            raise
        except Gone:
            self._must_close = True
            raise BadRequest(400, "the body was cut short") from None
        except TimedOut:
            self._must_close = True
            raise BadRequest(408, "the body did not come in time") from None

    def go_on(self) -> None:
        """Tell a client that waits for it to send its body."""
        if self._awaits_continue:
            self._awaits_continue = False
            self._stream.write(CONTINUE)

    def inform(self, head: ResponseHead) -> None:
        """Pass on a 1xx answer of the carrier's. HTTP/1.0 knows none."""
        if head.status == 100:  # noqa: PLR2004
            self.go_on()
        elif self.head.version:
            self._stream.write(response_bytes(head.status, head.reason, head.headers))

    async def respond(self, response: Response) -> None:
        """A whole answer, in one write."""
        headers = response.headers
        bodiless = response.status in {204, 304}
        if not bodiless:
            headers = (*_without_framing(headers), (b"Content-Length", b"%d" % len(response.body)))
        body = b"" if bodiless or self.head.method == b"HEAD" else response.body
        self.answered = self._finished = True
        self._note_close(headers)
        head = response_bytes(response.status, response.reason, self._with_connection(headers))
        self._stream.write(head + body if body else head)
        with suppress(Gone):
            await self._stream.drain(self._timeouts.write)

    async def start(self, head: ResponseHead) -> None:
        """The head of an answer whose body follows piece by piece, framed as it was."""
        headers = head.headers
        self._left, self._chunked = head.length, False
        if head.length is None:
            self._chunked = self.head.version == 1
            self._must_close = self._must_close or not self._chunked  # HTTP/1.0: the end of the connection says it
            if self._chunked:
                headers = (*headers, (b"Transfer-Encoding", b"chunked"))
        self.answered = True
        self._stream.write(response_bytes(head.status, head.reason, self._with_connection(headers)))
        await self._stream.drain(self._timeouts.write)

    async def write(self, data: bytes) -> None:
        """A piece of the body. Raises Gone and TimedOut."""
        if data:
            self._stream.write(chunk(data) if self._chunked else data)
            if self._left is not None:
                self._left -= len(data)
            await self._stream.drain(self._timeouts.write)

    async def finish(self, trailers: Headers = ()) -> None:
        if self._chunked:
            self._stream.write(last_chunk(trailers))
        self._finished = True
        with suppress(Gone):
            await self._stream.drain(self._timeouts.write)

    def break_off(self) -> None:
        """The answer can't be ended as it was begun: the client must not take it for a whole one."""
        self._must_close = True
        self._stream.abort()

    async def leave_clean(self) -> None:
        """Read off what is left of a body that nobody wanted, so that the next request is found. Raises as `read`."""
        if self._awaits_continue:  # the client never sent it
            self._must_close = True
            return
        if not self._body.done and not self._must_close:
            await self.read(LINGER)

    def _note_close(self, headers: Headers) -> None:
        if not self._body.done and (self.head.length is None or self.head.length > LINGER):
            self._must_close = True

    def _with_connection(self, headers: Headers) -> Headers:
        if self._must_close or self._stream.closing:
            self._must_close = True
            return (*headers, (b"Connection", b"close"))
        return headers if self.head.version else (*headers, (b"Connection", b"keep-alive"))


def _without_framing(headers: Headers) -> Headers:
    return tuple([pair for pair in headers if pair[0].lower() not in _FRAMING])


_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class ServerStream(Stream):
    """A client's connection."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.peer = ""
        self.closing = False
        self.busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        address = transport.get_extra_info("peername")
        self.peer = address[0] if isinstance(address, tuple) else ""
        self._server.welcome(self)

    async def request(self, limits: Limits, timeouts: Timeouts) -> RequestHead | None:
        """The next request's head; None where the client has no more. Raises BadRequest."""
        buffer = self.buffer
        try:
            while True:
                if buffer[:2] == b"\r\n":  # one empty line before a request is allowed (RFC 9112, 2.2)
                    del buffer[:2]
                end = buffer.find(HEAD_END, 0, limits.head + len(HEAD_END))
                if end >= 0:
                    raw = bytes(buffer[:end])
                    del buffer[: end + len(HEAD_END)]
                    return read_request(raw, limits)
                if len(buffer) > limits.head:
                    raise BadRequest(431, "the head is too long")
                _check_start(buffer, limits)
                await self.more(timeouts.head if buffer else timeouts.idle)
        except Gone:
            if buffer.strip(b"\r\n"):
                raise BadRequest(400, "the head was cut short") from None
            return None
        except TimedOut:
            if buffer:
                raise BadRequest(408, "the head did not come in time") from None
            return None


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

    async def start(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_server(lambda: ServerStream(self), sock=sock, ssl=self._tls, backlog=1024)

    def welcome(self, stream: ServerStream) -> None:
        if len(self._streams) >= self._most:
            stream.write(response_bytes(503, b"", ((b"Content-Length", b"0"), (b"Connection", b"close"))))
            stream.close()
            return
        task = asyncio.get_running_loop().create_task(self._serve(stream))
        self._streams[stream] = task
        task.add_done_callback(lambda _: self._streams.pop(stream, None))

    async def close(self, grace: float) -> None:
        """Take no more connections; requests in progress have `grace` seconds to end."""
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
            while await self._served(stream):
                pass
        except BadRequest as error:
            self._refuse(stream, error)
        except (Gone, TimedOut):
            pass
        except Exception as error:  # noqa: BLE001 one client's connection must not end the listener
            self._on_error(error)
            stream.abort()
        finally:
            stream.close()

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
        return exchange.keeps

    def _refuse(self, stream: ServerStream, error: BadRequest) -> None:
        self._on_refused(error)
        body = f"{error.reason}\n".encode()
        length = b"%d" % len(body)
        headers = ((b"Content-Type", b"text/plain"), (b"Content-Length", length), (b"Connection", b"close"))
        stream.write(response_bytes(error.status, b"", headers) + body)
