"""Connections to one carrier: kept, bounded, and never used twice for a message that may have arrived."""

from __future__ import annotations

import asyncio
import math
import select
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from gateway.http1.body import Body, ChunkedBody, EndlessBody, LengthBody
from gateway.http1.framing import (
    HEAD_END,
    BadAnswer,
    BadRequest,
    Limits,
    ResponseHead,
    end_to_end,
    read_response,
    request_bytes,
)
from gateway.http1.stream import Gone, Stream, TimedOut, Timeouts
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Headers, Request, Response

INFORMATIONAL = range(100, 200)
MOST_INFORMATIONAL = 50  # 1xx answers before the one that counts
MOST_WAITING = 4096  # requests for a connection, when all are in use


class Connection(Stream):
    """One connection to the carrier, with one request on it at a time."""

    def __init__(self, limits: Limits, timeouts: Timeouts) -> None:
        super().__init__()
        self._limits = limits
        self._timeouts = timeouts
        self._body: Body = LengthBody(0)
        self._readable = select.poll()
        self.idle_since = 0.0
        self.asked_at = math.inf  # when the whole request was written; its answer's time begins then
        self.keep = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def eof_received(self) -> bool:
        """A carrier that says no more takes no more either: the connection closes itself, even an idle one."""
        super().eof_received()
        return False

    @property
    def usable(self) -> bool:
        """Nothing was said on it unasked, nobody hung up, and all that we wrote was taken."""
        return not self.ended and not self.buffer and not self.transport.get_write_buffer_size()

    @property
    def fresh(self) -> bool:
        """Usable, and nothing waits in the socket either, such as an end that the event loop has not seen yet."""
        return self.usable and not self._readable.poll(0)

    def ask(self, request: bytes) -> None:
        """Write a whole request, or the rest of one."""
        self.write(request)
        self.asked_at = self.now()

    async def head(self, method: bytes) -> ResponseHead:
        """The head of the next answer, a 1xx one too. Raises BadAnswer, Gone, TimedOut."""
        buffer, limit = self.buffer, self._limits.head
        while (end := buffer.find(HEAD_END, 0, limit + len(HEAD_END))) < 0:
            if len(buffer) > limit:
                raise BadAnswer("its head is too long")
            await self._more_of_head()
        raw = bytes(buffer[:end])
        del buffer[: end + len(HEAD_END)]
        try:
            head = read_response(raw, method, self._limits)
        except BadRequest as error:
            raise BadAnswer(error.reason) from error
        if head.status == 101:  # noqa: PLR2004
            raise BadAnswer("it changes the protocol unasked")
        if head.status not in INFORMATIONAL:
            self.keep = head.keep_alive
            self._body = self._body_of(head)
        return head

    async def _more_of_head(self) -> None:
        """Wait; a request that is still on its way has its own time-outs, so the answer's time has not begun."""
        answer = self._timeouts.answer
        try:
            await self.more(min(answer, self.asked_at + answer - self.now()))
        except TimedOut:
            if self.now() >= self.asked_at + answer:
                raise

    async def final_head(self, method: bytes, inform: Callable[[ResponseHead], None] = lambda _: None) -> ResponseHead:
        """The head of the answer itself; `inform` is told of the 1xx ones before it. Raises as `head` does."""
        for _ in range(MOST_INFORMATIONAL):
            head = await self.head(method)
            if head.status not in INFORMATIONAL:
                return head
            inform(head)
        raise BadAnswer("it informs without end")

    def _body_of(self, head: ResponseHead) -> Body:
        if head.chunked:
            return ChunkedBody(self._limits)
        return EndlessBody() if head.length is None else LengthBody(head.length)

    @property
    def trailers(self) -> Headers:
        return self._body.trailers

    async def body(self) -> AsyncIterator[bytes]:
        """The answer's body as it comes. Raises BadAnswer, Gone, TimedOut."""
        body = self._body
        try:
            while not body.done:
                if part := body.take(self.buffer):
                    yield part  # and look again: more may have come meanwhile
                elif not body.done:
                    await self.more(self._timeouts.body)
        except BadRequest as error:
            raise BadAnswer(error.reason) from error
        except Gone:
            if not isinstance(body, EndlessBody) or not self.hung_up:
                raise

    async def whole(self) -> bytes:
        """The answer's whole body. Raises as `body` does."""
        if isinstance(self._body, LengthBody) and self._body.left <= min(len(self.buffer), self._limits.answer):
            return self._body.take(self.buffer)  # as nearly always: it came with its head
        parts: list[bytes] = []
        size = 0
        async for part in self.body():
            parts.append(part)
            size += len(part)
            if size > self._limits.answer:
                raise BadAnswer("it is too long")
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Pool:
    """Connections to the origin of `url`, which may have a path of its own that goes before every request's."""

    def __init__(
        self,
        url: str,
        *,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        size: int = 256,
        tls: ssl.SSLContext | None = None,
        sign: Callable[[Request], Request] | None = None,
    ) -> None:
        """`size` connections at most; further requests wait. `tls`: for https, else the system's own authorities.

        `sign`: what is done last to each whole request, when its host and its path are the carrier's.
        """
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if secure else 80)
        self._authority = parts.netloc.rpartition("@")[2].encode()
        self._prefix = parts.path.rstrip("/").encode()
        self._tls = (tls or ssl.create_default_context()) if secure else None
        self._sign = sign
        self._limits = limits or Limits()
        self.timeouts = timeouts or Timeouts()
        self._idle: deque[Connection] = deque()  # the one used last is used first
        self._free = size
        self._closed = False
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._loop = asyncio.get_running_loop()

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        """The answer to a request that is sent once, and never again.

        `start_within`: seconds until its first byte must be out. Raises UpstreamAway.
        """
        connection = await self.connection(start_within)
        try:
            connection.ask(self._whole(request))
            head = await connection.final_head(request.method)
            body = await connection.whole()
        except (BadAnswer, Gone, TimedOut) as error:
            connection.keep = False
            raise away(error, sent=True) from error
        except BaseException:
            connection.keep = False
            raise
        finally:
            self.release(connection)
        headers = end_to_end(head.headers)
        return Response(head.status, headers, body, head.reason)

    def _whole(self, request: Request) -> bytes:
        """With a length, however its body was framed when it came: what follows it is the next request."""
        body = request.body
        if self._sign is None:
            return self.request_head(request.method, request.target, request.headers, length=len(body)) + body
        headers = self._headers(request.headers, length=len(body))
        leaving = self._sign(Request(request.method, self._prefix + request.target, headers, body))
        return request_bytes(leaving.method, leaving.target, leaving.headers) + body

    def request_head(
        self, method: bytes, target: bytes, headers: Headers, *, length: int | None = None, chunked: bool = False
    ) -> bytes:
        """As it leaves: the carrier's own `Host` and the length, where they stand; nothing else is changed."""
        return request_bytes(method, self._prefix + target, self._headers(headers, length=length, chunked=chunked))

    def _headers(self, headers: Headers, *, length: int | None = None, chunked: bool = False) -> Headers:
        ours = {b"host": self._authority}
        if length is not None:
            ours[b"content-length"] = b"%d" % length
        kept = [(name, ours.pop(name.lower(), value)) for name, value in end_to_end(headers)]
        if b"host" in ours:
            kept.insert(0, (b"Host", self._authority))
        if length and b"content-length" in ours:
            kept.append((b"Content-Length", b"%d" % length))
        if chunked:
            kept.append((b"Transfer-Encoding", b"chunked"))
        return tuple(kept)

    async def connection(self, within: float | None = None) -> Connection:
        """An idle connection that still lives, or a new one. Raises UpstreamAway: nothing was sent."""
        if self._free and (kept := self._kept()):
            self._free -= 1
            return kept
        if len(self._waiting) >= MOST_WAITING:
            raise UpstreamAway("too many requests wait for the carrier", 503, maybe_sent=False)
        limit = self.timeouts.connect if within is None else min(within, self.timeouts.connect)
        try:
            async with asyncio.timeout(limit):
                return await self._new()
        except TimeoutError as error:
            raise UpstreamAway("the carrier takes no connection in time", 504, maybe_sent=False) from error
        except OSError as error:
            why = "its certificate is not trusted" if isinstance(error, ssl.SSLError) else "it takes no connection"
            raise UpstreamAway(f"the carrier can't be reached: {why}", 502, maybe_sent=False) from error

    async def _new(self) -> Connection:
        await self._turn()
        try:
            if kept := self._kept():
                return kept
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._limits, self.timeouts), self.host, self.port, ssl=self._tls
            )
        except BaseException:
            self._one_free()
            raise
        return connection

    async def _turn(self) -> None:
        """Take one of the `size` places, first come first served."""
        if self._free:
            self._free -= 1
            return
        turn = self._loop.create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove(turn)
            else:  # it came just now: the next one's
                self._one_free()
            raise

    def _kept(self) -> Connection | None:
        oldest = self._loop.time() - self.timeouts.reuse
        while self._idle:
            connection = self._idle.pop()
            if connection.fresh and connection.idle_since > oldest:
                return connection
            connection.close()
        return None

    def release(self, connection: Connection) -> None:
        """Back to the others, or closed: a carrier that says more than it was asked is out of step."""
        if connection.keep and connection.usable and not self._closed:
            connection.idle_since = self._loop.time()
            connection.asked_at = math.inf
            self._idle.append(connection)
        else:
            connection.abort()
        self._one_free()

    def _one_free(self) -> None:
        """A place is handed on, or kept for who comes."""
        if self._waiting:
            self._waiting.popleft().set_result(None)
        else:
            self._free += 1

    def close(self) -> None:
        """Those in use close when they are released."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


def away(error: Exception, *, sent: bool) -> UpstreamAway:
    """What went wrong with the carrier, for the client."""
    if isinstance(error, TimedOut):
        return UpstreamAway("the carrier gave no answer in time", 504, maybe_sent=sent)
    if isinstance(error, BadAnswer):
        return UpstreamAway(f"the carrier's answer can't be read: {error}", 502, maybe_sent=sent)
    return UpstreamAway("the carrier hung up before it answered", 502, maybe_sent=sent)
