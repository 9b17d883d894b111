"""Bandwidth's calls to us: a JSON array of events, called with the user and password of the application."""

from __future__ import annotations

import orjson

from gateway.dialects.documents import Document
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.told import all_told, told
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

_RECEIVED = "message-received"


def hear_all(request: Request) -> tuple[Inbound, ...]:
    """The recipients' replies; other events are none. Raises Unreadable as `all_told` does."""
    document = Document.read(request.body)
    events = document.root.value
    if not isinstance(events, list):
        raise Unreadable("a call is a JSON array of events")
    return all_told(events, lambda node: _heard(Fields.of(document, node, "an event")))


def reply(inbound: Inbound) -> Request:
    """As much of Bandwidth's call as `hear_all` needs."""
    message = {"id": inbound.id, "direction": "in", "to": [inbound.to], "from": inbound.recipient, "text": inbound.text}
    event = {"type": _RECEIVED, "to": inbound.to, "message": message}
    return Request(b"POST", b"", ((b"Content-Type", JSON.encode()),), orjson.dumps([event]))


def _heard(event: Fields) -> Inbound | None:
    if event.text("type") != _RECEIVED:
        return None
    message = event.inside("message")
    if message is None:
        raise Unreadable("a reply without message", field="message")
    return Inbound(
        id=told(message.scalar("id"), "id"),
        recipient=told(message.scalar("from"), "from"),
        to=told(event.scalar("to"), "to"),
        text=_said(message),
    )


def _said(message: Fields) -> str:
    """The text; over RBM it is the content's, or that of the suggestion that was tapped."""
    rich = next(filter(None, (message.inside(name) for name in ("content", "suggestionResponse"))), None)
    return message.text("text") or (rich.text("text") if rich else "") or ""
