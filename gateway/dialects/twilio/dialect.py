"""Twilio's REST API, 2010-04-01: `POST /2010-04-01/Accounts/{sid}/Messages.json`, a form in and JSON back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.dialects.answers import by_status
from gateway.dialects.base import Dialect
from gateway.dialects.credentials import account_of
from gateway.dialects.form_posts import opened
from gateway.dialects.forms import Form, with_value
from gateway.dialects.heads import with_body
from gateway.dialects.instants import instant_in
from gateway.dialects.methods import READING, writes
from gateway.dialects.paths import settled
from gateway.dialects.twilio import webhook
from gateway.dialects.twilio.errors import error, error_code
from gateway.dialects.twilio.holding import TwilioHolding
from gateway.dialects.twilio.optouts import TwilioOptOuts
from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/2010-04-01/Accounts/[A-Za-z0-9]+/(?:SMS/)?Messages(?:\.json|\.xml)?")
_DOOR = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
# The same as `settled` leaves it: any version, any format, with or without a prefix.
_SEND_DISGUISED = re.compile(rb"/accounts/[^/]*/(?:sms/)?messages(?:/?\.[^/]*)?$")
# Newer doors of Twilio's by which texts leave: bulk messages, Notify, Conversations. Nothing is known of their bodies.
_OTHER_DOORS = re.compile(rb"/v\d+/(?:messages|services/[^/]+/notifications|(?:.*/)?conversations/[^/]+/messages)$")

# Folded names that make a message. In a query they would be a second source of what the body says.
_MAKING = frozenset({b"to", b"from", b"messagingservicesid", b"body", b"mediaurl", b"contentsid", b"sendat"})
_MAKING_ONLY = frozenset({b"body", b"mediaurl", b"contentsid"})  # `To` and `From` in the query of a GET filter its list

_CHANNEL = re.compile(r"\s*([a-z][a-z0-9_.-]*):", re.IGNORECASE)
_SEVERAL = re.compile(r"[,;|<\n]|\d\s+\+")
_NUMBER = re.compile(r"\+?\d{1,15}", re.ASCII)
_STATUS = re.compile(rb'"status"\s*:\s*"(\w+)"')
_STATUS_XML = re.compile(rb"<Status>(\w+)</Status>")
_FAILED = frozenset({b"failed", b"undelivered", b"canceled"})

_OPTED_OUT = 21610

# HTTP status, code and message of twilio.com/docs/api/errors. 21612 is permanent and nobody unsubscribes people on it.
_REFUSALS = {
    Reason.SUPPRESSED: (400, _OPTED_OUT, "Attempt to send to unsubscribed recipient"),
    Reason.BAD_NUMBER: (400, 21211, "The 'To' number is not a valid phone number"),
    Reason.BAD_REQUEST: (400, 400, "Bad Request"),
    Reason.TRY_AGAIN: (503, 20503, "Service unavailable"),
}
_REFUSED = (400, 21612, "The message cannot be sent with this combination of 'To' and 'From'")
_MISSING = {
    "To": (400, 21604, "A 'To' phone number is required"),
    "Body": (400, 21602, "Message body is required"),
}


class Twilio(Dialect):
    """One recipient a request; a refusal raises TwilioRestException, which no SDK retries."""

    name = "twilio"
    answers_keywords = True
    one_recipient = True
    bare_is_international = False
    signs = True

    def __init__(self) -> None:
        self.holding = TwilioHolding(self.write)
        self.opt_out_writer = TwilioOptOuts()

    def claims(self, request: Request) -> bool:
        path = request.path
        if not _SEND.fullmatch(path):
            plain = settled(path)
            if _OTHER_DOORS.search(plain):
                return request.method.upper() not in READING
            if not _SEND_DISGUISED.search(plain):
                return False
        return request.method not in READING or writes(request, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return _SEND_DISGUISED.search(settled(path)) is not None

    def read(self, request: Request) -> Send | None:
        if not _SEND.fullmatch(request.path):
            raise Unreadable(f"this path is not spelled as a send; POST to {_DOOR}")
        form = opened(request, _MAKING)
        return Send(request, (_draft(form),), account_of(request.headers))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        text = texts[0]
        if text is None or text == send.drafts[0].text:
            return send.request
        return with_body(send.request, with_value(send.request.body, b"Body", text.encode()))

    def verdict(self, response: Response) -> Verdict:
        verdict = by_status(response.status)
        if verdict is not Verdict.ACCEPTED or response.header(b"content-encoding"):
            return verdict
        return _created(response.body)

    def opted_out(self, response: Response) -> bool:
        """Unsubscribed, as the carrier's own list has it. The answer may be compressed, as the client asked for it."""
        return self.verdict(response) is Verdict.REFUSED and error_code(response) == _OPTED_OUT

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        known = _MISSING.get(field) if reason is Reason.BAD_REQUEST else None
        status, code, message = known or _REFUSALS.get(reason, _REFUSED)
        return error(request, status, code, f"{message}: {why}")

    def away(self, request: Request, status: int, why: str) -> Response:
        _, code, message = _REFUSALS[Reason.TRY_AGAIN]
        return error(request, status, code, f"{message}: {why}")

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


