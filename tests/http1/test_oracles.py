"""Two other readers of HTTP/1.1, h11 and aiohttp: what they read is what we read, or we refuse."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from itertools import pairwise

import aiohttp
import h11
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.http1.body import Body, ChunkedBody, LengthBody
from gateway.http1.client import Pool
from gateway.http1.exchange import Exchange
from gateway.http1.framing import (
    HEAD_END,
    BadAnswer,
    BadRequest,
    Limits,
    read_request,
    read_response,
)
from gateway.http1.server import Server
from gateway.words.wire import Request, Response
from tests.http1.peers import Carrier, proxied

LIMITS = Limits()
FEW = settings(max_examples=150, deadline=None)
SOCKETS = settings(max_examples=25, deadline=None)

tokens = st.text("abcXYZ019-_!~", min_size=1, max_size=12).map(str.encode)
names = tokens.map(lambda token: b"X-" + token)
values = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20).map(str.encode)
fields = st.lists(st.tuples(names, values), max_size=5)
targets = st.text("abc/?&=%2B.:;@!$'()*+,~-_", max_size=30).map(lambda rest: b"/" + rest.encode())
methods = st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"QUERY"])
bodies = st.binary(max_size=300)
cuts = st.lists(st.integers(0, 2000), max_size=6)


def chunked(body: bytes, sizes: Sequence[int]) -> bytes:
    out, rest = b"", body
    for size in sizes:
        if part := rest[:size]:
            out += b"%x;e=1\r\n%b\r\n" % (len(part), part)
            rest = rest[size:]
    return out + (b"%X\r\n%b\r\n" % (len(rest), rest) if rest else b"") + b"0\r\n\r\n"


@st.composite
def messages(draw: st.DrawFn, first: st.SearchStrategy[bytes]) -> bytes:
    """A whole message that keeps to the rules: with a length, in chunks, or without a body."""
    head = [draw(first), b"Host: example.com", *(b"%b: %b" % pair for pair in draw(fields))]
    body = draw(bodies)
    if draw(st.booleans()):
        sent = chunked(body, draw(st.lists(st.integers(1, 50), max_size=5)))
        return b"\r\n".join([*head, b"Transfer-Encoding: chunked", b"", b""]) + sent
    return b"\r\n".join([*head, b"Content-Length: %d" % len(body), b"", b""]) + body


request_lines = st.builds(lambda method, target: b"%b %b HTTP/1.1" % (method, target), methods, targets)
status_lines = st.builds(
    lambda status, reason: b"HTTP/1.1 %d %b" % (status, reason),
    st.integers(200, 599),
    st.sampled_from([b"OK", b"", b"Odd one"]),
)


def bent(message: bytes, at: int, by: bytes, *, cut: int) -> bytes:
    """A message with something put in, or taken out, somewhere in it."""
    at %= len(message)
    return message[:at] + by + message[at + cut :]


def pieces(message: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({place % (len(message) + 1) for place in places} | {0, len(message)})
    return [message[start:end] for start, end in pairwise(ends) if start < end]


def by_us(message: bytes) -> tuple[bytes, bytes, list[tuple[bytes, bytes]], bytes] | None:
    """Method, target, fields and body; None where we refuse it or wait for more."""
    raw, found, rest = message.partition(HEAD_END)
    if not found:
        return None
    try:
        head = read_request(raw, LIMITS)
        body = whole(ChunkedBody(LIMITS) if head.length is None else LengthBody(head.length), bytearray(rest))
    except BadRequest:
        return None
    if body is None:
        return None
    return head.method, head.target, [(name.lower(), value) for name, value in head.headers], body


def whole(body: Body, buffer: bytearray) -> bytes | None:
    data = body.take(buffer)
    return data if body.done else None


def by_h11(
    message: bytes, role: type[h11.CLIENT] | type[h11.SERVER]
) -> tuple[h11.Request | h11.Response, bytes] | None:
    """The first message that h11 reads; None where it refuses it or waits for more."""
    connection = h11.Connection(role)
    if role is h11.CLIENT:
        connection.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
        connection.send(h11.EndOfMessage())
    connection.receive_data(message)
    head, body = None, b""
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request | h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return (head, body) if head else None
            else:
                return None
    except h11.RemoteProtocolError:
        return None


@FEW
@given(messages(request_lines))
def test_a_request_that_keeps_to_the_rules_is_read_as_h11_reads_it(message: bytes) -> None:
    ours, theirs = by_us(message), by_h11(message, h11.SERVER)
    assert ours is not None
    assert theirs is not None
    head, body = theirs
    assert isinstance(head, h11.Request)
    assert ours == (head.method, head.target, [(bytes(n), bytes(v)) for n, v in head.headers], body)


@settings(max_examples=600, deadline=None)
@given(
    messages(request_lines),
    st.integers(0, 10_000),
    st.sampled_from([b"", b" ", b"\t", b"\r", b"\n", b"\0", b":", b"\r\n", b"\r\n ", b"x", b"0", b",", b"\xff", b";"]),
    st.integers(0, 2),
)
def test_a_bent_request_is_read_as_h11_reads_it_or_not_at_all(message: bytes, at: int, by: bytes, cut: int) -> None:
    ours = by_us(bent(message, at, by, cut=cut))
    if ours is None:
        return
    theirs = by_h11(bent(message, at, by, cut=cut), h11.SERVER)
    assert theirs is not None, "we read what h11 refuses"
    head, body = theirs
    assert isinstance(head, h11.Request)
    assert ours == (head.method, head.target, [(bytes(n), bytes(v)) for n, v in head.headers], body)


@FEW
@given(
    messages(status_lines), st.integers(0, 10_000), st.sampled_from([b"", b"\r", b"\n ", b":", b"\0"]), st.booleans()
)
def test_an_answer_is_read_as_h11_reads_it_or_not_at_all(message: bytes, at: int, by: bytes, straight: bool) -> None:
    sent = message if straight else bent(message, at, by, cut=0)
    raw, _, rest = sent.partition(HEAD_END)
    try:
        head = read_response(raw, b"GET", LIMITS)
        body = whole(ChunkedBody(LIMITS) if head.chunked else LengthBody(head.length or 0), bytearray(rest))
    except (BadAnswer, BadRequest):
        assert not straight
        return
    if body is None:  # we wait for more, and it won't come
        assert not straight
        return
    theirs = by_h11(sent, h11.CLIENT)
    assert theirs is not None or head.length is None, "we read what h11 refuses"
    if theirs is None:
        return
    response, their_body = theirs
    assert isinstance(response, h11.Response)
    assert head.status == response.status_code
    assert body == their_body


@FEW
@given(st.binary(max_size=200), st.lists(st.integers(1, 60), max_size=5), cuts)
def test_chunks_are_put_together_wherever_they_are_cut(body: bytes, sizes: list[int], places: list[int]) -> None:
    reader, buffer, read = ChunkedBody(LIMITS), bytearray(), b""
    for piece in pieces(chunked(body, sizes) + b"NEXT", places):
        buffer += piece
        read += reader.take(buffer)
    assert reader.done
    assert read == body
    assert buffer == b"NEXT"


@SOCKETS
@given(messages(request_lines), cuts, st.booleans())
def test_a_request_goes_on_the_same_however_it_is_cut(message: bytes, places: list[int], each_byte: bool) -> None:
    async def sent() -> None:
        carrier = Carrier()
        async with proxied(carrier) as proxy:
            parts = [bytes([byte]) for byte in message] if each_byte else pieces(message, places)
            answer = await proxy.exchanged(*parts)
            assert answer.startswith(b"HTTP/1.1 200 OK")
        passed = by_us(bytes(carrier.all))
        wanted = by_us(message)
        assert passed is not None
        assert wanted is not None
        hosts = [(b"host", b"example.com")]
        assert (passed[0], passed[1], passed[3]) == (wanted[0], wanted[1], wanted[3])
        assert [p for p in passed[2] if p[0] != b"host"] == [p for p in wanted[2] if p not in hosts]

    asyncio.run(sent())


@SOCKETS
@given(targets, fields, bodies, st.booleans())
def test_aiohttps_client_is_understood(target: bytes, extra: list, body: bytes, in_chunks: bool) -> None:
    """It sends; our server reads and answers; it reads the answer."""
    seen: list[tuple[bytes, bytes]] = []

    async def echo(exchange: Exchange) -> None:
        data = await exchange.read(1 << 20)
        seen.append((exchange.head.method, data))
        await exchange.respond(Response(200, (*extra, (b"X-Twice", b"a"), (b"X-Twice", b"b")), data))

    async def asked() -> None:
        server, sock = Server(echo), socket.create_server(("127.0.0.1", 0))
        await server.start(sock)
        url = f"http://127.0.0.1:{sock.getsockname()[1]}/path"
        async with aiohttp.ClientSession() as session:
            for _ in range(2):  # on one kept connection
                data = aiohttp.payload.BytesPayload(body) if not in_chunks else _slowly(body)
                async with session.post(url, data=data) as answer:
                    assert await answer.read() == body
                    assert answer.headers.getall("X-Twice") == ["a", "b"]
        await server.close(1.0)

    asyncio.run(asked())
    assert seen == [(b"POST", body)] * 2


async def _slowly(body: bytes):
    for start in range(0, len(body), 40):
        yield body[start : start + 40]


@SOCKETS
@given(targets, fields, bodies, st.booleans())
def test_aiohttps_server_is_understood(target: bytes, extra: list, body: bytes, in_chunks: bool) -> None:
    """Our pool sends, aiohttp reads and answers, our pool reads the answer."""

    async def handle(request: web.Request) -> web.StreamResponse:
        data = await request.read()
        if not in_chunks:
            return web.Response(body=data, headers={"X-Path": request.raw_path})
        answer = web.StreamResponse(headers={"X-Path": request.raw_path})
        answer.enable_chunked_encoding()
        await answer.prepare(request)
        async for part in _slowly(data):
            await answer.write(part)
        return answer

    async def asked() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pool = Pool(f"http://127.0.0.1:{runner.addresses[0][1]}")
        headers = ((b"Host", b"example.com"), *extra, (b"Content-Length", b"%d" % len(body)))
        for _ in range(2):
            answer = await pool.exchange(Request(b"POST", target, headers, body))
            assert (answer.status, answer.body) == (200, body)
            assert answer.header(b"x-path") == target
        pool.close()
        await runner.cleanup()

    asyncio.run(asked())
