"""Bytes as they came, and bytes to give back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Headers = tuple[tuple[bytes, bytes], ...]  # in order, in their own case


def header(headers: Headers, name: bytes) -> bytes | None:
    """The first value of a field, or None. `name` in lower case."""
    return next(headers_named(headers, name), None)


def headers_named(headers: Headers, name: bytes) -> Iterator[bytes]:
    """All values of a field, in order. `name` in lower case."""
    return (value for key, value in headers if key.lower() == name)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: the target exactly as spelled, headers in order and in their own case."""

    method: bytes
    target: bytes  # origin form: path and query
    headers: Headers
    body: bytes = b""

    @property
    def path(self) -> bytes:
        return self.target.partition(b"?")[0]

    @property
    def query(self) -> bytes:
        return self.target.partition(b"?")[2]

    def header(self, name: bytes) -> bytes | None:
        """The first value of a field, or None. `name` in lower case."""
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it came from the carrier, or one that we make up in its words."""

    status: int
    headers: Headers
    body: bytes = b""
    reason: bytes = b""  # the reason phrase as it came; empty: the standard one

    def header(self, name: bytes) -> bytes | None:
        """The first value of a field, or None. `name` in lower case."""
        return header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Call:
    """A request of ours, and the whole URL that it goes to."""

    url: str
    request: Request


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who a request that we compose says it is from: account and token, API key and secret, user and password."""

    user: str
    secret: str = field(repr=False)
