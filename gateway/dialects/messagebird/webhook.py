"""MessageBird's calls to us: replies of recipients, and the token that covers URL and body for a minute.

An older signature (`MessageBird-Signature`) does not cover the path, so that one call could be taken for another: it is
not believed. How a flow spells its fields is unverified.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode

from gateway.dialects.heads import FORM, watched, with_header
from gateway.dialects.parameters import told_in
from gateway.dialects.tokens import ANY_HS, Claims, claims_of, covers, genuine, hash_of, made
from gateway.dialects.told import told
from gateway.numbering.senders import international
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

LIFE = timedelta(minutes=1)  # of a token
LEEWAY = timedelta(seconds=1)  # between MessageBird's clock and ours, as its SDKs allow

_TOKEN = b"messagebird-signature-jwt"
_ISSUER = "MessageBird"


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a receipt, or anything else without a text."""
    given = told_in(request)
    text = given.value("body") or given.value("payload")
    if given.value("status") or not text:
        return None
    id_, sender, to = (told(given.value(name), name) for name in ("id", "originator", "recipient"))
    return Inbound(id_, international(sender), international(to), text)


def reply(inbound: Inbound) -> Request:
    """As much of MessageBird's call as `hear` needs, unsigned."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    fields = {"id": inbound.id, "recipient": to, "originator": sender, "body": inbound.text}
    return Request(b"POST", b"", ((b"Content-Type", FORM.encode()),), urlencode(fields).encode("ascii"))


def signed(request: Request, url: str, secret: str, now: datetime) -> bool:
    """Whether MessageBird signed this call of `url`, within the last minute."""
    try:
        token = watched(request.headers, {_TOKEN}).get(_TOKEN, b"")
        if not genuine(token, secret, ANY_HS):
            return False
        claims = claims_of(token)
    except Unreadable:
        return False
    return _is_now(claims, now) and claims.get("iss") == _ISSUER and _covers(claims, request, url)


def sign(request: Request, url: str, secret: str, now: datetime) -> Request:
    """The call signed for `url` and this instant. Raises Unreadable where its token can't be read."""
    old = watched(request.headers, {_TOKEN}).get(_TOKEN, b"")
    claims = {**claims_of(old), "iss": _ISSUER, "nbf": int(now.timestamp()), "exp": int((now + LIFE).timestamp())}
    claims |= {"url_hash": hash_of(url.encode())}
    claims |= {"payload_hash": hash_of(request.body)} if request.body else {}
    headers = with_header(request.headers, _TOKEN, made(claims, secret))
    return Request(request.method, request.target, headers, request.body)


def _is_now(claims: Claims, now: datetime) -> bool:
    since, until = claims.get("nbf"), claims.get("exp")
    if not isinstance(since, int | float) or not isinstance(until, int | float):
        return False
    leeway = LEEWAY.total_seconds()
    return since - leeway <= now.timestamp() <= until + leeway


def _covers(claims: Claims, request: Request, url: str) -> bool:
    if not request.body and claims.get("payload_hash"):
        return False
    body_is = not request.body or covers(claims, "payload_hash", request.body)
    return body_is and covers(claims, "url_hash", url.encode())
