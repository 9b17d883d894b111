"""Messages for Amazon that leave later, and texts of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.dialects.answers import retry_after
from gateway.dialects.aws import publish, texts
from gateway.dialects.own_texts import Write, named
from gateway.dialects.signed_texts import SignedTexts
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Outcome
from gateway.words.wire import Credentials, Request, Response

_TOKEN = b"x-amz-security-token"
_THROTTLED = re.compile(rb"<Code>Thrott")  # SNS says so with a 400


class AwsHolding(SignedTexts):
    """`service`: of the upstream, `sns` or `sms-voice`; empty: it was not said, and nothing of ours can be composed."""

    ID = re.compile(rb'MessageId(?:>|"\s*:\s*")([0-9a-f-]{36})')
    CODE = re.compile(rb'(?:<Code>|"__type"\s*:\s*"(?:[^"#]*#)?)(\w+)')

    def __init__(self, write: Write, service: str) -> None:
        super().__init__(write)
        self._service = service

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        """Not with a session token of the client's, which ends within hours."""
        return send.request.header(_TOKEN) is None and super().can_hold(send, credentials)

    def valid_for(self, send: Send) -> timedelta | None:
        return texts.time_to_live(send.request) if texts.is_one(send.request) else None

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        answered = texts.accepted if texts.is_one(kept[0].send.request) else publish.accepted
        return answered(outcomes[0].message.id)

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """What is left of its `TimeToLive` stays."""
        request, valid = super().composed(kept, credentials, now), self.valid_for(kept.send)
        return request if valid is None else texts.living_for(request, kept.created + valid - now)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not self._service:
            raise Unreadable("the upstream needs its `scope`, region and service, for a text of our own")
        named(sender, "OriginationIdentity", "OriginationIdentity")
        if self._service != "sns":
            return texts.composed(to, sender, text)
        if sender.kind is SenderKind.POOL:
            raise Unreadable("SNS knows no pools; name a number or a sender ID", field="MessageAttributes")
        return publish.composed(to, sender, text)

    def retry_after(self, response: Response, now: datetime) -> timedelta | None:
        return timedelta() if _THROTTLED.search(response.body) else retry_after(response, now)
