"""Events on the wire, as Standard Webhooks has them (standardwebhooks.com): the body, and the signature over it."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import orjson

from gateway.words.event import Event
from gateway.words.wire import Request

PREFIX = "whsec_"
GONE = 410  # the one status with which a subscriber says that it never wants to be called again
SHORTEST, LONGEST = 24, 64  # bytes of a secret

_HEADERS = ((b"Content-Type", b"application/json"), (b"User-Agent", b"smsgate"))


def request_of(event: Event) -> Request:
    """Without its signature, which is made when it is called."""
    told = {"type": event.type, "timestamp": event.at, "data": event.data}
    return Request(b"POST", b"", _HEADERS, orjson.dumps(told, option=orjson.OPT_UTC_Z))


def signed(request: Request, id_: str, secrets: Iterable[str], now: datetime) -> Request:
    """Signed by each of the secrets. `now`, in whole seconds, is signed too: what is old is not believed."""
    timestamp = b"%d" % now.timestamp()
    content = b"%s.%s.%s" % (id_.encode("ascii"), timestamp, request.body)
    signatures = b" ".join(b"v1," + b64encode(hmac.digest(key_of(each), content, "sha256")) for each in secrets)
    headers = (
        (b"webhook-id", id_.encode("ascii")),
        (b"webhook-timestamp", timestamp),
        (b"webhook-signature", signatures),
    )
    return replace(request, headers=(*request.headers, *headers))


def key_of(secret: str) -> bytes:
    """Raises ValueError where it is no secret: `whsec_`, and 24 to 64 bytes in base64."""
    key = b64decode(secret.removeprefix(PREFIX), validate=True)
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("no secret of a webhook")
    return key
