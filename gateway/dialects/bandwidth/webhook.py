"""Bandwidth's calls to us: a JSON array with one event, called with the user and password of the application."""

from __future__ import annotations

import orjson

from gateway.dialects.documents import Document
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.told import told
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

_RECEIVED = "message-received"


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None where all events are others."""
    received = [event for event in _events(request.body) if event.text("type") == _RECEIVED]
    if len(received) > 1:
        raise Unreadable("several replies in one call; Bandwidth tells of each in its own")
    return _inbound(received[0]) if received else None


def reply(inbound: Inbound) -> Request:
    """As much of Bandwidth's call as `hear` needs."""
    message = {"id": inbound.id, "direction": "in", "to": [inbound.to], "from": inbound.recipient, "text": inbound.text}
    event = {"type": _RECEIVED, "to": inbound.to, "message": message}
    return Request(b"POST", b"", ((b"Content-Type", JSON.encode()),), orjson.dumps([event]))


def _events(body: bytes) -> list[Fields]:
    document = Document.read(body)
    events = document.root.value
    if not isinstance(events, list):
        raise Unreadable("a call is a JSON array of events")
    return [Fields.of(document, node, "an event") for node in events]


def _inbound(event: Fields) -> Inbound:
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
