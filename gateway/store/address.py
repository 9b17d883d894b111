"""Where a Redis is, as its URL says it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from typing import Any

from redis.connection import SSLConnection, parse_url

from gateway.store.resp import packed
from gateway.words.errors import GatewayError


class BadUrl(GatewayError):
    """The store's URL can't be understood."""


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """Where a Redis is and how it lets us in. Has no repr: it holds a password."""

    host: str
    port: int
    path: str  # of a Unix socket; empty: TCP
    tls: ssl.SSLContext | None
    greeting: tuple[bytes, ...]

    @classmethod
    def parse(cls, url: str) -> Address:
        """Of `redis://`, `rediss://` (TLS) or `unix://`. Raises BadUrl."""
        try:
            parts: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
        except ValueError:
            raise BadUrl("the store's URL must be redis://HOST:PORT/DB, rediss://... (TLS) or unix:///PATH") from None
        host, port = parts.get("host", "localhost"), parts.get("port", 6379)
        secure = parts.get("connection_class") is SSLConnection
        return cls(host, port, parts.get("path", ""), _tls(parts) if secure else None, _greeting(parts))

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


def _tls(parts: dict[str, Any]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=parts.get("ssl_ca_certs"))
        if certificate := parts.get("ssl_certfile"):
            context.load_cert_chain(certificate, parts.get("ssl_keyfile"))
    except OSError as error:
        raise BadUrl(f"the certificates that the store's URL names can't be read: {error.strerror}") from error
    return context


def _greeting(parts: dict[str, Any]) -> tuple[bytes, ...]:
    commands = []
    if password := parts.get("password"):
        user = [name] if (name := parts.get("username")) else []
        commands.append(packed("AUTH", *user, password))
    if database := parts.get("db"):
        commands.append(packed("SELECT", database))
    return (*commands, packed("CLIENT", "SETNAME", "smsgate"), packed("ROLE"), packed("INFO", "server"))
