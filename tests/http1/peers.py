"""A proxy made of this room alone, between a client that sends raw bytes and a carrier that keeps what it was sent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import h11

from gateway.http1.client import Pool
from gateway.http1.exchange import Exchange
from gateway.http1.framing import Limits
from gateway.http1.passing import forward
from gateway.http1.server import Server
from gateway.http1.stream import Timeouts
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Request, Response

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Carrier:
    """Keeps the bytes of each connection, and answers every request that h11 takes for a whole one with `answer`."""

    answer: bytes = OK
    received: list[bytearray] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept, begun = bytearray(), h11.Connection(h11.SERVER)
        self.received.append(kept)
        with suppress(ConnectionError, h11.RemoteProtocolError):
            while data := await reader.read(65_536):
                kept += data
                begun.receive_data(data)
                while _ended(begun):
                    writer.write(self.answer)
                    rest, begun = begun.trailing_data[0], h11.Connection(h11.SERVER)
                    if rest:  # to h11, no bytes are the end
                        begun.receive_data(rest)
        writer.close()

    @property
    def all(self) -> bytes:
        return b"".join(self.received)


def _ended(connection: h11.Connection) -> bool:
    while (event := connection.next_event()) is not h11.NEED_DATA and event is not h11.PAUSED:
        if isinstance(event, h11.EndOfMessage):
            return True
        if isinstance(event, h11.ConnectionClosed):
            return False
    return False


@dataclass
class Proxy:
    port: int
    carrier: Carrier
    pool: Pool

    async def exchanged(self, *pieces: bytes, half_close: bool = True) -> bytes:
        """All that comes back for these pieces, sent one after the other, until the proxy closes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            if half_close:
                writer.write_eof()
            async with asyncio.timeout(10):
                return await reader.read(-1)
        except ConnectionError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def proxied(
    carrier: Carrier | None = None,
    *,
    limits: Limits | None = None,
    timeouts: Timeouts | None = None,
    handler: Callable[[Exchange, Pool], object] | None = None,
) -> AsyncIterator[Proxy]:
    """POST to /send is read whole and sent on whole, as a send is; all else is passed through."""
    carrier = carrier or Carrier()
    upstream = await asyncio.start_server(carrier.serve, "127.0.0.1", 0)
    pool = Pool(f"http://127.0.0.1:{upstream.sockets[0].getsockname()[1]}", timeouts=timeouts)

    async def handle(exchange: Exchange) -> None:
        head = exchange.head
        try:
            if head.target == b"/send":
                body = await exchange.read(1 << 20)
                await exchange.respond(await pool.exchange(Request(head.method, head.target, head.headers, body)))
            else:
                await forward(exchange, pool, Request(head.method, head.target, head.headers))
        except UpstreamAway as error:
            await exchange.respond(Response(error.status, (), str(error).encode()))

    server = Server(handle, limits=limits, timeouts=timeouts)
    sock = socket.create_server(("127.0.0.1", 0))
    await server.start(sock)
    try:
        yield Proxy(sock.getsockname()[1], carrier, pool)
    finally:
        await server.close(1.0)
        pool.close()
        upstream.close()
