"""What two readers could understand in two ways is refused: the carrier sees none of it, and the connection ends."""

from __future__ import annotations

import pytest

from tests.http1.peers import proxied

SMUGGLED = b"POST /smuggled HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


def head(*lines: bytes, first: bytes = b"POST /send HTTP/1.1", host: bytes = b"Host: x") -> bytes:
    return b"\r\n".join([first, *([host] if host else []), *lines, b"", b""])


LENGTH, CHUNKED = b"Content-Length: 5", b"Transfer-Encoding: chunked"
END = b"0\r\n\r\n"

CASES = [
    # Lengths.
    ("two different lengths", head(LENGTH, b"Content-Length: 6") + b"hello"),
    ("the same length twice", head(LENGTH, LENGTH) + b"hello"),
    ("two lengths in one line", head(b"Content-Length: 5, 5") + b"hello"),
    ("a length with a plus", head(b"Content-Length: +5") + b"hello"),
    ("a negative length", head(b"Content-Length: -5") + b"hello"),
    ("a hexadecimal length", head(b"Content-Length: 0x5") + b"hello"),
    ("a length with a space inside", head(b"Content-Length: 5 0") + b"hello"),
    ("an empty length", head(b"Content-Length: ") + b"hello"),
    ("a length beyond all numbers", head(b"Content-Length: 99999999999999999999") + b"hello"),
    ("a length in other digits", head("Content-Length: ٥".encode()) + b"hello"),
    ("a length with an underscore", head(b"Content-Length: 1_0") + b"hello"),
    ("a length with a fraction", head(b"Content-Length: 5.0") + b"hello"),
    # Length and coding.
    ("a length before chunks", head(LENGTH, CHUNKED) + END),
    ("a length behind chunks", head(CHUNKED, LENGTH) + END + SMUGGLED),
    ("chunks in HTTP/1.0", head(CHUNKED, first=b"POST /send HTTP/1.0") + END),
    ("a coding that is not known", head(b"Transfer-Encoding: xchunked") + END),
    ("a coding before chunked", head(b"Transfer-Encoding: gzip, chunked") + END),
    ("chunked before a coding", head(b"Transfer-Encoding: chunked, gzip") + END),
    ("chunked twice in one line", head(b"Transfer-Encoding: chunked, chunked") + END),
    ("chunked in two lines", head(CHUNKED, CHUNKED) + END),
    ("chunked and identity", head(CHUNKED, b"Transfer-Encoding: identity") + END),
    ("identity", head(b"Transfer-Encoding: identity", LENGTH) + b"hello"),
    ("chunked with a comma behind", head(b"Transfer-Encoding: chunked,") + END),
    ("chunked with a parameter", head(b"Transfer-Encoding: chunked;x=1") + END),
    ("chunked in quotes", head(b'Transfer-Encoding: "chunked"') + END),
    ("chunked behind a vertical tab", head(b"Transfer-Encoding: \x0bchunked") + END),
    ("chunked behind a form feed", head(b"Transfer-Encoding: \x0cchunked") + END),
    ("an empty coding", head(b"Transfer-Encoding: ", LENGTH) + b"hello"),
    ("a length with an underscore for the dash", head(b"Content_Length: 5", LENGTH) + b"hello"),
    ("a coding with an underscore for the dash", head(b"Transfer_Encoding: chunked", LENGTH) + b"hello"),
    # Lines and names.
    ("a folded line", head(b"X-Folded: a", b" b", LENGTH) + b"hello"),
    ("a coding folded onto the next line", head(b"Transfer-Encoding:", b" chunked", LENGTH) + b"hello"),
    ("a first line that is folded", head(b" folded: a", LENGTH, host=b"") + b"hello"),
    ("a space before the colon", head(b"Content-Length : 5") + b"hello"),
    ("a tab before the colon", head(b"Transfer-Encoding\t: chunked") + END),
    ("a space in a name", head(b"Content Length: 5") + b"hello"),
    ("a name that is empty", head(b": 5", LENGTH) + b"hello"),
    ("a line without a colon", head(b"Content-Length", LENGTH) + b"hello"),
    ("a name that is not ASCII", head("Contënt-Length: 5".encode()) + b"hello"),
    ("a NUL in a name", head(b"Content-Len\0gth: 5") + b"hello"),
    ("a NUL in a value", head(b"X: a\0b", LENGTH) + b"hello"),
    ("a bare CR in a value", head(b"X: a\rTransfer-Encoding: chunked", LENGTH) + b"hello"),
    ("a bare LF in a value", head(b"X: a\nTransfer-Encoding: chunked", LENGTH) + b"hello"),
    ("lines that end with LF alone", b"POST /send HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello"),
    ("a head that ends with LF alone", b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\nhello"),
    # Hosts.
    ("no host", head(LENGTH, host=b"") + b"hello"),
    ("two hosts", head(b"Host: y", LENGTH) + b"hello"),
    ("a host with a path", head(LENGTH, host=b"Host: x/y") + b"hello"),
    ("a host with a space", head(LENGTH, host=b"Host: x y") + b"hello"),
    ("a host with a user", head(LENGTH, host=b"Host: u@x") + b"hello"),
    ("a host with a port of letters", head(LENGTH, host=b"Host: x:http") + b"hello"),
    # Request lines.
    ("a full address", head(LENGTH, first=b"POST http://y/send HTTP/1.1") + b"hello"),
    ("an authority", head(first=b"CONNECT y:443 HTTP/1.1")),
    ("CONNECT with a path", head(first=b"CONNECT /send HTTP/1.1")),
    ("an asterisk", head(first=b"OPTIONS * HTTP/1.1")),
    ("a fragment", head(LENGTH, first=b"POST /send#x HTTP/1.1") + b"hello"),
    ("two spaces", head(LENGTH, first=b"POST  /send HTTP/1.1") + b"hello"),
    ("a tab for a space", head(LENGTH, first=b"POST\t/send\tHTTP/1.1") + b"hello"),
    ("a space in the target", head(LENGTH, first=b"POST /se nd HTTP/1.1") + b"hello"),
    ("a control character in the target", head(LENGTH, first=b"POST /se\x01nd HTTP/1.1") + b"hello"),
    ("a target that is not ASCII", head(LENGTH, first="POST /sénd HTTP/1.1".encode()) + b"hello"),
    ("a method in lower case", head(LENGTH, first=b"post /send HTTP/1.1") + b"hello"),
    ("a space before the method", head(LENGTH, first=b" POST /send HTTP/1.1") + b"hello"),
    ("a space behind the version", head(LENGTH, first=b"POST /send HTTP/1.1 ") + b"hello"),
    ("HTTP/0.9", b"GET /send\r\n\r\n"),
    ("HTTP/1.2", head(first=b"GET /send HTTP/1.2")),
    ("HTTP/2.0", head(first=b"GET /send HTTP/2.0")),
    ("the HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("http in lower case", head(first=b"GET /send http/1.1")),
    ("a version with a zero before", head(first=b"GET /send HTTP/01.1")),
    ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64),
    # What would change the connection, or strip the request.
    ("an upgrade", head(b"Connection: Upgrade", b"Upgrade: websocket", first=b"GET /send HTTP/1.1")),
    ("an upgrade to h2c", head(b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk", first=b"GET /send HTTP/1.1")),
    ("HTTP/2 settings alone", head(b"HTTP2-Settings: AAMAAABk", first=b"GET /send HTTP/1.1")),
    ("a length named as hop by hop", head(b"Connection: content-length", LENGTH) + b"hello"),
    ("the host named as hop by hop", head(b"Connection: host", LENGTH) + b"hello"),
    ("authorization named as hop by hop", head(b"Connection: close, Authorization", LENGTH) + b"hello"),
    ("an expectation nobody meets", head(b"Expect: a-miracle", LENGTH) + b"hello"),
    # Sizes.
    ("a request line beyond all measure", head(first=b"GET /" + b"x" * 20_000 + b" HTTP/1.1")),
    ("a head beyond all measure", head(b"X: " + b"x" * 70_000)),
    ("more fields than anybody sends", head(*[b"X: y"] * 300)),
]

CHUNKS = [
    ("a size with a plus", b"+5\r\nhello\r\n0\r\n\r\n"),
    ("a size with a minus", b"-5\r\nhello\r\n0\r\n\r\n"),
    ("a size with 0x", b"0x5\r\nhello\r\n0\r\n\r\n"),
    ("a size with a space behind", b"5 ;a\r\nhello\r\n0\r\n\r\n"),
    ("a size with a space before", b" 5\r\nhello\r\n0\r\n\r\n"),
    ("a size with an underscore", b"0_5\r\nhello\r\n0\r\n\r\n"),
    ("a size beyond all numbers", b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
    ("no size", b"\r\nhello\r\n0\r\n\r\n"),
    ("a size that is none", b"five\r\nhello\r\n0\r\n\r\n"),
    ("a size line that ends with LF alone", b"5\nhello\r\n0\r\n\r\n"),
    ("an extension with a bare LF", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ("an extension with a bare CR", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    ("an extension beyond all measure", b"5;" + b"x" * 5000 + b"\r\nhello\r\n0\r\n\r\n"),
    ("a chunk longer than it says", b"4\r\nhello\r\n0\r\n\r\n"),
    ("a chunk shorter than it says", b"6\r\nhello\r\n0\r\n\r\n"),
    ("a chunk that ends with LF alone", b"5\r\nhello\n0\r\n\r\n"),
    ("cut short in a chunk", b"50\r\nhello"),
    ("cut short before the last chunk", b"5\r\nhello\r\n"),
    ("cut short in the trailers", b"5\r\nhello\r\n0\r\n"),
    ("a length in the trailers", b"5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n"),
    ("a host in the trailers", b"5\r\nhello\r\n0\r\nHost: y\r\n\r\n"),
    ("a coding in the trailers", b"5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ("a trailer that is folded", b"5\r\nhello\r\n0\r\nX: a\r\n b\r\n\r\n"),
    ("a trailer without a colon", b"5\r\nhello\r\n0\r\nnonsense\r\n\r\n"),
]


@pytest.mark.parametrize(("situation", "sent"), CASES, ids=[name for name, _ in CASES])
async def test_an_ambiguous_head_is_never_forwarded(situation: str, sent: bytes) -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(sent)
        assert answer[:10] in {b"HTTP/1.1 4", b"HTTP/1.1 5"}, answer
        assert b"connection: close" in answer.lower()
        assert proxy.carrier.all == b""


@pytest.mark.parametrize(("situation", "body"), CHUNKS, ids=[name for name, _ in CHUNKS])
async def test_a_send_whose_chunks_are_malformed_is_never_forwarded(situation: str, body: bytes) -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(head(CHUNKED) + body)
        assert answer.startswith(b"HTTP/1.1 4"), answer
        assert proxy.carrier.all == b""


@pytest.mark.parametrize(("situation", "body"), CHUNKS, ids=[name for name, _ in CHUNKS])
async def test_of_what_is_passed_through_no_malformed_chunk_and_no_end_is_forwarded(
    situation: str, body: bytes
) -> None:
    """It goes on as it comes; the carrier never sees a whole request."""
    async with proxied() as proxy:
        await proxy.exchanged(
            head(CHUNKED, first=b"POST /other HTTP/1.1") + body + ("cut short" not in situation) * SMUGGLED
        )
        assert not proxy.carrier.all.endswith(b"0\r\n\r\n")
        assert b"/smuggled" not in proxy.carrier.all


async def test_a_send_whose_body_is_cut_short_is_never_forwarded() -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(head(b"Content-Length: 50") + b"hello")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert proxy.carrier.all == b""


async def test_what_stands_in_a_body_is_no_request() -> None:
    async with proxied() as proxy:
        length = b"Content-Length: %d" % len(SMUGGLED)
        answer = await proxy.exchanged(head(length, first=b"POST /other HTTP/1.1") + SMUGGLED)
        assert answer.count(b"HTTP/1.1 200") == 1
        assert proxy.carrier.all.count(b"\r\nHost: 127.0.0.1") == 1


async def test_after_a_refusal_nothing_on_the_connection_is_a_request() -> None:
    async with proxied() as proxy:
        answer = await proxy.exchanged(head(LENGTH, b"Content-Length: 6") + b"hello" + SMUGGLED)
        assert answer.count(b"HTTP/1.1 ") == 1
        assert proxy.carrier.all == b""
