"""HTTP/1.1 framing as values (RFC 9112), with no I/O: heads read and written, and where a body ends.

Strict on purpose: whatever two readers could understand in two ways is refused, since a request that the carrier reads
otherwise than we do is a message that nobody decided on. A head is checked as raw bytes, by expressions that can't
backtrack: llhttp (httptools) folds lines and trims names before it tells of them, and so hides what has to be refused
here; and it calls back for every field, which costs more than a line that was read before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from gateway.words.wire import Headers

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
# Methods are case-sensitive (RFC 9110, 9.1), but some servers take `post` for POST.
_REQUEST_LINE = re.compile(rb"([A-Z][A-Z0-9_-]{0,31}) ([\x21-\x7e]+) HTTP/1\.([01])")
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_FIELD = re.compile(rb"(%b):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)" % _TOKEN)
_HOST = re.compile(rb"(?:[A-Za-z0-9._~%!$&'()*+,;=-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")

HEAD_END = b"\r\n\r\n"
LENGTH_DIGITS = 15  # of a Content-Length: nothing longer is meant
WORTH_REMEMBERING = 4096  # bytes: the lines of longer heads are not

_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
# What `Connection` may not name: taking these away changes what the request means, not how it travels.
END_TO_END = frozenset(
    {b"host", b"content-length", b"content-type", b"content-encoding", b"authorization", b"cookie", b"expect"}
)


@dataclass(frozen=True, slots=True)
class Limits:
    """In bytes, but for `fields`."""

    request_line: int = 16 << 10
    head: int = 64 << 10
    fields: int = 200
    answer: int = 8 << 20  # of a whole answer to a send


class BadRequest(Exception):
    """A request that can't be understood in one way only. The connection ends with the answer to it."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class BadAnswer(Exception):
    """A peer's answer that can't be understood in one way only."""


class RequestHead(NamedTuple):
    """A request without its body. `length` is None where the body is chunked."""

    method: bytes
    target: bytes
    version: int  # minor: 0 or 1
    headers: Headers
    length: int | None
    keep_alive: bool
    expects_continue: bool


class ResponseHead(NamedTuple):
    """An answer without its body. `length` is None where it is chunked or ends with the connection."""

    status: int
    reason: bytes
    version: int
    headers: Headers
    length: int | None
    chunked: bool
    keep_alive: bool


def read_request(raw: bytes, limits: Limits) -> RequestHead:
    """The head that these bytes are, up to and without the empty line. Raises BadRequest."""
    line, _, block = raw.partition(b"\r\n")
    found = _REQUEST_LINE.fullmatch(line)
    if not found:
        raise _bad_line(line)
    if len(line) > limits.request_line:
        raise BadRequest(414, "the request line is too long")
    method, target, version = found[1], found[2], int(found[3])
    if not target.startswith(b"/") or b"#" in target or method == b"CONNECT":
        raise BadRequest(400, "only requests for a path are served: no CONNECT, no full address, no fragment")
    headers = fields(block + b"\r\n" if block else b"", limits)
    if headers is None:
        raise BadRequest(400, "a header line is malformed, folded, or holds a bare CR, LF or NUL")
    known = _known(headers)
    _check_host(known, version)
    length = _request_length(known, version)
    named = _connection(known)
    expects = known.get(b"expect")
    if expects and [value.lower() for value in expects] != [b"100-continue"]:
        raise BadRequest(417, "the only expectation that is served is 100-continue")
    keep = b"close" not in named if version else b"keep-alive" in named
    return RequestHead(method, target, version, headers, length, keep, bool(expects) and version == 1)


def _bad_line(line: bytes) -> BadRequest:
    if line.startswith(b"PRI * HTTP/2"):
        return BadRequest(505, "HTTP/2 is not served here")
    version = line.rpartition(b" ")[2]
    if re.fullmatch(rb"HTTP/[0-9]\.[0-9]", version) and not version.startswith(b"HTTP/1."):
        return BadRequest(505, "only HTTP/1.0 and HTTP/1.1 are served")
    return BadRequest(400, "the request line is malformed")


def read_response(raw: bytes, method: bytes, limits: Limits) -> ResponseHead:
    """The answer's head, to a request with `method`. Raises BadAnswer."""
    line, _, block = raw.partition(b"\r\n")
    found = _STATUS_LINE.fullmatch(line)
    headers = fields(block + b"\r\n" if block else b"", limits) if found else None
    if not found or headers is None:
        raise BadAnswer("its head is malformed")
    version, status = int(found[1]), int(found[2])
    known = _known(headers)
    options = _options(known.get(b"connection", ()))
    if options & END_TO_END:
        raise BadAnswer("its Connection names a header that belongs to the answer itself")
    keep = b"close" not in options if version else b"keep-alive" in options
    length, chunked = _response_length(known, status, method, version)
    return ResponseHead(
        status, found[3] or b"", version, headers, length, chunked, keep and (chunked or length is not None)
    )


def fields(block: bytes, limits: Limits) -> Headers | None:
    """The fields in order, each line of them ended, or None where one is malformed."""
    lines = block.split(b"\r\n")
    read = _remembered if len(block) <= WORTH_REMEMBERING else _field
    headers = [pair for line in lines[:-1] if (pair := read(line))]
    if lines[-1] or len(headers) < len(lines) - 1:
        return None
    if len(headers) > limits.fields:
        raise BadRequest(431, f"there are more than {limits.fields} header lines")
    return tuple(headers)


