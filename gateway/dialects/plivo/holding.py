"""Messages for Plivo that leave later, and texts of our own.

Plivo can't take a message back: one that waits here is no exception. The codes of failures are those of its receipts;
that it gives 1000 (unknown) for whatever it has no code for is not verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from gateway.dialects.answers import json_answer, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.heads import FORM, authorized, with_body
from gateway.dialects.json_posts import Fields
from gateway.dialects.own_texts import json_post, named
from gateway.dialects.plivo.answers import error, with_invalid, with_members
from gateway.dialects.waiting import ById, Waiting
from gateway.text.segments import segments
from gateway.words.decision import Reason, State
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Credentials, Request, Response

_ACCOUNT = re.compile(r"[A-Za-z0-9]+")
_SECONDS = re.compile(r"[0-9]{1,6}")
_SECOND = timedelta(seconds=1)

_STATUSES = {
    State.WAITING: "queued",
    State.LEASED: "queued",
    State.RESERVED: "queued",
    State.SENDING: "queued",
    State.IN_DOUBT: "queued",
    State.SENT: "sent",
    State.REFUSED: "failed",
    State.DROPPED: "failed",
}
_CODES = {Reason.SUPPRESSED: "200", Reason.BAD_NUMBER: "50"}
_UNKNOWN = "1000"
_NOTHING_YET = json_answer(202, {"message": "message(s) queued", "message_uuid": [], "api_id": ""})


class PlivoTracking(ById):
    ONE = re.compile(rb"/v1/Account/[A-Za-z0-9]+/Message/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})/?")

    def shown(self, kept: Kept) -> dict[str, object]:
        """The resource, as Plivo's documentation has it."""
        sender = kept.draft.sender
        return {
            "api_id": "",
            "error_code": code(kept) or None,
            "from_number": "" if sender.kind is SenderKind.POOL else sender.value.removeprefix("+"),
            "message_direction": "outbound",
            "message_state": _STATUSES[kept.state],
            "message_time": f"{kept.created.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00",
            "message_type": "mms" if kept.draft.media else "sms",
            "message_uuid": kept.minted,
            "powerpack_id": sender.value if sender.kind is SenderKind.POOL else None,
            "resource_uri": f"{kept.send.request.path.decode('ascii').rstrip('/')}/{kept.minted}/",
            "to_number": kept.draft.to.removeprefix("+"),
            "total_amount": "0.00000",
            "total_rate": "0.00000",
            "units": segments(kept.text or "").count,
        }

    def error(self, request: Request, status: int, why: str) -> Response:
        return error(status, why)


class PlivoHolding(Waiting):
    """The credentials' user is the account's auth_id."""

    ID = re.compile(rb'"message_uuid"\s*:\s*\[\s*"([0-9a-f-]{36})"')
    CALLBACK = "url"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _ACCOUNT.fullmatch(credentials.user):
            raise Unreadable("the credentials' user is no auth_id of Plivo's, which a text of our own needs")
        fields = {**named(sender, "src", "powerpack_uuid"), "dst": to, "text": text, "type": "sms"}
        return authorized(json_post(f"/v1/Account/{credentials.user}/Message/", fields), credentials)

    def valid_for(self, send: Send) -> timedelta | None:
        """Its `message_expiry`, in seconds."""
        given = Fields.read(send.request.body).scalar("message_expiry")
        if not given:
            return None
        if not _SECONDS.fullmatch(given):
            raise Unreadable("message_expiry is no number of seconds", field="message_expiry")
        return timedelta(seconds=int(given))

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        """An id for each recipient, in their order: ours, and the carrier's for those that have left."""
        minted, theirs = {each.place: each.minted for each in kept}, iter(_ids(carrier))
        taken = [place for place, outcome in enumerate(outcomes) if outcome.fate in {Fate.HELD, Fate.SENT}]
        ids = [id_ for place in taken if (id_ := minted.get(place) or next(theirs, ""))]
        answer = carrier if carrier and len(taken) > len(kept) else _NOTHING_YET
        body = with_members(answer.body, {"message_uuid": ids})
        denied = [kept[0].send.drafts[place].to for place in withheld(outcomes)]
        return with_answer(answer, with_invalid(body, denied) if denied else body)

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """What is left of its `message_expiry` stays."""
        request = super().composed(kept, credentials, now)
        valid = self.valid_for(kept.send)
        if valid is None:
            return request
        fields, left = Fields.read(request.body), max(1, (kept.created + valid - now) // _SECOND)
        return with_body(request, fields.document.with_changes([fields.put("message_expiry", str(left))]))

    def callback_method(self, request: Request) -> bytes:
        return (Fields.read(request.body).text("method") or "POST").upper().encode()

    def receipt(self, kept: Kept) -> tuple[bytes, bytes]:
        fields = {
            "From": kept.draft.sender.value.removeprefix("+"),
            "To": kept.draft.to.removeprefix("+"),
            "Type": "mms" if kept.draft.media else "sms",
            "Status": _STATUSES[kept.state],
            "MessageUUID": kept.minted,
            "ParentMessageUUID": kept.minted,
            "PartInfo": "1 of 1",
            "Units": segments(kept.text or "").count,
            "TotalRate": "0.00000",
            "TotalAmount": "0.00000",
            "ErrorCode": code(kept),
        }
        return FORM.encode(), urlencode(fields).encode("ascii")


def code(kept: Kept) -> str:
    """Plivo's code of what went wrong; "" where nothing did."""
    if kept.state is State.DROPPED:
        return _CODES.get(kept.ended, _UNKNOWN) if isinstance(kept.ended, Reason) else _UNKNOWN
    return _UNKNOWN if kept.state is State.REFUSED else ""


def _ids(carrier: Response | None) -> list[str]:
    try:
        nodes = Fields.read(carrier.body).elements("message_uuid") if carrier else []
    except Unreadable:
        return []
    return [str(node.value) for node in nodes]
