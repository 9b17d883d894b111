"""A listener among slow, greedy and confused clients."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from gateway.http1.exchange import BodyTooLarge, Exchange
from gateway.http1.server import Handler, Server
from gateway.http1.stream import Timeouts
from gateway.words.wire import Response
from tests.certificates import for_localhost

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
FINE = Response(200, (), b"fine")


async def answer(exchange: Exchange) -> None:
    await exchange.respond(FINE)


async def read_little(exchange: Exchange) -> None:
    try:
        await exchange.read(100)
    except BodyTooLarge:
        await exchange.respond(Response(413, (), b"too large"))


async def fail(exchange: Exchange) -> None:
    raise ValueError("a defect")


@asynccontextmanager
async def serving(
    handler: Handler, timeouts: Timeouts | None = None, **options: object
) -> AsyncIterator[socket.socket]:
    """A client's raw socket, connected to a server with this handler."""
    server = Server(handler, timeouts=timeouts, **options)  # type: ignore[arg-type]
    listening = socket.create_server(("127.0.0.1", 0))
    await server.start(listening)
    client = socket.socket()
    client.setblocking(False)
    await asyncio.get_running_loop().sock_connect(client, listening.getsockname())
    try:
        yield client
    finally:
        client.close()
        await server.close(1.0)


async def rest(client: socket.socket) -> bytes:
    loop, got = asyncio.get_running_loop(), b""
    async with asyncio.timeout(5):
        while data := await loop.sock_recv(client, 65_536):
            got += data
    return got


async def _go_on_sending(client: socket.socket, data: bytes, pause: float) -> None:
    while True:
        await asyncio.get_running_loop().sock_sendall(client, data)
        await asyncio.sleep(pause)


async def _whole_or_less(client: socket.socket) -> int:
    """Bytes that come before the connection ends or is reset."""
    loop, got = asyncio.get_running_loop(), 0
    with suppress(ConnectionError):
        async with asyncio.timeout(5):
            while data := await loop.sock_recv(client, 1 << 20):
                got += len(data)
    return got


async def test_a_head_that_comes_byte_by_byte_has_no_more_time_than_another() -> None:
    async with serving(answer, Timeouts(head=0.05)) as client:
        dripping = asyncio.create_task(_drip(client))
        assert (await rest(client)).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()


async def _drip(client: socket.socket) -> None:
    for byte in b"GET /" + b"a" * 1000:
        await asyncio.get_running_loop().sock_sendall(client, bytes([byte]))
        await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("situation", "head", "status"),
    [
        ("a body that is too large", b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n", b"413"),
        ("a head that is malformed", b"POST /a HTTP/1.1\r\nHost : x\r\nContent-Length: 9000000\r\n\r\n", b"400"),
    ],
)
async def test_a_client_in_full_flow_can_read_why_it_was_refused(situation: str, head: bytes, status: bytes) -> None:
    async with serving(read_little) as client:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(client, head)
        for _ in range(90):
            await loop.sock_sendall(client, b"x" * 100_000)  # not reset meanwhile
        got = await rest(client)
        assert got.startswith(b"HTTP/1.1 " + status)
        assert b"Connection: close" in got


async def test_who_goes_on_sending_after_a_refusal_is_left_in_the_end() -> None:
    async with serving(answer, Timeouts(linger=0.05)) as client:
        await asyncio.get_running_loop().sock_sendall(client, b"nonsense\r\n\r\n")
        assert (await rest(client)).startswith(b"HTTP/1.1 400 ")
        with pytest.raises(ConnectionError):
            await _go_on_sending(client, b"x", pause=0.01)


async def test_a_client_that_reads_nothing_is_dropped() -> None:
    large, ended = Response(200, (), b"x" * (8 << 20)), asyncio.Event()

    async def lavish(exchange: Exchange) -> None:
        try:
            await exchange.respond(large)
        finally:
            ended.set()

    async with serving(lavish, Timeouts(write=0.05)) as client:
        await asyncio.get_running_loop().sock_sendall(client, GET)
        async with asyncio.timeout(5):
            await ended.wait()
        assert await _whole_or_less(client) < len(large.body)


async def test_a_client_that_asks_without_end_and_reads_nothing_stops_being_read() -> None:
    asked = 0

    async def count(exchange: Exchange) -> None:
        nonlocal asked
        asked += 1
        await exchange.respond(Response(200, (), b"x" * 10_000))

    async with serving(count, Timeouts(write=0.1)) as client:
        with pytest.raises(ConnectionError):
            await _go_on_sending(client, GET * 1000, pause=0)
    assert asked * 10_000 < 64 << 20


async def test_what_follows_an_answered_request_malformed_is_not_answered_twice() -> None:
    async with serving(answer) as client:
        head = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"
        await asyncio.get_running_loop().sock_sendall(client, head)
        client.shutdown(socket.SHUT_WR)
        assert (await rest(client)).count(b"HTTP/1.1 ") == 1


async def test_a_body_that_nobody_reads_hides_no_request() -> None:
    async with serving(answer) as client:
        body = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"
        first = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        await asyncio.get_running_loop().sock_sendall(client, first + body + GET)
        client.shutdown(socket.SHUT_WR)
        assert (await rest(client)).count(b"HTTP/1.1 200") == 2


async def test_a_client_told_nothing_of_its_expectation_is_told_that_the_connection_ends() -> None:
    async with serving(answer) as client:
        head = b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        await asyncio.get_running_loop().sock_sendall(client, head)
        client.shutdown(socket.SHUT_WR)
        got = await rest(client)
        assert b"100 Continue" not in got
        assert b"Connection: close" in got


async def test_a_defect_ends_one_connection_and_is_told() -> None:
    told: list[BaseException] = []
    async with serving(fail, on_error=told.append) as client:
        await asyncio.get_running_loop().sock_sendall(client, GET)
        with pytest.raises(ConnectionResetError):
            await rest(client)
    assert [str(error) for error in told] == ["a defect"]


async def test_beyond_the_most_connections_a_client_is_told_to_come_again() -> None:
    async with serving(answer, most=0) as client:
        assert (await rest(client)).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")


async def test_a_tls_client_that_never_says_goodbye_holds_up_nobody(tmp_path: Path) -> None:
    certificate = for_localhost(tmp_path / "localhost.pem")
    ours, theirs = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context(cafile=certificate)
    ours.load_cert_chain(certificate)
    server, listening = Server(answer, tls=ours), socket.create_server(("127.0.0.1", 0))
    await server.start(listening)

    def connected() -> ssl.SSLSocket:
        client = socket.create_connection(listening.getsockname(), 5)
        return theirs.wrap_socket(client, server_hostname="localhost")

    with await asyncio.to_thread(connected):
        await asyncio.wait_for(server.close(grace=30), 8)