def _field(line: bytes) -> tuple[bytes, bytes] | None:
    found = _FIELD.fullmatch(line)
    return (found[1], found[2].rstrip(b" \t")) if found else None


_remembered = lru_cache(maxsize=1024)(_field)  # the same few lines, all day long


# Many a server behind CGI or WSGI takes an underscore for a dash.
_LOOKALIKES = frozenset({b"content_length", b"transfer_encoding"})
FRAMING = _LOOKALIKES | {
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"connection",
    b"expect",
    b"upgrade",
    b"http2-settings",
}


def _known(headers: Headers) -> dict[bytes, list[bytes]]:
    """The fields that say how a message travels."""
    known: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in FRAMING:
            known.setdefault(lower, []).append(value)
    return known


def _check_host(known: dict[bytes, list[bytes]], version: int) -> None:
    hosts = known.get(b"host", [])
    if len(hosts) > 1 or (version and not hosts) or not all(_HOST.fullmatch(host) for host in hosts):
        raise BadRequest(400, "one Host header is needed, with a host and perhaps a port")


def _request_length(known: dict[bytes, list[bytes]], version: int) -> int | None:
    if not known.keys().isdisjoint(_LOOKALIKES):
        raise BadRequest(400, "a header that frames the body is spelled with an underscore")
    lengths, codings = known.get(b"content-length", []), known.get(b"transfer-encoding", [])
    if codings:
        if lengths or not version:
            raise BadRequest(400, "Transfer-Encoding stands beside Content-Length, or in HTTP/1.0")
        if len(codings) > 1 or codings[0].lower() != b"chunked":
            raise BadRequest(501, "the only transfer coding that is served is chunked, once")
        return None
    return _length(lengths)


def _length(lengths: list[bytes]) -> int:
    if not lengths:
        return 0
    if len(lengths) > 1 or not lengths[0].isdigit() or len(lengths[0]) > LENGTH_DIGITS:
        raise BadRequest(400, "one Content-Length is needed, in digits")
    return int(lengths[0])


def _response_length(
    known: dict[bytes, list[bytes]], status: int, method: bytes, version: int
) -> tuple[int | None, bool]:
    lengths, codings = known.get(b"content-length", []), known.get(b"transfer-encoding", [])
    if codings and (lengths or not version or len(codings) > 1 or codings[0].lower() != b"chunked"):
        raise BadAnswer("its transfer coding is ambiguous")
    if method == b"HEAD" or status in {204, 304} or status < 200:  # noqa: PLR2004
        return 0, False
    if codings:
        return None, True
    if not lengths:
        return None, False
    try:
        return _length(lengths), False
    except BadRequest:
        raise BadAnswer("its length is ambiguous") from None


_ABOUT_CONNECTION = frozenset({b"connection", b"upgrade", b"http2-settings"})
_NO_OPTIONS: frozenset[bytes] = frozenset()


def _connection(known: dict[bytes, list[bytes]]) -> Set[bytes]:
    """The options of `Connection`. Raises BadRequest for an upgrade and for options that would change the request."""
    if known.keys().isdisjoint(_ABOUT_CONNECTION):
        return _NO_OPTIONS
    options = _options(known.get(b"connection", ()))
    if b"upgrade" in known or b"http2-settings" in known or b"upgrade" in options:
        raise BadRequest(400, "this connection stays HTTP/1.1; Upgrade is not served")
    if options & END_TO_END:
        raise BadRequest(400, "Connection names a header that belongs to the request itself")
    return options


def _options(values: Iterable[bytes]) -> Set[bytes]:
    return _listed(b",".join(values))


@lru_cache(maxsize=64)
def _listed(values: bytes) -> Set[bytes]:
    return frozenset([option.strip().lower() for option in values.split(b",")]) - {b""}


def end_to_end(headers: Headers) -> Headers:
    """Without the fields that belong to one connection (RFC 9110, 7.6.1)."""
    kept, named = [], []
    for pair in headers:
        name = pair[0].lower()
        if name not in _HOP_BY_HOP:
            kept.append(pair)
        elif name == b"connection":
            named.append(pair[1])
    if options := _options(named) - _HOP_BY_HOP:
        return tuple([pair for pair in kept if pair[0].lower() not in options])
    return tuple(kept)


def with_length(headers: Headers, length: int) -> Headers:
    """With the one Content-Length that a body of so many bytes has: where one stands, or else at the end."""
    said = b"%d" % length
    places = [place for place, pair in enumerate(headers) if pair[0].lower() == b"content-length"]
    if len(places) != 1:
        return (*without_length(headers), (b"Content-Length", said))
    [place] = places
    name, value = headers[place]
    return headers if value == said else (*headers[:place], (name, said), *headers[place + 1 :])


def without_length(headers: Headers) -> Headers:
    return tuple([pair for pair in headers if pair[0].lower() != b"content-length"])


def request_bytes(method: bytes, target: bytes, headers: Headers) -> bytes:
    return b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, _lines(headers))


def response_bytes(status: int, reason: bytes, headers: Headers) -> bytes:
    return b"HTTP/1.1 %d %b\r\n%b\r\n" % (status, reason, _lines(headers))


def _lines(headers: Headers) -> bytes:
    lines = b"\r\n".join([*map(b": ".join, headers), b""])
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers):
        raise ValueError("a header that we write holds a line end")
    return lines


@lru_cache(maxsize=64)
def phrase(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def last_chunk(trailers: Headers) -> bytes:
    return b"0\r\n%b\r\n" % _lines(trailers)
