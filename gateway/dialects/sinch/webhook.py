"""Sinch's calls to us: replies of recipients, and the signature over body, nonce and time, where an account has it.

It covers neither URL nor host, so that a call that is told on as it came keeps one that its receiver can check. How
old a call is is not looked at: Sinch repeats one for a day, and to hear a reply twice changes nothing twice.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from datetime import datetime

import orjson

from gateway.dialects.heads import watched, with_header
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.told import told
from gateway.numbering.senders import international
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

_SIGNATURE, _NONCE = b"x-sinch-webhook-signature", b"x-sinch-webhook-signature-nonce"
_TIMESTAMP, _ALGORITHM = b"x-sinch-webhook-signature-timestamp", b"x-sinch-webhook-signature-algorithm"
_SIGNING = frozenset({_SIGNATURE, _NONCE, _TIMESTAMP, _ALGORITHM})
_KNOWN = b"HmacSHA256"


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a receipt, and for a binary one."""
    fields = Fields.read(request.body)
    kind = fields.text("type")
    if kind == "mo_text":
        text = fields.text("body")
    elif kind == "mo_media" and (body := fields.inside("body")):
        text = body.text("message")
    else:
        text = None
    if text is None:
        return None
    id_, sender, to = (told(fields.scalar(name), name) for name in ("id", "from", "to"))
    return Inbound(id_, international(sender), international(to), text)


def reply(inbound: Inbound) -> Request:
    """As much of Sinch's call as `hear` and its signature need."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    fields = {"type": "mo_text", "id": inbound.id, "from": sender, "to": to, "body": inbound.text}
    headers = ((b"Content-Type", JSON.encode()), (_NONCE, inbound.id.encode()), (_ALGORITHM, _KNOWN))
    return Request(b"POST", b"", headers, orjson.dumps(fields))


def signed(request: Request, secret: str) -> bool:
    """Whether Sinch signed this call."""
    try:
        found = watched(request.headers, _SIGNING)
    except Unreadable:
        return False
    nonce, stamp, given = (found.get(name, b"") for name in (_NONCE, _TIMESTAMP, _SIGNATURE))
    genuine = hmac.compare_digest(_signature(request.body, nonce, stamp, secret), given)
    return genuine and bool(nonce and stamp) and found.get(_ALGORITHM, _KNOWN) == _KNOWN


def sign(request: Request, secret: str, now: datetime) -> Request:
    """The call signed for this instant, with the nonce that it has. Raises Unreadable for one that was not signed."""
    nonce, stamp = watched(request.headers, _SIGNING).get(_NONCE, b""), b"%d" % now.timestamp()
    if not nonce:
        raise Unreadable("this webhook is not signed in a way that is known here")
    headers = with_header(request.headers, _TIMESTAMP, stamp)
    headers = with_header(headers, _SIGNATURE, _signature(request.body, nonce, stamp, secret))
    return Request(request.method, request.target, headers, request.body)


def _signature(body: bytes, nonce: bytes, stamp: bytes, secret: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), b".".join((body, nonce, stamp)), "sha256"))
