"""Sinch's SMS API (XMS): `POST /xms/v1/{service plan or project}/batches`, JSON both ways, one id for a whole batch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.dialects.answers import by_mark, json_answer
from gateway.dialects.base import Dialect
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.sinch import batches, webhook
from gateway.dialects.sinch.own import SinchOwn
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/xms/v1/(?P<plan>[A-Za-z0-9-]+)/batches(?P<batch>/[A-Za-z0-9]+)?")
_NO_SEND = re.compile(rb"/xms/v1/[A-Za-z0-9-]+/batches/(?:dry_run|[A-Za-z0-9]+/delivery_feedback)")
# A batch as `settled` leaves it, and whatever may come below.
_DOOR = re.compile(rb"(?:/xms)?(?:/v\d+)?/[^/]+/batches(?:/.*)?")
_MAKING = frozenset({b"to", b"from", b"body", b"parameters", b"send_at", b"type", b"udh"})
_MAKING_ONLY = frozenset({b"body"})

# HTTP status, Sinch's code and its words. It refuses nobody for an opt-out at once; 403 is for that only, here.
_REFUSALS = {
    Reason.SUPPRESSED: (403, "forbidden", "Recipient has opted out"),
    Reason.BAD_NUMBER: (400, "syntax_invalid_parameter_format", "Invalid recipient number"),
    Reason.BAD_REQUEST: (400, "syntax_constraint_violation", "Invalid request"),
    Reason.TRY_AGAIN: (503, "internal_error", "Internal error, nothing was sent"),
}
_REFUSED = (400, "syntax_constraint_violation", "Message not sent")


class Sinch(Dialect):
    """A refusal raises SmsException with its status; our words are in its `http_response`.

    Codes of 400 are documented (developers.sinch.com, SMS: status codes); `forbidden`, `internal_error` are our choice.
    """

    name = "sinch"

    def __init__(self) -> None:
        self.holding = SinchOwn(self.write)

    def claims(self, request: Request) -> bool:
        return not _NO_SEND.fullmatch(request.path) and may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        """A batch that is replaced (PUT) is a send like a new one."""
        door = _SEND.fullmatch(request.path)
        if door is None:
            raise Unreadable("this path is not spelled as a send; POST to /xms/v1/{service plan}/batches")
        if door["batch"] and request.method == b"POST":
            batches.needs_no_judging(opened(request, _MAKING))
            return None
        fields = opened(request, _MAKING, b"PUT" if door["batch"] else b"POST")
        return Send(request, tuple(batches.drafts(fields)), door["plan"].decode())

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        changes = list(batches.changes(fields, send.drafts, texts))
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, b'"id"')

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """One id stands for all who are left."""
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, code, words = _REFUSALS.get(reason, _REFUSED)
        return json_answer(status, {"code": code, "text": f"{words}: {why}"})

    def away(self, request: Request, status: int, why: str) -> Response:
        return json_answer(status, {"code": "internal_error", "text": why})

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, secret)

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        return webhook.sign(request, secret, now)

    def wrong_secret(self, checking: str | None, signing: str | None) -> tuple[str, str]:
        if signing and not checking:
            return "auth_token", "is missing; only calls that Sinch has signed can be signed anew"
        return "", ""
