"""Azure Event Grid's calls to us: replies of recipients and delivery reports, in its own schema or as CloudEvents.

Event Grid signs nothing: who calls is known by a secret in the URL that was subscribed. One call may tell of several.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.dialects.answers import json_answer
from gateway.dialects.documents import Document
from gateway.dialects.json_posts import Fields
from gateway.dialects.told import told
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request, Response

_RECEIVED = "Microsoft.Communication.SMSReceived"
_VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"


def hear_all(request: Request) -> tuple[Inbound, ...]:
    """The replies among the events. Raises Unreadable."""
    return tuple(_reply(_data(event)) for event in _events(request) if _kind(event) == _RECEIVED)


def handshake(request: Request) -> Response | None:
    """The answer to the event by which Event Grid asks whether it is welcome; None for others. Raises Unreadable."""
    asked = next((event for event in _events(request) if _kind(event) == _VALIDATION), None)
    if asked is None:
        return None
    return json_answer(200, {"validationResponse": told(_data(asked).scalar("validationCode"), "validationCode")})


def _events(request: Request) -> Iterator[Fields]:
    """CloudEvents come one by one, or as a list too."""
    document = Document.read(request.body)
    nodes = document.root.value if isinstance(document.root.value, list) else [document.root]
    return (Fields.of(document, node, "an event") for node in nodes)


def _kind(event: Fields) -> str:
    return event.text("eventType" if "eventType" in event.members else "type") or ""


def _data(event: Fields) -> Fields:
    data = event.inside("data")
    if data is None:
        raise Unreadable("an event without data", field="data")
    return data


def _reply(data: Fields) -> Inbound:
    return Inbound(
        id=told(_value(data, "MessageId"), "MessageId"),
        recipient=told(_value(data, "From"), "From"),
        to=told(_value(data, "To"), "To"),
        text=_value(data, "Message"),
    )


def _value(data: Fields, name: str) -> str:
    """Event Grid's documentation spells names with a capital, some of its models without."""
    return data.scalar(name if name in data.members else name[0].lower() + name[1:])