def _draft(form: Form) -> Draft:
    sender = sender_of(form.text_of(b"From") or form.text_of(b"MessagingServiceSid") or "")
    if _CHANNEL.match(sender.value):
        raise _other_channel("From")
    media = form.count(b"MediaUrl")
    return Draft(to=_recipient(form), sender=sender, text=_text(form, media), send_at=_send_at(form), media=media)


def _recipient(form: Form) -> str:
    to = plus_restored(form.text_of(b"To") or "")
    if _NUMBER.fullmatch(to):
        return to
    if not to.strip():
        raise Unreadable("the field To is missing; is the body a form, and the name spelled `To`?", field="To")
    if _CHANNEL.match(to):
        raise _other_channel("To")
    if _SEVERAL.search(to.strip()):
        raise Unreadable("one recipient a request; send to each in its own", field="To", reason=Reason.BAD_NUMBER)
    return to


def _other_channel(field: str) -> Unreadable:
    why = "whatsapp:, messenger:, rcs: and the like are other channels; this gateway sends SMS and MMS only"
    return Unreadable(why, field=field, reason=Reason.BAD_NUMBER if field == "To" else Reason.BAD_REQUEST)


def _text(form: Form, media: int) -> str | None:
    """The text; None where a template that Twilio keeps is sent. With media it may be empty."""
    body = form.text_of(b"Body")
    if form.text_of(b"ContentSid"):
        if body:
            raise Unreadable("Body and ContentSid are both given; which is sent? give one", field="ContentSid")
        return None
    if not media and not (body and body.strip()):
        raise Unreadable("give Body, MediaUrl or ContentSid", field="Body")
    return body or ""


def _send_at(form: Form) -> datetime | None:
    """When Twilio is asked to send it. Raises Unreadable where Twilio might ignore that and send at once."""
    given = form.text_of(b"SendAt")
    if not given:
        return None
    if form.text_of(b"ScheduleType") != "fixed" or not form.text_of(b"MessagingServiceSid"):
        raise Unreadable("SendAt needs ScheduleType=fixed and a MessagingServiceSid", field="SendAt")
    return instant_in(given, "SendAt")


def _created(body: bytes) -> Verdict:
    """What the body of a 2xx says; one that is not Twilio's (a login page in between) says nothing."""
    status = (_STATUS_XML if body.startswith(b"<") else _STATUS).search(body)
    if status is not None:
        return Verdict.REFUSED if status[1] in _FAILED else Verdict.ACCEPTED
    return Verdict.ACCEPTED if b'"sid"' in body or b"<Sid>" in body else Verdict.UNKNOWN
