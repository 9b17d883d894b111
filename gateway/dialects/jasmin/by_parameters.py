"""Jasmin's HTTP API: `/send`, one message to one recipient, in the query, a form or JSON. It takes no parameter that it
does not know."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.dialects.forms import Form, with_value, without
from gateway.dialects.jasmin.content import Content
from gateway.dialects.jasmin.messages import JsonMessage
from gateway.dialects.jasmin.schedule import NOW, smpp_time
from gateway.dialects.json_posts import Fields
from gateway.dialects.parameters import InForm, InJson, Parameters, sent_in
from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Request

_MAKING = frozenset({b"to", b"from", b"content", b"hex-content", b"coding", b"sdt", b"username", b"password"})
_HEX = "hex-content"


def read(request: Request) -> Send:
    given = sent_in(request, _MAKING)
    to = plus_restored(given.value("to"))
    if not to.strip():
        raise Unreadable("Mandatory argument [to] is not found.", field="to")
    sdt = given.value("sdt")
    when = smpp_time(sdt) if sdt else NOW
    draft = Draft(to, sender_of(given.value("from")), _content(given).text, when.at, when.delay)
    return Send(request, (draft,), given.value("username"))


def write(send: Send, texts: Mapping[int, str | None]) -> Request:
    old, new = send.drafts[0].text, texts[0]
    if old is None or new is None or new == old:
        return send.request
    given = sent_in(send.request, _MAKING)
    if isinstance(given, InForm):
        changed = _content(given).saying(new, raw=True)
        return InForm(_with(given.raw, changed), given.in_query).within(send.request)
    message = _message(given)
    changes = message.saying(message.content().saying(new, raw=False), _HEX)
    return InJson(message.fields.document.with_changes(changes)).within(send.request)


def with_credentials(request: Request, user: str, secret: str) -> Request:
    return sent_in(request, _MAKING).put({"username": user, "password": secret}).within(request)


def _content(given: Parameters) -> Content:
    if not isinstance(given, InForm):
        return _message(given).content()
    form = Form.read(given.raw)
    return Content(form.bytes_of(b"content"), form.text_of(_HEX.encode()), form.text_of(b"coding") or "")


def _message(given: Parameters) -> JsonMessage:
    assert isinstance(given, InJson)  # noqa: S101
    return JsonMessage(Fields.read(given.raw))


def _with(raw: bytes, new: Content) -> bytes:
    """The form with another content, in hex where it must be."""
    if new.plain is not None:
        return with_value(raw, b"content", new.plain)
    raw = with_value(without(raw, frozenset({b"content"})), _HEX.encode(), (new.hexed or "").encode())
    return with_value(raw, b"coding", new.coding.encode()) if new.coding else raw
