"""Telnyx's Messaging API, v2: `POST /v2/messages` and its siblings, JSON in and JSON back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from gateway.dialects.answers import by_mark, inserted, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.base import Dialect
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import leaves_gsm, needed_text
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.telnyx import webhook
from gateway.dialects.telnyx.errors import error, opted_out
from gateway.dialects.telnyx.holding import TelnyxHolding, TelnyxTracking
from gateway.dialects.telnyx.optouts import TelnyxOptOuts
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(
    rb"/v2/messages(?:/(?:long_code|short_code|number_pool|alphanumeric_sender_id|group_mms|schedule|whatsapp|rcs))?"
    rb"|/v2/verifications/sms"
)
# The same as `settled` leaves it, and what else may send: below /messages, whatever comes there some day.
_DOOR = re.compile(rb"(?:/v\d+)?/(?:messages(?:/.*)?|verifications/sms|ai/assistants/[^/]+/chat/sms)")

_MAKING = frozenset({b"to", b"from", b"text", b"messaging_profile_id", b"media_urls", b"send_at", b"phone_number"})
_MAKING_ONLY = frozenset({b"text", b"media_urls"})
_GROUP = b"/v2/messages/group_mms"
_CODES = b"/v2/verifications/sms"  # Telnyx words and sends a code of its own
_NO_SMS = frozenset({b"/v2/messages/whatsapp", b"/v2/messages/rcs"})  # what they say can't be read here
_FALLBACKS = ("sms_fallback", "mms_fallback")


class Telnyx(Dialect):
    """One recipient a request, but for group messages; a refusal raises what Telnyx's SDK does not retry."""

    name = "telnyx"
    bare_is_international = False
    signs = True
    answers_keywords = True

    opt_outs = TelnyxOptOuts()

    def __init__(self) -> None:
        self.holding = TelnyxHolding(self.write, TelnyxTracking(self.write))

    def claims(self, request: Request) -> bool:
        return may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        if not _SEND.fullmatch(request.path):
            raise Unreadable("this path is not spelled as a send that is known here; POST to /v2/messages")
        fields = opened(request, _MAKING)
        return Send(request, tuple(_drafts(request.path, fields)))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        fewer = without_others(fields, "to", texts) if send.request.path == _GROUP else ()
        changes = [*fewer, *_changed(fields, send.drafts, texts)]
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, b'"data"')

    def opted_out(self, response: Response) -> bool:
        return opted_out(response)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """A group's withheld recipients stand in the message's `to`, as those that Telnyx could not send to."""
        places = withheld(outcomes)
        if not places or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        try:
            data = Fields.read(carrier.body).inside("data")
            to = data.get("to") if data else None
        except Unreadable:
            return carrier
        if data is None or to is None or not isinstance(to.value, list):
            return carrier
        entries = {place: _failed(send.drafts[place].to) for place in places}
        return with_answer(carrier, inserted(data.document, to, entries))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(reason, why, field)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(Reason.TRY_AGAIN, why, status=status)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        raise Unreadable("only Telnyx can sign its webhooks: the private half of `auth_token` never leaves it")

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, secret, now)

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        return webhook.sign(request, secret, now)

    def wrong_secret(self, checking: str | None, signing: str | None) -> tuple[str, str]:
        return webhook.wrong_secret(checking, signing) if checking else super().wrong_secret(checking, signing)


def _drafts(path: bytes, fields: Fields) -> Iterator[Draft]:
    if path == _CODES:
        yield Draft(fields.needed("phone_number"), sender_of(fields.scalar("verify_profile_id")))
        return
    draft = _textless(fields) if path in _NO_SMS else _message(fields)
    for to in _recipients(path, fields):
        yield replace(draft, to=to)


def _message(fields: Fields) -> Draft:
    """All but its recipient."""
    media, text = len(fields.elements("media_urls")), fields.text("text")
    if fields.get("template_id"):
        if text:
            raise Unreadable("text and template_id are both given; which is sent? give one", field="template_id")
    else:
        text = (text or "") if media else needed_text(text, "text")
    sender = sender_of(fields.scalar("from") or fields.scalar("messaging_profile_id"))
    at = fields.text("send_at")
    return Draft("", sender, text, instant_in(at, "send_at") if at else None, media=media)


def _textless(fields: Fields) -> Draft:
    """A message of another channel: decided on everything but what it says."""
    if name := next((name for name in _FALLBACKS if fields.get(name)), ""):
        raise Unreadable(f"what `{name}` would send can't be read here; send it by itself", field=name)
    return Draft("", sender_of(fields.scalar("from") or fields.scalar("messaging_profile_id")))


def _recipients(path: bytes, fields: Fields) -> list[str]:
    return numbers_in(fields, "to") if path == _GROUP else [fields.needed("to")]


def _changed(fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    new = text_for_all(drafts, texts)
    if new is None:
        return
    yield fields.with_text("text", new)
    if fields.text("encoding") == "gsm7" and leaves_gsm(drafts[0].text or "", new):
        yield fields.put("encoding", '"auto"')


def _failed(to: str) -> str:
    return orjson.dumps({"carrier": "", "line_type": "", "phone_number": to, "status": "sending_failed"}).decode()
