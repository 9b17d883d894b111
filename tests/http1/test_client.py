"""The pool of connections to a carrier: places, turns, and never a message on a connection that may be dead."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from gateway.http1.client import Pool
from gateway.http1.stream import Timeouts
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Request
from tests.http1.peers import OK, Carrier

ASKED = Request(b"POST", b"/send", ((b"Host", b"x"), (b"Content-Length", b"2")), b"hi")
CHUNKED = ((b"Host", b"x"), (b"Transfer-Encoding", b"chunked"))
SMUGGLED = b"POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("situation", "headers", "body", "length"),
    [
        ("it came in chunks", CHUNKED, SMUGGLED, b"Content-Length: 55\r\n"),
        ("its length is another", ((b"content-length", b"3"),), b"hello", b"content-length: 5\r\n"),
        ("it has none, and never said so", (), b"", b""),
    ],
)
async def test_a_body_leaves_with_the_length_that_it_has(
    situation: str, headers: tuple[tuple[bytes, bytes], ...], body: bytes, length: bytes
) -> None:
    carrier = Carrier()
    async with await asyncio.start_server(carrier.serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        await pool.exchange(Request(b"POST", b"/send", headers, body))
        pool.close()
    head, _, rest = carrier.all.partition(b"\r\n\r\n")
    assert length in head + b"\r\n"
    assert head.lower().count(b"content-length") == bool(length)
    assert b"ransfer-" not in head
    assert rest == body


def test_an_end_that_the_event_loop_has_not_seen_yet_is_noticed() -> None:
    """The carrier answers and hangs up while the loop is busy with something else."""
    listening, closed = socket.create_server(("127.0.0.1", 0)), threading.Event()
    answered: list[bytes] = []

    def carry() -> None:
        for _ in range(2):
            peer, _ = listening.accept()
            answered.append(peer.recv(1000))
            peer.sendall(OK)
            go.wait(5)
            peer.close()
            closed.set()

    go = threading.Event()
    carrier = threading.Thread(target=carry)
    carrier.start()

    async def asked() -> None:
        pool = Pool(f"http://127.0.0.1:{listening.getsockname()[1]}")
        await pool.exchange(ASKED)
        go.set()
        assert closed.wait(5)  # the loop stands still meanwhile
        assert (await pool.exchange(ASKED)).status == 200
        pool.close()

    asyncio.run(asked())
    carrier.join()
    listening.close()
    assert len(answered) == 2


async def test_a_connection_on_which_something_comes_unasked_is_not_used_again() -> None:
    carrier = Carrier(OK + OK)
    async with await asyncio.start_server(carrier.serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        for _ in range(3):
            assert (await pool.exchange(ASKED)).body == b"ok"
        pool.close()
    assert len(carrier.received) == 3


async def test_the_connection_used_last_is_used_first() -> None:
    carrier = Carrier()
    async with await asyncio.start_server(carrier.serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        first, second = await pool.connection(), await pool.connection()
        pool.release(first)
        pool.release(second)
        assert await pool.connection() is second
        pool.release(second)
        pool.close()


async def test_places_are_handed_on_in_order_and_never_lost() -> None:
    """Who gives up, even in the moment of its turn, takes no place with it."""
    async with await asyncio.start_server(Carrier().serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", size=1)
        held = await pool.connection()
        early, unlucky, last = (asyncio.create_task(pool.connection(), name=str(n)) for n in range(3))
        await asyncio.sleep(0)
        early.cancel()  # while it waits
        await asyncio.sleep(0)
        pool.release(held)
        unlucky.cancel()  # its turn has come, and it does not know yet
        async with asyncio.timeout(5):
            pool.release(await last)
        assert early.cancelled()
        assert unlucky.cancelled()
        pool.release(await pool.connection())
        pool.close()


async def test_a_carrier_that_drips_its_head_is_late_all_the_same() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hi")
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
            if writer.is_closing():
                return
            writer.write(bytes([byte]))
            await asyncio.sleep(0.005)

    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeouts=Timeouts(answer=0.05))
        with pytest.raises(UpstreamAway) as away:
            await pool.exchange(ASKED)
    assert (away.value.status, away.value.maybe_sent) == (504, True)


async def test_a_closed_pool_keeps_no_connection() -> None:
    async with await asyncio.start_server(Carrier().serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        used = await pool.connection()
        pool.close()
        pool.release(used)
        assert used.transport.is_closing()


@pytest.mark.parametrize("named", [b"Content-Length", b"close, content-type", b"Content-Encoding"])
async def test_an_answer_that_would_be_stripped_of_what_it_means_is_none(named: bytes) -> None:
    carrier = Carrier(b"HTTP/1.1 200 OK\r\nConnection: %b\r\nContent-Length: 2\r\n\r\nok" % named)
    async with await asyncio.start_server(carrier.serve, "127.0.0.1", 0) as server:
        pool = Pool(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(UpstreamAway) as away:
            await pool.exchange(ASKED)
    assert (away.value.status, away.value.maybe_sent) == (502, True)


async def test_what_is_signed_is_signed_with_the_carriers_own_host_and_path() -> None:
    carrier, signed = Carrier(), list[Request]()

    def sign(leaving: Request) -> Request:
        signed.append(leaving)
        return Request(leaving.method, leaving.target, (*leaving.headers, (b"Authorization", b"mine")), leaving.body)

    async with await asyncio.start_server(carrier.serve, "127.0.0.1", 0) as server:
        authority = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        pool = Pool(f"http://{authority}/base", sign=sign)
        await pool.exchange(ASKED)
        pool.close()
    headers = ((b"Host", authority.encode()), (b"Content-Length", b"2"))
    assert signed == [Request(b"POST", b"/base/send", headers, b"hi")]
    assert carrier.all.startswith(b"POST /base/send HTTP/1.1\r\n")
    assert b"\r\nAuthorization: mine\r\n" in carrier.all
