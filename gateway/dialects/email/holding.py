"""Texts for a service that is mailed: composed now or, where they wait, when their hour has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.dialects.holding import Holding
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender
from gateway.words.outcome import Outcome
from gateway.words.wire import Call, Credentials, Request, Response

METHOD = b"MAIL"
STATUS = b"x-smtp-status"  # of an answer: RFC 3463
LATER = timedelta(minutes=5)  # after a 4xx; mail systems wait about as long
TEMPORARY = range(400, 500)


class EmailHolding(Holding):
    """Recipients are mailed at the service's `domain`, from the `address` that it knows us by."""

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
        return LATER if response.status in TEMPORARY else None
