"""Vonage's older APIs, by parameters: `/sms/json` sends a text, `/verify/json` a code of Vonage's own."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialects.credentials import account_of
from gateway.dialects.layouts import leaves_gsm, needed_text
from gateway.dialects.parameters import Parameters, sent_in
from gateway.dialects.vonage.signature import method_of_send, signature
from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER
from gateway.words.wire import Request

MAKING = frozenset({b"to", b"from", b"text", b"type", b"body", b"udh", b"number", b"sig", b"timestamp"})

_TEXTS = frozenset({"", "text", "unicode"})
_OTHERS = frozenset({"binary", "wappush", "vcal", "vcard"})


def read(request: Request) -> Send:
    given = sent_in(request, MAKING)
    verify = request.path.startswith(b"/verify")
    draft = Draft(_recipient(given, "number"), NO_SENDER) if verify else _message(given)
    return Send(request, (draft,), given.value("api_key") or account_of(request.headers))


def write(send: Send, texts: Mapping[int, str | None], secret: str | None) -> Request:
    """`secret`: what a signed request is signed anew with. Raises Unreadable where it needs that and there is none."""
    old, new = send.drafts[0].text, texts[0]
    if old is None or new is None or new == old:
        return send.request
    given = sent_in(send.request, MAKING)
    changes = {"text": new}
    if given.value("type") != "unicode" and leaves_gsm(old, new):
        changes["type"] = "unicode"
    changed = given.put(changes)
    if given.value("sig"):
        changed = changed.put({"sig": _signed_anew(given, changed, secret)})
    return changed.within(send.request)


def _message(given: Parameters) -> Draft:
    to, kind = _recipient(given, "to"), given.value("type")
    if kind not in _TEXTS | _OTHERS:
        raise Unreadable("this type is unknown here; send text or unicode", field="type")
    text = needed_text(given.value("text"), "text") if kind in _TEXTS else None
    return Draft(to, sender_of(given.value("from")), text)


def _recipient(given: Parameters, name: str) -> str:
    value = plus_restored(given.value(name))
    if not value.strip():
        raise Unreadable(f"`{name}` is missing or empty", field=name)
    return value


def _signed_anew(given: Parameters, changed: Parameters, secret: str | None) -> str:
    if secret is None:
        why = "the text must change and the request is signed; give the gateway the `signature_secret` of the account"
        raise Unreadable(why)
    method = method_of_send(given.pairs(), secret)
    if not method:
        raise Unreadable("the signature is not one of this request with the account's secret", field="sig")
    return signature(changed.pairs(), secret, method)
