"""What is passed through, where both sides talk at once and either may fall silent or break off."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from gateway.http1.stream import Timeouts
from tests.http1.peers import OK, Carrier, proxied

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
UPLOAD = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
EXPECTS = b"POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"


async def test_a_long_upload_takes_no_time_from_the_answer() -> None:
    async with proxied(timeouts=Timeouts(answer=0.05)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(UPLOAD)
        for _ in range(10):
            await asyncio.sleep(0.02)
            writer.write(b"x")
        assert (await reader.readuntil(b"ok")) == OK
        writer.close()


async def test_what_comes_while_a_piece_is_passed_on_is_passed_on_too() -> None:
    """The carrier takes nothing for a while; the client has sent all, and says no more."""
    size = 3 << 20
    go_on, got = asyncio.Event(), 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal got
        await reader.readuntil(b"\r\n\r\n")
        await go_on.wait()
        while got < size and (data := await reader.read(1 << 16)):
            got += len(data)
            await asyncio.sleep(0)
        writer.write(OK)

    async with (
        proxied(Carrier(), timeouts=Timeouts(body=2.0)) as proxy,
        await asyncio.start_server(slow, "127.0.0.1", 0) as upstream,
    ):
        proxy.pool.port = upstream.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        await asyncio.sleep(0.02)
        go_on.set()
        assert (await reader.readuntil(b"ok")) == OK
        writer.close()
    assert got == size


async def test_a_client_that_waits_for_100_gets_the_carriers() -> None:
    async def willing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Expect: 100-continue" in await reader.readuntil(b"\r\n\r\n")
        writer.write(CONTINUE)
        await reader.readexactly(2)
        writer.write(OK)

    async with (
        proxied(timeouts=Timeouts(proceed=60)) as proxy,
        await asyncio.start_server(willing, "127.0.0.1", 0) as upstream,
    ):
        proxy.pool.port = upstream.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(EXPECTS)
        assert await reader.readuntil(b"\r\n\r\n") == CONTINUE
        writer.write(b"hi")
        assert await reader.readuntil(b"ok") == OK
        writer.close()


async def test_a_client_that_waits_for_100_is_refused_before_it_sends() -> None:
    refused = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"

    async def unwilling(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(refused)

    async with (
        proxied(timeouts=Timeouts(proceed=60)) as proxy,
        await asyncio.start_server(unwilling, "127.0.0.1", 0) as upstream,
    ):
        proxy.pool.port = upstream.sockets[0].getsockname()[1]
        assert await proxy.exchanged(EXPECTS, half_close=False) == refused


async def test_a_carrier_that_knows_no_100_does_not_leave_the_client_waiting() -> None:
    async with proxied(timeouts=Timeouts(proceed=0.02)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(EXPECTS)
        assert await reader.readuntil(b"\r\n\r\n") == CONTINUE
        writer.write(b"hi")
        assert await reader.readuntil(b"ok") == OK
        writer.close()


@pytest.mark.parametrize(
    ("situation", "asked", "answer"),
    [
        (
            "cut short of its length",
            b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        ),
        ("reset, with no length", b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (
            "for a client that knows no chunks",
            b"GET /a HTTP/1.0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
        ),
    ],
)
async def test_half_an_answer_is_reset_and_not_ended(situation: str, asked: bytes, answer: bytes) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer + b"half")
        await half_read.wait()
        _reset(writer)

    half_read = asyncio.Event()
    async with proxied() as proxy, await asyncio.start_server(broken, "127.0.0.1", 0) as upstream:
        proxy.pool.port = upstream.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(asked)
        await reader.readuntil(b"half")
        half_read.set()
        with pytest.raises(ConnectionResetError):
            await reader.read(-1)
        writer.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def test_an_early_answer_reaches_a_client_that_is_still_sending() -> None:
    early = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"

    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(early)

    async with proxied() as proxy, await asyncio.start_server(refusing, "127.0.0.1", 0) as upstream:
        proxy.pool.port = upstream.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
        for _ in range(80):
            writer.write(b"x" * 100_000)
            await writer.drain()
        assert await reader.read(-1) == early
        writer.close()


async def test_what_an_informational_answer_may_not_carry_is_taken_off() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"
    async with proxied(Carrier(hints + OK)) as proxy:
        answer = await proxy.exchanged(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK


async def test_204_has_no_length_and_an_empty_reason_stays_empty() -> None:
    async with proxied(Carrier(b"HTTP/1.1 204 \r\nContent-Length: 0\r\nX-A: b\r\n\r\n")) as proxy:
        answer = await proxy.exchanged(b"DELETE /a HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer == b"HTTP/1.1 204 \r\nX-A: b\r\n\r\n"
