"""Plivo's calls to us: replies of recipients, and the signature over URL, fields and a nonce.

Version 3 covers all of them and is the one that is believed; version 2 covers neither query nor fields, so that
whoever has seen one call could make any other. A call bears one of each with the account's token and one with the main
account's (`Ma`): the same token is checked, and signs, wherever they stand.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from urllib.parse import urlencode, urlsplit

from gateway.dialects.answers import answer
from gateway.dialects.forms import Form
from gateway.dialects.heads import FORM, content_type, watched, with_header
from gateway.dialects.told import told
from gateway.dialects.verbs import Verbs
from gateway.numbering.senders import international
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

SILENCE = answer(200, b"text/xml", b"<Response/>")
VERBS = Verbs(frozenset({"Message"}), "dst", "src")

_V2, _V3 = b"x-plivo-signature-v2", b"x-plivo-signature-v3"
_MAIN = {_V2: b"x-plivo-signature-ma-v2", _V3: b"x-plivo-signature-ma-v3"}
_NONCE = {_V2: b"x-plivo-signature-v2-nonce", _V3: b"x-plivo-signature-v3-nonce"}
_SIGNING = frozenset({*_MAIN, *_MAIN.values(), *_NONCE.values(), b"content-type"})

_INTENTS = {"optout": "STOP", "optin": "START", "help": "HELP"}


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for a receipt, or anything else without a text."""
    form = Form.read(request.query if request.method == b"GET" else request.body)
    text = form.text_of(b"Text")
    if text is None:
        text = form.text_of(b"Body")  # of an MMS
    if text is None or form.count(b"Status"):
        return None
    return Inbound(
        id=told(form.text_of(b"MessageUUID"), "MessageUUID"),
        recipient=international(told(form.text_of(b"From"), "From")),
        to=international(told(form.text_of(b"To"), "To")),
        text=text,
        carrier_acted=_INTENTS.get(form.text_of(b"MessageIntent") or "", ""),
    )


def reply(inbound: Inbound) -> Request:
    """As much of Plivo's call as `hear` and its signature need."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    fields = {"MessageUUID": inbound.id, "From": sender, "To": to, "Type": "sms", "Text": inbound.text}
    signature = ((b"X-Plivo-Signature-V3", b""), (b"X-Plivo-Signature-V3-Nonce", inbound.id.encode()))
    headers = ((b"Content-Type", FORM.encode()), *signature)
    return Request(b"POST", b"", headers, urlencode(fields).encode("ascii"))


def signed(request: Request, url: str, secret: str) -> bool:
    """Whether Plivo signed this call of `url`, with the account's token or with the main account's."""
    try:
        found = watched(request.headers, _SIGNING)
        covered = _covered(request, url, found.get(b"content-type", b""))
    except Unreadable:
        return False
    nonce = found.get(_NONCE[_V3], b"")
    if covered is None or not nonce:
        return False
    ours = _signature(covered + b"." + nonce, secret)
    given = [each.strip() for name in (_V3, _MAIN[_V3]) for each in found.get(name, b"").split(b",")]
    # Every one is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(ours, each) for each in given]
    return any(matches)


def sign(request: Request, url: str, secret: str) -> Request:
    """The call signed for `url` wherever it was signed before, with the nonces that it has. Raises Unreadable."""
    found = watched(request.headers, _SIGNING)
    covered = _covered(request, url, found.get(b"content-type", b""))
    if covered is None or _NONCE[_V3] not in found:
        raise Unreadable("this webhook is signed in a way that is not known here")
    over = {_V2: _base(url), _V3: covered + b"."}
    headers = request.headers
    for version in (name for name in over if _NONCE[name] in found):
        signature = _signature(over[version] + found[_NONCE[version]], secret)
        for name in (name for name in (version, _MAIN[version]) if name in found):
            headers = with_header(headers, name, signature)
    return Request(request.method, request.target, headers, request.body)


def _covered(request: Request, url: str, kind: bytes) -> bytes | None:
    """The URL with its query sorted, and for POST the sorted fields behind it; None where the body is not covered."""
    query = b"&".join(name + b"=" + value for name, value in sorted(_pairs(urlsplit(url).query.encode())))
    if request.method == b"GET":
        return _base(url) + (b"?" + query if query else b"") if not request.body else None
    if request.body and content_type(kind)[0] != FORM:
        return None
    fields = b"".join(name + value for name, value in sorted(_pairs(request.body)))
    if not fields:
        return _base(url) + (b"?" + query if query else b"")
    return _base(url) + b"?" + query + (b"." if query else b"") + fields


def _pairs(raw: bytes) -> list[tuple[bytes, bytes]]:
    return [pair for pair in Form.read(raw).pairs() if pair != (b"", b"")] if raw else []


def _base(url: str) -> bytes:
    """Without query and fragment."""
    return url.partition("#")[0].partition("?")[0].encode()


def _signature(over: bytes, secret: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), over, "sha256"))
