"""A call that we owe somebody, or a mail, as bytes for the outbox and back.

It stands there beside messages, in the slot of the person whom it is about. Its body begins in a way that no message's
does, and its lane's name holds a colon, which no upstream's does:

    calls:twilio                    the legacy system's own webhook, as it is configured when the call is made
    calls:twilio/crm.example.com    a URL that a client of this upstream named
    calls:events:crm.example.com    a subscriber of events
    calls:mail                      a mail of ours, to the smarthost
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from urllib.parse import urlsplit

import orjson

from gateway.delivery import letter, requests
from gateway.delivery.letter import Letter
from gateway.words.held import Held
from gateway.words.number import Number, Place
from gateway.words.wire import Request

NOBODY = Number("", Place(""))  # whom a call is about that names no number
WITHIN = timedelta(days=3)  # a call that nobody has taken by then is given up
EVENTS = "events"

_LANES = "calls:"
_BODY = b'{"call":'


@dataclass(frozen=True, slots=True)
class Errand:
    """The request without its signature, which is made when it is called."""

    upstream: str  # in whose name it is, and whose secret signs it; empty: it tells a subscriber of an event
    request: Request
    owed: datetime
    url: str = ""  # empty: the legacy system's own webhook
    event: str = ""  # the event's id

    @property
    def counted_as(self) -> str:
        """In whose name it is in metrics."""
        return EVENTS if self.event else self.upstream

    @property
    def lane(self) -> str:
        """Who waits for one another. Of a URL only host and port are told: the rest may hold what nobody shall read."""
        host = urlsplit(self.url).netloc.rpartition("@")[2].lower()
        if self.event:
            return f"{_LANES}{EVENTS}:{host}"
        return f"{_LANES}{self.upstream}/{host}" if host else f"{_LANES}{self.upstream}"

    def packed(self) -> bytes:
        """The body of a Held."""
        told = {"call": self.url, "upstream": self.upstream, "owed": self.owed, "event": self.event}
        return orjson.dumps(told | requests.written(self.request))


Owed: TypeAlias = Errand | Letter


def waiting(errand: Owed, id_: str, about: Number | None, after: timedelta = timedelta()) -> Held:
    """As it waits. `about`: the person whom it tells of, if any."""
    return Held(
        id=id_,
        recipient=about or NOBODY,
        lane=errand.lane,
        due=errand.owed + after,
        expires=errand.owed + WITHIN,
        body=errand.packed(),
    )


def is_of_calls(lane: str) -> bool:
    return lane.startswith(_LANES)


def is_errand(held: Held) -> bool:
    return held.body.startswith((_BODY, letter.BODY))


def unpacked(body: bytes) -> Owed:
    if body.startswith(letter.BODY):
        return Letter.read(body)
    told = orjson.loads(body)
    owed = datetime.fromisoformat(told["owed"])
    return Errand(told["upstream"], requests.read(told), owed, told["call"], told.get("event", ""))
