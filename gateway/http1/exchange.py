"""One request and the answer to it, as a handler sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

from gateway.http1.body import Body, ChunkedBody, LengthBody
from gateway.http1.framing import (
    BadRequest,
    Limits,
    RequestHead,
    ResponseHead,
    chunk,
    end_to_end,
    last_chunk,
    phrase,
    response_bytes,
    with_length,
    without_length,
)
from gateway.http1.stream import Gone, Stream, TimedOut, Timeouts
from gateway.words.wire import Headers, Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BODILESS = {204, 304}
LINGER = 64 << 10  # bytes of a body that nobody asked for, read so that the connection can be kept


class Caller(Stream):
    """A client's connection."""

    peer = ""  # its address
    closing = False  # no further request is taken on it


class BodyTooLarge(Exception):
    """A body is longer than the handler takes."""


class Exchange:
    """One request, and the answer to it."""

    def __init__(self, stream: Caller, head: RequestHead, limits: Limits, timeouts: Timeouts) -> None:
        self.head = head
        self.answered = False  # the head of the answer is out
        self._stream = stream
        self._timeouts = timeouts
        self._body: Body = ChunkedBody(limits) if head.length is None else LengthBody(head.length)
        self._finished = False
        self._must_close = not head.keep_alive
        self._chunked = False
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

    async def stream(self, patience: float = 0.0) -> AsyncIterator[bytes]:
        """The body as it comes; the client is told to wait where the reader is slow. Raises as `read` does.

        `patience`: seconds until a client that waits for `100 Continue` gets ours, if no other.
        """
        body, stream = self._body, self._stream
        try:
            while not body.done:
                if part := body.take(stream.buffer):
                    yield part  # and look again: more may have come meanwhile
                elif not body.done:
                    await self._more(patience)
        except BadRequest:
            self._must_close = True
            raise
        except Gone:
            self._must_close = True
            raise BadRequest(400, "the body was cut short") from None
        except TimedOut:
            self._must_close = True
            raise BadRequest(408, "the body did not come in time") from None

    async def _more(self, patience: float) -> None:
        if self._awaits_continue and patience:
            with suppress(TimedOut):
                await self._stream.more(patience)
                self._awaits_continue = False  # it did not wait
                return
        self.go_on()
        await self._stream.more(self._timeouts.body)

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
            headers = _framable(head.status, end_to_end(head.headers))
            self._stream.write(response_bytes(head.status, head.reason, headers))

    async def respond(self, response: Response) -> None:
        """A whole answer, in one write."""
        headers, body = _framable(response.status, response.headers), response.body
        if self.head.method == b"HEAD" or response.status in BODILESS:
            body = b""
        else:
            headers = with_length(headers, len(body))
        self.answered = self._finished = True
        self._note_unread()
        reason = response.reason or phrase(response.status)
        head = response_bytes(response.status, reason, self._with_connection(headers))
        self._stream.write(head + body if body else head)
        with suppress(Gone):
            await self._stream.drain(self._timeouts.write)

    async def start(self, head: ResponseHead) -> None:
        """The head of an answer whose body follows piece by piece, framed as it was."""
        headers = _framable(head.status, head.headers)
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
        self._stream.reset()

    async def leave_clean(self) -> None:
        """Read off what is left of a body that nobody wanted, so that the next request is found. Raises Gone."""
        if self._awaits_continue:  # nobody can tell whether the client will send it
            self._must_close = True
        elif not self._body.done and not self._must_close:
            with suppress(BodyTooLarge, BadRequest):  # it must close, then
                await self.read(LINGER)

    @property
    def unread(self) -> bool:
        """The client may still be sending what nobody will read."""
        return not self._body.done

    def _note_unread(self) -> None:
        if not self._body.done and (self._awaits_continue or self.head.length is None or self.head.length > LINGER):
            self._must_close = True

    def _with_connection(self, headers: Headers) -> Headers:
        if self._must_close or self._stream.closing:
            self._must_close = True
            return (*headers, (b"Connection", b"close"))
        return headers if self.head.version else (*headers, (b"Connection", b"keep-alive"))


def _framable(status: int, headers: Headers) -> Headers:
    """Without a length where none may be (RFC 9110, 8.6), whatever the carrier thinks."""
    return without_length(headers) if status < 200 or status == 204 else headers  # noqa: PLR2004
