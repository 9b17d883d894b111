"""Where a Redis is, as its URL says it."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from typing import Any

from redis.connection import SSLConnection, parse_url

from gateway.store.resp import packed
from gateway.words.errors import GatewayError

SENTINELS = re.compile(r"(rediss?)\+sentinel://([^@/]*@)?([^@/?]+)(.*)")
SENTINEL_PORT = 26379


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
    replicas: int = 0  # that must have a write before it counts
    sentinels: tuple[tuple[str, int], ...] = ()  # who say where the primary is; none: it is at host and port
    primary: str = ""  # its name among the Sentinels

    @classmethod
    def parse(cls, url: str) -> Address:
        """Of `redis://`, `rediss://` (TLS), `unix://`, or the first two with `+sentinel`. Raises BadUrl."""
        plain, sentinels = _without_sentinels(url)
        parts = _parts(plain)
        primary, replicas = parts.get("primary", ""), str(parts.get("replicas", 0))
        if sentinels and not primary:
            raise BadUrl("the store's URL names Sentinels; add ?primary=NAME, the name that they know the primary by")
        if not replicas.isdecimal():
            raise BadUrl("`replicas` in the store's URL must be a whole number: how many must have each write")
        host, port = parts.get("host", "localhost"), parts.get("port", 6379)
        tls = _tls(parts) if parts.get("connection_class") is SSLConnection else None
        return cls(host, port, parts.get("path", ""), tls, _greeting(parts), int(replicas), sentinels, primary)

    def __str__(self) -> str:
        return self.primary or self.path or f"{self.host}:{self.port}"


def _without_sentinels(url: str) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The URL as of one server, and the Sentinels that it names instead of it."""
    if not (found := SENTINELS.fullmatch(url)):
        return url, ()
    scheme, user, hosts, rest = found.groups(default="")
    named = [_parts(f"redis://{host}") for host in hosts.split(",")]
    places = tuple((each.get("host", "localhost"), each.get("port", SENTINEL_PORT)) for each in named)
    return f"{scheme}://{user}primary{rest}", places


def _parts(url: str) -> dict[str, Any]:
    try:
        parts: dict[str, Any] = parse_url(url)  # type: ignore[no-untyped-call]
    except ValueError:
        ways = (
            "redis://HOST:PORT/DB, rediss://... (TLS), unix:///PATH or redis+sentinel://HOST:PORT,.../DB?primary=NAME"
        )
        raise BadUrl(f"the store's URL must be {ways}") from None
    return parts


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
