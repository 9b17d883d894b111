"""Whose credentials a request bears: the name, never the secret."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from gateway.words.wire import Headers, header


def account_of(headers: Headers) -> str:
    """The user of HTTP's Basic authentication (RFC 7617); empty where there is none, or no sense in it."""
    scheme, _, given = (header(headers, b"authorization") or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return ""
    try:
        return b64decode(given.strip()).partition(b":")[0].decode()
    except (Error, ValueError):
        return ""
