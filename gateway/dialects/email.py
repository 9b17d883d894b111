"""A service that texts what it is mailed. Here a mail is a request: its fields, and the text as its body.

No client speaks it to the gateway, so that nothing is read from or answered to one. Its answers are SMTP's, and whoever
waits for one gets it as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from gateway.dialects.base import Dialect
from gateway.dialects.holding import Holding
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Draft, Send
from gateway.words.number import Sender
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Call, Credentials, Request, Response

METHOD = b"MAIL"
STATUS = b"x-smtp-status"  # of an answer: RFC 3463
LATER = timedelta(minutes=5)  # after a 4xx; mail systems wait as long (RFC 5321, 4.5.4.1)

_GOOD, _TEMPORARY, _PERMANENT = range(200, 300), range(400, 500), range(500, 600)


class Email(Dialect):
    """Recipients are mailed at the service's `domain`, from the `address` that it knows us by."""

    name = "email"
    one_recipient = True

    def __init__(self, domain: str, address: str) -> None:
        self.holding = EmailHolding(domain, address)

    def claims(self, request: Request) -> bool:
        return request.method == METHOD

    def read(self, request: Request) -> Send | None:
        to, _, _ = (request.header(b"to") or b"").partition(b"@")
        source = sender_of((request.header(b"x-sender") or b"").decode())
        return Send(request, (Draft(f"+{to.decode()}", source, request.body.decode()),))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        text = texts[0]
        if text is None or text == send.drafts[0].text:
            return send.request
        return Request(send.request.method, send.request.target, send.request.headers, text.encode())

    def verdict(self, response: Response) -> Verdict:
        """Until a mail is taken none of it is: a 4xx and a 5xx both say that nothing was sent."""
        if response.status in _GOOD:
            return Verdict.ACCEPTED
        refused = response.status in _TEMPORARY or response.status in _PERMANENT
        return Verdict.REFUSED if refused else Verdict.UNKNOWN

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, code = (451, b"4.3.0") if reason is Reason.TRY_AGAIN else (550, b"5.7.1")
        return Response(status, ((STATUS, code),), why.encode())

    def away(self, request: Request, status: int, why: str) -> Response:
        return self.refuse(request, Reason.TRY_AGAIN, why)


class EmailHolding(Holding):
    """What waits is mailed when its hour has come."""

    def __init__(self, domain: str, address: str) -> None:
        self._domain = domain
        self._address = address

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        return True

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        return Response(250, ((STATUS, b"2.0.0"),), b"it waits until it may leave")

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        request = kept.send.request
        text = kept.text if kept.text is not None else kept.draft.text or ""
        return Request(request.method, request.target, request.headers, text.encode())

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not text.strip():
            raise Unreadable("a text without a word", field="text")
        fields = (
            (b"To", f"{to.removeprefix('+')}@{self._domain}".encode()),
            (b"From", self._address.encode()),
            (b"X-Sender", sender.value.encode()),
        )
        return Request(METHOD, b"/", fields, text.encode())

    def with_callback(self, request: Request, url: str) -> Request:
        return request

    def callback(self, kept: Kept) -> Call | None:
        return None

    def accepted_id(self, response: Response) -> str:
        return ""

    def refusal_code(self, response: Response) -> str:
        return " ".join(filter(None, (str(response.status), (response.header(STATUS) or b"").decode())))

    def retry_after(self, response: Response, now: datetime) -> timedelta | None:
        return LATER if response.status in _TEMPORARY else None
