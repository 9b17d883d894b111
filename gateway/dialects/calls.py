"""Requests of ours to a URL that a client named in its send."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from gateway.words.wire import Call, Headers, Request

_KEPT = "".join(map(chr, range(0x21, 0x7F)))  # nothing that is visible is escaped anew


def call(method: bytes, url: str, headers: Headers, body: bytes = b"") -> Call | None:
    """The request for a URL, as its client would make it; None where it is no http or https URL.

    A fragment stays in the URL: carriers' settings of the connection stand there.
    """
    url = quote(url, safe=_KEPT)
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Call(url, Request(method, target.encode("ascii"), headers, body))
