"""Messages for Telnyx that leave later, and texts of our own.

That a schedule must be five minutes ahead, and what a canceled one is told as, is not verified.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import orjson

from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.own_texts import json_post, named
from gateway.dialects.telnyx.errors import error, told
from gateway.dialects.waiting import ById, Waiting
from gateway.text.segments import segments
from gateway.words.decision import Reason, State
from gateway.words.kept import Ended, Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.wire import Call, Credentials, Request, Response

_SCHEDULED = b"/v2/messages/schedule"
_PLAIN = b"/v2/messages"
_TO_SEVERAL = b"/v2/messages/group_mms"  # they talk with one another: none of them can wait alone
_SOONEST = timedelta(minutes=5)

_ENCODINGS = {"gsm-7": "GSM-7", "ucs-2": "UCS-2"}
_STATUSES = {
    State.RESERVED: "sending",
    State.SENDING: "sending",
    State.IN_DOUBT: "sending",
    State.SENT: "sent",
    State.REFUSED: "sending_failed",
    State.DROPPED: "sending_failed",
}
_TAKEN_BACK = frozenset({Ended.CANCELED, Ended.DUPLICATE})


class TelnyxTracking(ById):
    """An API key names no account: whoever has the key of the send may ask."""

    ONE = re.compile(rb"/v2/messages/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})")
    cancels = True

    def shown(self, kept: Kept) -> dict[str, object]:
        return {"data": resource(kept)}

    def error(self, request: Request, status: int, why: str) -> Response:
        return error(Reason.BAD_REQUEST, why, status=status)


class TelnyxHolding(Waiting):
    """An API key is all that Telnyx asks for: of the credentials, the secret."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9a-f-]{36})"')
    CODE = re.compile(rb'"code"\s*:\s*"(\d{5})"')
    SCHEME = b"Bearer"
    CALLBACK = "webhook_url"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = named(sender, "from", "messaging_profile_id")
        fields = {**source, "to": to, "text": text, "use_profile_webhooks": False}
        return self.authorized(json_post("/v2/messages", fields), credentials)

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        return send.request.path != _TO_SEVERAL and super().can_hold(send, credentials)

    def waits_for(self, send_at: datetime | None, now: datetime) -> datetime | None:
        return send_at if send_at and now < send_at < now + _SOONEST else None

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """A schedule that is still to come stays; ask `waits_for` first."""
        request = super().composed(kept, credentials, now)
        if kept.draft.send_at is None or kept.draft.send_at > now:
            return request
        fields = Fields.read(request.body)
        request = with_body(request, fields.document.with_changes([fields.without("send_at")]))
        target = _PLAIN if request.path == _SCHEDULED else request.target
        return Request(request.method, target, request.headers, request.body)

    def with_callback(self, request: Request, url: str) -> Request:
        """The URL for when ours can't be reached would be told the carrier's id: it is ours, too."""
        changed = super().with_callback(request, url)
        fields = Fields.read(changed.body)
        if changed is request or not fields.text("webhook_failover_url"):
            return changed
        return with_body(changed, fields.document.with_changes([fields.with_text("webhook_failover_url", url)]))

    def withheld(self, kept: Kept) -> Call | None:
        """Of a group: its one message is finalized for those to whom it went, and never for who was left out."""
        return self.callback(kept) if kept.send.request.path == _TO_SEVERAL else None

    def receipt(self, kept: Kept) -> tuple[bytes, bytes]:
        event = {
            "event_type": "message.finalized",
            "id": str(
                uuid5(NAMESPACE_URL, f"{kept.minted}/{kept.place}/{kept.state}")
            ),  # the same where it is told again
            "occurred_at": _instant(kept.changed),
            "payload": resource(kept),
            "record_type": "event",
        }
        meta = {"attempt": 1, "delivered_to": self.callback_url(kept.send.request)}
        return JSON.encode(), orjson.dumps({"data": event, "meta": meta})


def resource(kept: Kept) -> dict[str, object]:
    """The message as Telnyx tells of it; what only Telnyx knows (price, organization, carriers) is null."""
    fields, text = Fields.read(kept.send.request.body), kept.text or ""
    sender, size = kept.draft.sender, segments(text)
    pool = sender.kind is SenderKind.POOL
    return {
        "record_type": "message",
        "direction": "outbound",
        "id": kept.minted,
        "type": "MMS" if kept.draft.media else "SMS",
        "messaging_profile_id": fields.text("messaging_profile_id"),
        "organization_id": None,
        "from": {"phone_number": None if pool else sender.value, "carrier": "", "line_type": ""},
        "to": [{"phone_number": kept.draft.to, "status": _status(kept), "carrier": "", "line_type": ""}],
        "cc": [],
        "text": text,
        "subject": fields.text("subject"),
        "media": [],
        "webhook_url": fields.text("webhook_url"),
        "webhook_failover_url": fields.text("webhook_failover_url"),
        "encoding": _ENCODINGS[size.encoding],
        "parts": size.count,
        "tags": [],
        "cost": None,
        "received_at": _instant(kept.created),
        "sent_at": None,
        "completed_at": None if kept.state in {State.WAITING, State.LEASED} else _instant(kept.changed),
        "valid_until": None,
        "errors": _errors(kept),
    }


def _status(kept: Kept) -> str:
    if kept.state in {State.WAITING, State.LEASED}:
        return "scheduled" if kept.draft.send_at else "queued"
    return "cancelled" if kept.ended in _TAKEN_BACK else _STATUSES[kept.state]


def _errors(kept: Kept) -> list[dict[str, object]]:
    if kept.state is State.REFUSED:
        return [{"code": kept.code, "title": "", "detail": ""}] if kept.code else []
    if kept.state is not State.DROPPED or kept.ended in _TAKEN_BACK:
        return []
    return [told(kept.ended if isinstance(kept.ended, Reason) else Reason.HOURS, "it was not sent")]


def _instant(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")
