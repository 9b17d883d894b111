"""Plivo's Message API: `POST /v1/Account/{auth_id}/Message/`, JSON both ways, several recipients in one `dst`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from gateway.dialects.answers import by_mark, joined, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.base import Dialect
from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import needed_text
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.plivo import webhook
from gateway.dialects.plivo.answers import error, with_invalid
from gateway.dialects.plivo.holding import PlivoHolding, PlivoTracking
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/v1/Account/[A-Za-z0-9]+/(Message|Verify/Session)/?")
# The same as `settled` leaves it, and whatever may come below.
_DOOR = re.compile(rb"(?:/v\d+)?/account/[^/]+/(?:message(?:/.*)?|verify/session)")

_MAKING = frozenset({b"dst", b"src", b"text", b"powerpack_uuid", b"media_urls", b"media_ids", b"recipient"})
_MAKING_ONLY = frozenset({b"dst", b"text", b"recipient"})
_SEPARATOR = "<"
_TYPES = frozenset({"", "sms", "mms"})
_BY_TEXT = frozenset({"", "sms"})  # channels of a verification; "voice" calls

# Plivo refuses what it can't read at once, and tells of all else in the receipt, with codes of
# plivo.com/docs/messaging/troubleshooting/error-codes: 200 is the one for opted out. A 403 would raise an error about
# countries in its SDK, and of a 503 it would drop the text.
_REFUSALS = {
    Reason.SUPPRESSED: (400, "Message blocked: the recipient has opted out (200)"),
    Reason.BAD_NUMBER: (400, "dst parameter is invalid (50)"),
    Reason.BAD_REQUEST: (400, "invalid request"),
    Reason.TRY_AGAIN: (500, "internal server error, nothing was sent"),
}
_REFUSED = (400, "Message not sent")


class Plivo(Dialect):
    """All recipients of a request get the same text; a refusal raises ValidationError with our words."""

    name = "plivo"
    signs = True
    answers_keywords = True

    def __init__(self) -> None:
        self.holding = PlivoHolding(self.write, PlivoTracking(self.write))

    def claims(self, request: Request) -> bool:
        return may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        door = _SEND.fullmatch(request.path)
        if door is None:
            raise Unreadable("this path is not spelled as a send; POST to /v1/Account/{auth_id}/Message/")
        fields = opened(request, _MAKING)
        drafts = tuple(_messages(fields) if door[1] == b"Message" else _codes(fields))
        return Send(request, drafts, account_of(request.headers)) if drafts else None

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        changes = list(_changes(fields, send.drafts, texts))
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, b"_uuid")  # of a message, and of a verification

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        return joined(answers, lambda document: Fields.of(document, document.root, "the answer").get("message_uuid"))

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """The withheld recipients stand where Plivo names those to which it could not send."""
        numbers = [send.drafts[place].to for place in withheld(outcomes)]
        if not numbers or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        return with_answer(carrier, with_invalid(carrier.body, numbers))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, words = _REFUSALS.get(reason, _REFUSED)
        return error(status, f"{words}: {why}")

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(status, why)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, url, secret)

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        return webhook.sign(request, url, secret)

    def answered(self, inbound: Inbound, said: Response) -> tuple[Draft, ...]:
        return webhook.VERBS.drafts(inbound, said)

    def answering(self, said: Response, texts: Mapping[int, str | None]) -> Response:
        return webhook.VERBS.written(said, texts)

    def silence(self) -> Response:
        return webhook.SILENCE


def _messages(fields: Fields) -> Iterator[Draft]:
    if (fields.text("type") or "") not in _TYPES:
        raise Unreadable("this type is of another channel; this gateway sends SMS and MMS only", field="type")
    media = len(fields.elements("media_urls")) + len(fields.elements("media_ids"))
    text = fields.text("text")
    text = (text or "") if media else needed_text(text, "text")
    sender = sender_of(fields.scalar("src") or fields.scalar("powerpack_uuid"))
    return (Draft(to, sender, text, media=media) for to in _recipients(fields))


def _recipients(fields: Fields) -> list[str]:
    found = fields.scalar("dst").split(_SEPARATOR)
    if not all(to.strip() for to in found):
        raise Unreadable("a recipient in dst is missing or empty", field="dst")
    if len(found) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests", field="dst")
    return found


def _codes(fields: Fields) -> Iterator[Draft]:
    """A verification, whose text is Plivo's; none of ours where it calls."""
    if (fields.text("channel") or "") not in _BY_TEXT:
        return
    to = fields.scalar("recipient")
    if not to.strip():
        raise Unreadable("recipient is missing or empty", field="recipient")
    yield Draft(to, sender_of(fields.scalar("app_uuid")))


def _changes(fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    if len(texts) < len(drafts):
        yield fields.put("dst", fields.document.quoted(_SEPARATOR.join(drafts[place].to for place in sorted(texts))))
    new = text_for_all(drafts, texts)
    if new is not None:
        yield fields.with_text("text", new)
