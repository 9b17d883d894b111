"""Vonage's calls to us: replies of recipients, and their two kinds of signatures.

The Messages API sends a token (RFC 7519, HS256) that holds the hash of the body; the SMS API, where Vonage has switched
it on, a `sig` among the parameters. Neither covers the URL, so that a call that is told on as it came keeps a
signature that its receiver can check with the account's secret. How old a call is is not looked at: Vonage repeats one
for a day, and to hear a reply twice changes nothing twice.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import orjson

from gateway.dialects.heads import watched, with_header
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.parameters import InForm, Parameters, told_in
from gateway.dialects.told import told
from gateway.dialects.vonage.signature import SHA256_DIGITS, likely_method, method_of, signature
from gateway.numbering.senders import international
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

_AUTHORIZATION = b"authorization"
_BEARER = b"bearer "
_TO_NUMBERS = frozenset({"sms", "mms", "rcs", "whatsapp", "viber_service"})


def hear(request: Request) -> Inbound | None:
    """A recipient's reply, or a part of one; None for a receipt, or anything else without a text.

    The SMS API tells of a long reply part by part, each with its own id; each is heard by itself.
    """
    if _is_message(request):
        return _heard_message(Fields.read(request.body))
    given = told_in(request)
    text = given.value("text")
    if given.value("status") or not text:
        return None
    return _inbound(given.value("messageId"), given.value("msisdn"), given.value("to"), text)


def _is_message(request: Request) -> bool:
    """Of the Messages API, not of the SMS API."""
    kind = (request.header(b"content-type") or b"").lower()
    return kind.startswith(JSON.encode()) and "message_uuid" in Fields.read(request.body).members


def _heard_message(fields: Fields) -> Inbound | None:
    text = fields.text("text")
    if text is None or fields.get("status") or fields.text("channel") not in _TO_NUMBERS:
        return None
    return _inbound(fields.scalar("message_uuid"), fields.scalar("from"), fields.scalar("to"), text)


def _inbound(id_: str, sender: str, to: str, text: str) -> Inbound:
    return Inbound(told(id_, "id"), international(told(sender, "msisdn")), international(told(to, "to")), text)


def reply(inbound: Inbound) -> Request:
    """As much of the SMS API's call as `hear` and its signature need: that is none yet, but as long as one."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    said = {"msisdn": sender, "to": to, "messageId": inbound.id, "text": inbound.text, "type": "text"}
    headers = ((b"Content-Type", JSON.encode()),)
    return Request(b"POST", b"", headers, orjson.dumps({**said, "sig": "0" * SHA256_DIGITS}))


def signed(request: Request, secret: str) -> bool:
    """Whether Vonage signed this call, in either way."""
    try:
        token = _token(request)
        return _covers(token, request.body, secret) if token else bool(method_of(told_in(request).pairs(), secret))
    except Unreadable:
        return False


def sign(request: Request, secret: str, now: datetime) -> Request:
    """The call signed in the way in which it was signed before. Raises Unreadable for one that was not.

    In a query, which is told on as it came, a signature stays the carrier's own.
    """
    if token := _token(request):
        claims = {**_claims(token), "iat": int(now.timestamp()), "payload_hash": _hash(request.body)}
        headers = with_header(request.headers, _AUTHORIZATION, b"Bearer " + _made(claims, secret))
        return Request(request.method, request.target, headers, request.body)
    given = _stamped(told_in(request), now)
    pairs = given.pairs()
    if (isinstance(given, InForm) and given.in_query) or not likely_method(pairs) or method_of(pairs, secret):
        return request
    sig = signature(pairs, secret, likely_method(pairs))
    return given.put({"sig": sig.upper() if given.value("sig").isupper() else sig}).within(request)


def _stamped(given: Parameters, now: datetime) -> Parameters:
    """With a time, which a signature covers: only a call that we make has none."""
    return given if given.value("timestamp") else given.put({"timestamp": str(int(now.timestamp()))})


def _token(request: Request) -> bytes:
    found = watched(request.headers, {_AUTHORIZATION}).get(_AUTHORIZATION, b"")
    return found[len(_BEARER) :].strip() if found.lower().startswith(_BEARER) else b""


def _covers(token: bytes, body: bytes, secret: str) -> bool:
    over, _, given = token.rpartition(b".")
    ours = _mac(over, secret)
    genuine = hmac.compare_digest(ours, given)
    if not genuine or _part(over.partition(b".")[0]).get("alg") != "HS256":
        return False
    return hmac.compare_digest(str(_claims(token).get("payload_hash")).encode(), _hash(body).encode())


def _claims(token: bytes) -> dict[str, Any]:
    return _part(token.split(b".")[1]) if token.count(b".") == 2 else {}  # noqa: PLR2004 head, claims, signature


def _part(encoded: bytes) -> dict[str, Any]:
    """Raises Unreadable where it is no JSON object."""
    try:
        part = orjson.loads(urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except ValueError:
        part = None
    if not isinstance(part, dict):
        raise Unreadable("the token can't be read")
    return part


def _made(claims: dict[str, Any], secret: str) -> bytes:
    over = b".".join(_encoded(orjson.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return over + b"." + _mac(over, secret)


def _mac(over: bytes, secret: str) -> bytes:
    return _encoded(hmac.digest(secret.encode(), over, "sha256"))


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
