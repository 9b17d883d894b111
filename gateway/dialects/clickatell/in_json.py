"""Clickatell's sends in JSON: the platform's `/messages`, one text for all of `to`, and One API's `/v1/message`, whole
messages of one channel or another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import needed_text
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.wire import Request

_MAKING = frozenset({b"content", b"to", b"from", b"messages", b"binary", b"charset"})
_ONE_API = b"/v1/message"
_UNICODE = frozenset({"", "utf-8", "utf8"})
_BINARY = ("binary", "userDataHeader", "udh")
_OTHERS = frozenset({"whatsapp"})  # channels to numbers whose texts are not read


def read(request: Request) -> Send:
    fields = opened(request, _MAKING)
    drafts = _each(fields) if request.path == _ONE_API else _for_all(fields)
    return Send(request, tuple(drafts))


def write(send: Send, texts: Mapping[int, str | None]) -> Request:
    """Raises TextsDiffer."""
    fields = Fields.read(send.request.body)
    changes = list((_changed_each if send.request.path == _ONE_API else _changed)(fields, send, texts))
    return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request


def _for_all(fields: Fields) -> Iterator[Draft]:
    if fields.get("messages"):
        raise Unreadable("`messages` belong to One API; POST them to /v1/message", field="messages")
    if (fields.text("charset") or "").lower() not in _UNICODE:
        raise Unreadable("this charset is not read here; send the content as UTF-8", field="charset")
    text, sender, at = _text(fields), sender_of(fields.scalar("from")), _scheduled(fields)
    return (Draft(to, sender, text, at) for to in numbers_in(fields, "to"))


def _text(fields: Fields) -> str | None:
    """None where it is binary: then it is decided on without one."""
    text = needed_text(fields.text("content"), "content")
    return None if any(_is_set(fields, name) for name in _BINARY) else text


def _is_set(fields: Fields, name: str) -> bool:
    node = fields.get(name)
    return node is not None and fields.document.spelling(node) not in {"false", '""'}


def _scheduled(fields: Fields) -> datetime | None:
    at = fields.text("scheduledDeliveryTime")
    return instant_in(at, "scheduledDeliveryTime") if at else None


def _each(fields: Fields) -> list[Draft]:
    entries = _entries(fields)
    if not entries or len(entries) > MOST_RECIPIENTS:
        raise Unreadable(f"`messages` must be a list of 1 to {MOST_RECIPIENTS} messages", field="messages")
    return [_message(entry) for entry in entries]


def _entries(fields: Fields) -> list[Fields]:
    return [Fields.of(fields.document, node, "messages") for node in fields.elements("messages")]


def _message(entry: Fields) -> Draft:
    to, sender, at = entry.needed("to"), sender_of(entry.scalar("from")), _scheduled(entry)
    channel = entry.text("channel")
    if channel in _OTHERS:
        return Draft(to, sender, None, at)
    if channel != "sms":
        raise Unreadable("this channel is unknown here; send by sms or whatsapp", field="channel")
    return Draft(to, sender, _text(entry), at)


def _changed(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    yield from without_others(fields, "to", texts)
    new = text_for_all(send.drafts, texts)
    if new is not None:
        yield fields.with_text("content", new)


def _changed_each(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    yield from without_others(fields, "messages", texts)
    entries = _entries(fields)
    for place, new in texts.items():
        if new is not None and new != send.drafts[place].text:
            yield entries[place].with_text("content", new)
