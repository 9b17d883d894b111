"""Clickatell's calls to us with replies of recipients: JSON of the platform or of One API, or the older parameters."""

from __future__ import annotations

import orjson

from gateway.dialects.charsets import decode
from gateway.dialects.forms import Form
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.parameters import InForm, told_in
from gateway.dialects.told import all_told, told
from gateway.numbering.senders import international
from gateway.words.message import Inbound
from gateway.words.wire import Request


def hear_all(request: Request) -> tuple[Inbound, ...]:
    """The recipients' replies; none in a receipt, or in anything else without a text. Raises Unreadable."""
    given = told_in(request)
    if isinstance(given, InForm):
        return _only(_older(Form.read(given.raw)))
    fields = Fields.read(request.body)
    event = fields.inside("event")
    if event is None:
        return _only(_of_platform(fields))
    return all_told(event.elements("moText"), lambda node: _of_one_api(Fields.of(fields.document, node, "moText")))


def reply(inbound: Inbound) -> Request:
    """As much of the platform's call as `hear_all` needs."""
    sender, to = inbound.recipient.removeprefix("+"), inbound.to.removeprefix("+")
    fields = {"messageId": inbound.id, "fromNumber": sender, "toNumber": to, "text": inbound.text, "charset": "UTF-8"}
    return Request(b"POST", b"", ((b"Content-Type", JSON.encode()),), orjson.dumps(fields))


def _of_platform(fields: Fields) -> Inbound | None:
    text = fields.text("text")
    if text is None or not fields.scalar("fromNumber"):
        return None
    return _inbound(fields.scalar("messageId"), fields.scalar("fromNumber"), fields.scalar("toNumber"), text)


def _of_one_api(said: Fields) -> Inbound:
    return _inbound(said.scalar("messageId"), said.scalar("from"), said.scalar("to"), said.text("content") or "")


def _only(heard: Inbound | None) -> tuple[Inbound, ...]:
    return (heard,) if heard else ()


def _older(form: Form) -> Inbound | None:
    """Raises Unreadable where the charset of the text is unknown here."""
    id_, text = form.text_of(b"moMsgId"), form.bytes_of(b"text")
    if not id_ or text is None:
        return None
    said = decode(text, form.text_of(b"charset") or "UTF-8")
    return _inbound(id_, form.text_of(b"from") or "", form.text_of(b"to") or "", said)


def _inbound(id_: str, sender: str, to: str, text: str) -> Inbound:
    return Inbound(told(id_, "id"), international(told(sender, "from")), international(told(to, "to")), text)
