"""A service that texts what it is mailed. Here a mail is a request: its fields, and the text as its body.

No client speaks it to the gateway, so that nothing is read from or answered to one. Its answers are SMTP's, and whoever
waits for one gets it as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.dialects.base import Dialect
from gateway.dialects.email.holding import METHOD, STATUS, EmailHolding
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.message import Draft, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_GOOD, _REFUSED = range(200, 300), range(400, 600)


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
        return Verdict.REFUSED if response.status in _REFUSED else Verdict.UNKNOWN

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, code = (451, b"4.3.0") if reason is Reason.TRY_AGAIN else (550, b"5.7.1")
        return Response(status, ((STATUS, code),), why.encode())

    def away(self, request: Request, status: int, why: str) -> Response:
        return self.refuse(request, Reason.TRY_AGAIN, why)
