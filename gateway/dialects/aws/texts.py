"""AWS End User Messaging: `SendTextMessage` and `SendMediaMessage` of PinpointSMSVoiceV2, JSON both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import orjson

from gateway.dialects.answers import answer
from gateway.dialects.aws.actions import passes
from gateway.dialects.heads import watched, with_body
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.layouts import needed_text
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import Sender
from gateway.words.wire import Request, Response

TARGET = b"x-amz-target"

_SERVICE = "PinpointSMSVoiceV2"
_JSON = "application/x-amz-json-1.0"
_SECONDS, _LEAST = re.compile(r"[0-9]{1,6}"), 5
_MAKING = frozenset({b"action", b"destinationphonenumber", b"messagebody", b"originationidentity", b"mediaurls"})


def is_one(request: Request) -> bool:
    """Whether it is of this API: SNS's has no such field."""
    return request.header(TARGET) is not None


def read(request: Request) -> Send | None:
    fields, action = opened(request, _MAKING, kind=_JSON), _action(request)
    if action in {"SendTextMessage", "SendMediaMessage"}:
        return Send(request, (_message(fields),))
    if passes(action):
        return None
    raise Unreadable("this action may send what can't be decided on here; SendTextMessage", field="X-Amz-Target")


def write(request: Request, old: str | None, new: str | None) -> Request:
    if old is None or new is None or new == old:
        return request
    fields = Fields.read(request.body)
    return with_body(request, fields.document.with_changes([fields.with_text("MessageBody", new)]))


def time_to_live(request: Request) -> timedelta | None:
    """How long it is good for. Raises Unreadable where that can't be read."""
    given = Fields.read(request.body).scalar("TimeToLive")
    if given and not _SECONDS.fullmatch(given):
        raise Unreadable("TimeToLive is no number of seconds", field="TimeToLive")
    return timedelta(seconds=int(given)) if given else None


def living_for(request: Request, left: timedelta) -> Request:
    """The same for so long; five seconds are the least that Amazon takes."""
    fields = Fields.read(request.body)
    change = fields.put("TimeToLive", str(max(_LEAST, left // timedelta(seconds=1))))
    return with_body(request, fields.document.with_changes([change]))


def accepted(id_: str) -> Response:
    """The answer to a send that was taken."""
    return answer(200, _JSON.encode(), orjson.dumps({"MessageId": str(UUID(id_))}))


def composed(to: str, sender: Sender, text: str) -> Request:
    """A send of our own."""
    said = {"DestinationPhoneNumber": to, "OriginationIdentity": sender.value, "MessageBody": text}
    return posted("SendTextMessage", said | {"MessageType": "TRANSACTIONAL"})


def posted(action: str, fields: Mapping[str, object]) -> Request:
    """An action as a client would write it, unsigned."""
    body = orjson.dumps(fields)
    target = (b"X-Amz-Target", f"{_SERVICE}.{action}".encode())
    return Request(
        b"POST", b"/", (target, (b"Content-Type", _JSON.encode()), (b"Content-Length", b"%d" % len(body))), body
    )


def _action(request: Request) -> str:
    target = watched(request.headers, {TARGET}).get(TARGET, b"").decode("latin-1")
    service, _, action = target.partition(".")
    if service != _SERVICE:
        raise Unreadable(f"this service is unknown here; write {_SERVICE}", field="X-Amz-Target")
    return action


def _message(fields: Fields) -> Draft:
    media, text = len(fields.elements("MediaUrls")), fields.text("MessageBody")
    text = (text or "") if media else needed_text(text, "MessageBody")
    sender = sender_of(fields.scalar("OriginationIdentity"))
    return Draft(fields.needed("DestinationPhoneNumber"), sender, text, media=media)
