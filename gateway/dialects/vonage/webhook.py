"""Vonage's calls to us: replies of recipients, and their two kinds of signatures.

The Messages API sends a token (RFC 7519, HS256) that holds the hash of the body; the SMS API, where Vonage has switched
it on, a `sig` among the parameters. Neither covers the URL, so that a call that is told on as it came keeps a
signature that its receiver can check with the account's secret. How old a call is is not looked at: Vonage repeats one
for a day, and to hear a reply twice changes nothing twice.
"""

from __future__ import annotations

from datetime import datetime

import orjson

from gateway.dialects.heads import watched, with_header
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.parameters import InForm, Parameters, told_in
from gateway.dialects.tokens import claims_of, covers, genuine, hash_of, made
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
        if not token:
            return bool(method_of(told_in(request).pairs(), secret))
        return genuine(token, secret) and covers(claims_of(token), "payload_hash", request.body)
    except Unreadable:
        return False


def sign(request: Request, secret: str, now: datetime) -> Request:
    """The call signed in the way in which it was signed before. Raises Unreadable for one that was not.

    In a query, which is told on as it came, a signature stays the carrier's own.
    """
    if token := _token(request):
        claims = {**claims_of(token), "iat": int(now.timestamp()), "payload_hash": hash_of(request.body)}
        headers = with_header(request.headers, _AUTHORIZATION, b"Bearer " + made(claims, secret))
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
