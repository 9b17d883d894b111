"""A call that we owe somebody, as bytes for the outbox and back.

It stands there beside messages, in the slot of the person whom it is about. Its body begins in a way that no message's
does, and its lane's name holds a colon, which no upstream's does:

    calls:twilio                    the legacy system's own webhook, as it is configured when the call is made
    calls:twilio/crm.example.com    a URL that a client of this upstream named
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import orjson

from gateway.delivery import requests
from gateway.words.held import Held
from gateway.words.number import Number, Place
from gateway.words.wire import Request

NOBODY = Number("", Place(""))  # whom a call is about that names no number

_LANES = "calls:"
_BODY = b'{"call":'


@dataclass(frozen=True, slots=True)
class Errand:
    """The request without its signature, which is made when it is called."""

    upstream: str  # in whose name it is, and whose secret signs it
    request: Request
    owed: datetime
    url: str = ""  # empty: the legacy system's own webhook


def lane_of(upstream: str, url: str) -> str:
    """Who waits for one another. Of a URL only host and port are told: the rest may hold what nobody shall read."""
    host = urlsplit(url).netloc.rpartition("@")[2].lower()
    return f"{_LANES}{upstream}/{host}" if host else f"{_LANES}{upstream}"


def is_of_calls(lane: str) -> bool:
    return lane.startswith(_LANES)


def is_errand(held: Held) -> bool:
    return held.body.startswith(_BODY)


def packed(errand: Errand) -> bytes:
    """The body of a Held."""
    told = {"call": errand.url, "upstream": errand.upstream, "owed": errand.owed, **requests.written(errand.request)}
    return orjson.dumps(told)


def unpacked(body: bytes) -> Errand:
    told = orjson.loads(body)
    return Errand(told["upstream"], requests.read(told), datetime.fromisoformat(told["owed"]), told["call"])
