"""What HTTP/1.1 asks of a proxy, as conversations with the running thing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.http1.client import Pool
from gateway.http1.exchange import Exchange
from gateway.http1.framing import response_bytes
from gateway.http1.server import Server
from gateway.http1.stream import Timeouts
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Request, Response
from tests.certificates import for_localhost
from tests.http1.peers import OK, Carrier, proxied

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
ASKED = Request(b"POST", b"/send", ((b"Host", b"x"), (b"Content-Length", b"2")), b"hi")


async def test_requests_on_one_connection_are_answered_in_their_order() -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(POST + GET + POST)
        assert answer.count(b"HTTP/1.1 200 OK") == 3
        asked = [line.removeprefix(b"hi") for line in bytes(proxy.carrier.all).split(b"\r\n") if b" HTTP/1.1" in line]
        assert asked == [b"POST /send HTTP/1.1", b"GET /a HTTP/1.1", b"POST /send HTTP/1.1"]
        assert len(proxy.carrier.received) == 1  # and on one connection to the carrier


async def test_an_http_1_0_client_is_answered_and_left() -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(b"GET /a HTTP/1.0\r\n\r\n", half_close=False)
        assert answer.startswith(b"HTTP/1.1 200 OK")
        assert b"Connection: close" in answer


async def test_an_http_1_0_client_that_asks_for_it_is_kept() -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" * 2)
        assert answer.count(b"HTTP/1.1 200 OK") == 2
        assert answer.count(b"Connection: keep-alive") == 2


@pytest.mark.parametrize(
    ("situation", "answer", "body"),
    [
        ("a head alone", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", b""),
        ("a head that says chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b""),
    ],
)
async def test_the_answer_to_head_has_no_body(situation: str, answer: bytes, body: bytes) -> None:
    async with proxied(Carrier(answer)) as proxy:
        got = await proxy.exchanged(b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        assert got.count(b"HTTP/1.1 200 OK") == 2
        assert got.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_an_answer_without_a_body_has_none(status: bytes) -> None:
    async with proxied(Carrier(b"HTTP/1.1 %b\r\nETag: a\r\n\r\n" % status)) as proxy:
        answer = await proxy.exchanged(GET + GET)
        assert answer == b"HTTP/1.1 %b\r\nETag: a\r\n\r\n" % status * 2


async def test_informational_answers_are_passed_on() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    async with proxied(Carrier(hints + OK)) as proxy:
        assert await proxy.exchanged(GET) == hints + OK


async def test_chunks_and_trailers_are_passed_both_ways() -> None:
    sent = b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
    async with proxied(Carrier(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + sent)) as proxy:
        answer = await proxy.exchanged(b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + sent)
        assert answer.endswith(b"\r\n\r\n" + sent)
        assert proxy.carrier.all.endswith(b"\r\n\r\n" + sent)


async def test_an_answer_that_ends_with_its_connection_is_passed_whole() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
        writer.close()

    async with proxied() as proxy, _listening(once) as port:
        proxy.pool.port = port
        answer = await proxy.exchanged(GET)
        assert b"Transfer-Encoding: chunked" in answer
        assert answer.endswith(b"9\r\nall of it\r\n0\r\n\r\n")


async def test_a_client_that_waits_for_100_is_told_to_go_on() -> None:
    async with proxied() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /send HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"hi")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        writer.close()


async def test_header_lines_keep_their_order_case_and_bytes() -> None:
    lines = b"x-lower: 1\r\nX-UPPER: 2\r\nX-Again: a\r\nx-again: b\r\nX-Bytes: \xe9\xff\r\nX-Empty: \r\n"
    carrier = Carrier(b"HTTP/1.1 299 Odd Reason\r\n" + lines + b"Content-Length: 0\r\n\r\n")
    async with proxied(carrier) as proxy:
        answer = await proxy.exchanged(b"GET /%41?a=%2b+c HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")
        assert answer == carrier.answer
        assert carrier.all == b"GET /%%41?a=%%2b+c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%b\r\n" % (proxy.pool.port, lines)


async def test_hop_by_hop_fields_end_here() -> None:
    async with proxied() as proxy:
        hops = (
            b"Connection: X-Mine, keep-alive\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Connection: x\r\n"
        )
        await proxy.exchanged(b"GET /a HTTP/1.1\r\nHost: x\r\n" + hops + b"X-Yours: 2\r\n\r\n")
        assert proxy.carrier.all.endswith(b"\r\nX-Yours: 2\r\n\r\n")
        assert b"X-Mine" not in proxy.carrier.all
        assert b"Via" not in proxy.carrier.all


async def test_64_megabytes_are_passed_without_being_kept() -> None:
    size, piece = 64 << 20, b"x" * (1 << 16)
    most = 0

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most
        await reader.readuntil(b"\r\n\r\n")
        left = size
        while left:
            data = await reader.read(1 << 16)
            assert data, "cut short"
            left -= len(data)
        writer.write(OK)

    async with proxied() as proxy, _listening(slowly) as port:
        proxy.pool.port = port
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            writer.write(piece)
            await writer.drain()
            most = max(most, _rss())
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200 OK")
        writer.close()
    assert most - _rss() < 40 << 20


def _rss() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def test_a_carrier_that_breaks_off_in_the_middle_is_not_taken_for_a_whole_answer() -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.close()

    async with proxied() as proxy, _listening(broken) as port:
        proxy.pool.port = port
        answer = await proxy.exchanged(GET)
        assert not answer.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    ("situation", "answer"),
    [
        ("nothing at all", b""),
        ("garbage", b"SSH-2.0-OpenSSH\r\n\r\n"),
        ("two lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("a length and chunks", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("a switch of protocols", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
        ("1xx without end", b"HTTP/1.1 102 Processing\r\n\r\n" * 60),
        ("a body cut short", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        ("a folded line", b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
    ],
)
async def test_after_an_answer_that_makes_no_sense_the_message_may_have_been_sent(
    situation: str, answer: bytes
) -> None:
    calls = 0

    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readuntil(b"hi")
        writer.write(answer)
        writer.close()

    async with _listening(odd) as port:
        pool = Pool(f"http://127.0.0.1:{port}")
        with pytest.raises(UpstreamAway) as away:
            await pool.exchange(ASKED)
        pool.close()
    assert (away.value.status, away.value.maybe_sent) == (502, True)
    assert calls == 1  # and it was not sent again


async def test_a_carrier_that_takes_no_connection_was_sent_nothing() -> None:
    async with _listening(lambda *_: asyncio.sleep(0)) as port:
        pass
    with pytest.raises(UpstreamAway) as away:
        await Pool(f"http://127.0.0.1:{port}").exchange(ASKED)
    assert (away.value.status, away.value.maybe_sent) == (502, False)


async def test_a_carrier_that_never_answers_is_a_504() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    async with _listening(silent) as port:
        pool = Pool(f"http://127.0.0.1:{port}", timeouts=Timeouts(answer=0.05))
        with pytest.raises(UpstreamAway) as away:
            await pool.exchange(ASKED)
    assert (away.value.status, away.value.maybe_sent) == (504, True)


async def test_a_full_pool_lets_others_wait_and_then_says_that_nothing_was_sent() -> None:
    held = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hi")
        await held.wait()
        writer.write(OK)

    async with _listening(slow) as port:
        pool = Pool(f"http://127.0.0.1:{port}", size=1)
        first = asyncio.create_task(pool.exchange(ASKED))
        await asyncio.sleep(0)
        with pytest.raises(UpstreamAway) as away:
            await pool.exchange(ASKED, start_within=0.05)
        assert (away.value.status, away.value.maybe_sent) == (504, False)
        held.set()
        assert (await first).status == 200
        pool.close()


async def test_a_connection_that_the_carrier_closed_is_not_used_for_the_next_message() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"hi")
        writer.write(OK)
        await writer.drain()
        writer.close()

    async with _listening(once) as port:
        pool = Pool(f"http://127.0.0.1:{port}")
        for _ in range(3):
            assert (await pool.exchange(ASKED)).status == 200
            while pool._idle and pool._idle[-1].usable:  # noqa: ASYNC110 until its end has arrived
                await asyncio.sleep(0)
        pool.close()


async def test_in_good_order_what_is_in_progress_is_finished() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(exchange: Exchange) -> None:
        begun.set()
        await go_on.wait()
        await exchange.respond(Response(200, (), b"done"))

    async with _serving(Server(slow)) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await begun.wait()
        closing = asyncio.create_task(server.close(5.0))
        await asyncio.sleep(0)
        go_on.set()
        await closing
        answer = await reader.read(-1)
        assert answer.endswith(b"done")
        assert b"Connection: close" in answer
        writer.close()


async def test_a_client_that_hangs_up_stops_nothing_that_was_begun() -> None:
    """The message may be on its way to the carrier: it is settled all the same."""
    begun, settled = asyncio.Event(), asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        begun.set()
        while not exchange._stream.ended:  # noqa: ASYNC110 until the hang-up has arrived
            await asyncio.sleep(0)
        await exchange.respond(Response(200, (), b"nobody reads it"))
        settled.set()

    async with _serving(Server(handle)) as (_, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        await begun.wait()
        writer.transport.abort()
        async with asyncio.timeout(5):
            await settled.wait()


@pytest.mark.parametrize(
    ("situation", "sent", "timeouts", "status"),
    [
        ("a head that never ends", b"GET /a HTTP/1.1\r\nHo", Timeouts(head=0.05), b"HTTP/1.1 408 "),
        ("a body that never comes", POST[:-1], Timeouts(body=0.05), b"HTTP/1.1 408 "),
        ("a connection on which nothing is asked", b"", Timeouts(idle=0.05), b""),
    ],
)
async def test_nobody_holds_a_connection_for_ever(
    situation: str, sent: bytes, timeouts: Timeouts, status: bytes
) -> None:
    async with proxied(timeouts=timeouts) as proxy:
        answer = await proxy.exchanged(sent, half_close=False)
        assert answer.startswith(status)
        assert proxy.carrier.all == b""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return for_localhost(tmp_path_factory.mktemp("tls") / "localhost.pem")


async def test_tls_on_both_sides(certificate: Path) -> None:
    async def echo(exchange: Exchange) -> None:
        await exchange.respond(Response(200, (), await exchange.read(100)))

    async with _serving(Server(echo, tls=_shown(certificate))) as (_, port):
        trusting = ssl.create_default_context(cafile=str(certificate))
        pool = Pool(f"https://localhost:{port}", tls=trusting)
        for _ in range(2):
            assert (await pool.exchange(ASKED)).body == b"hi"
        pool.close()


async def test_a_carrier_whose_certificate_nobody_knows_is_sent_nothing(certificate: Path) -> None:
    async def never(exchange: Exchange) -> None:
        raise AssertionError("it was sent something")

    async with _serving(Server(never, tls=_shown(certificate))) as (_, port):
        with pytest.raises(UpstreamAway, match="certificate") as away:
            await Pool(f"https://localhost:{port}").exchange(ASKED)
    assert (away.value.status, away.value.maybe_sent) == (502, False)


def _shown(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@contextlib.asynccontextmanager
async def _listening(serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextlib.asynccontextmanager
async def _serving(server: Server) -> AsyncIterator[tuple[Server, int]]:
    sock = socket.create_server(("127.0.0.1", 0))
    await server.start(sock)
    try:
        yield server, sock.getsockname()[1]
    finally:
        await server.close(1.0)


@pytest.mark.parametrize("value", [b"a\r\nSet-Cookie: x", b"a\nb", b"a\rb"])
def test_no_value_that_we_write_can_begin_a_line_of_its_own(value: bytes) -> None:
    with pytest.raises(ValueError, match="line end"):
        response_bytes(200, b"OK", ((b"X-Gateway-Rule", value),))
