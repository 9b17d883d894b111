"""What a request's head says of its body, read so that no carrier can read it another way."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from functools import lru_cache

from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Headers, Request

# Any of these lets a server take a request for another method than its own.
OVERRIDES = frozenset({b"x-http-method-override", b"x-http-method", b"x-method-override"})
BODY_FIELDS = frozenset({b"content-type", b"content-encoding"}) | OVERRIDES

FORM = "application/x-www-form-urlencoded"


def watched(headers: Headers, names: Collection[bytes] = BODY_FIELDS) -> dict[bytes, bytes]:
    """The fields of these names (in lower case). Raises Unreadable where one is given twice: who knows which counts."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in names:
            if lower in found:
                raise Unreadable(f"the header {_shown(lower)} is given twice; give it once", field=_shown(lower))
            found[lower] = value
    return found


def as_it_is(found: Mapping[bytes, bytes]) -> None:
    """Raises Unreadable where the body is compressed or the method is overridden: then it is not what it seems."""
    if found.get(b"content-encoding", b"identity").strip().lower() not in {b"identity", b""}:
        raise Unreadable("the body is compressed; send it without Content-Encoding", field="Content-Encoding")
    for name in OVERRIDES:
        if name in found:
            raise Unreadable(f"the header {_shown(name)} hides the method; leave it out", field=_shown(name))


@lru_cache(maxsize=256)
def content_type(value: bytes) -> tuple[str, str]:
    """Type and charset of a Content-Type field, both in lower case; no charset is "". Raises Unreadable."""
    kind, *parameters = value.decode("latin-1").lower().split(";")
    pairs = [parameter.strip().partition("=") for parameter in parameters]
    charsets = {given.strip(' "') for name, _, given in pairs if name.strip() == "charset"}
    if len(charsets) > 1:
        raise Unreadable("Content-Type names two charsets; name one", field="Content-Type")
    return kind.strip(), next(iter(charsets), "")


def with_body(request: Request, body: bytes) -> Request:
    """The same request with another body, and the length that it has now."""
    length = b"%d" % len(body)
    fields = [(pair[0], length) if pair[0].lower() == b"content-length" else pair for pair in request.headers]
    return Request(request.method, request.target, tuple(fields), body)


def with_query(request: Request, query: bytes) -> Request:
    """The same request with another query."""
    return Request(request.method, request.path + b"?" + query, request.headers, request.body)


def with_header(headers: Headers, name: bytes, value: bytes) -> Headers:
    """The same fields with this one set: where it stands, or else at the end."""
    if all(key.lower() != name.lower() for key, _ in headers):
        return (*headers, (name, value))
    return tuple((key, value if key.lower() == name.lower() else old) for key, old in headers)


def plainly(request: Request) -> Request:
    """The same request, asking for an answer that is not compressed."""
    headers = with_header(request.headers, b"Accept-Encoding", b"identity")
    return Request(request.method, request.target, headers, request.body)


def authorized(request: Request, credentials: Credentials) -> Request:
    """The same request with these as Basic credentials (RFC 7617, in UTF-8)."""
    pair = b64encode(f"{credentials.user}:{credentials.secret}".encode())
    return with_key(request, b"Basic", pair)


def with_key(request: Request, scheme: bytes, key: bytes) -> Request:
    """The same request with this key behind the word by which its carrier knows keys: `Bearer`, `App`."""
    headers = with_header(request.headers, b"Authorization", scheme + b" " + key)
    return Request(request.method, request.target, headers, request.body)


def _shown(name: bytes) -> str:
    return name.decode("latin-1").title()
