"""Texts of our own for Amazon, signed when they leave."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from gateway.dialects.answers import retry_after
from gateway.dialects.aws import publish, texts
from gateway.dialects.own_texts import OwnTexts, Write, named
from gateway.words.errors import Unreadable
from gateway.words.number import Sender, SenderKind
from gateway.words.wire import Credentials, Request, Response

_THROTTLED = re.compile(rb"<Code>Thrott")  # SNS says so with a 400


class AwsOwn(OwnTexts):
    """`service`: of the upstream, `sns` or `sms-voice`; empty: it was not said, and nothing can be composed."""

    ID = re.compile(rb'MessageId(?:>|"\s*:\s*")([0-9a-f-]{36})')
    CODE = re.compile(rb'(?:<Code>|"__type"\s*:\s*"(?:[^"#]*#)?)(\w+)')

    def __init__(self, write: Write, service: str) -> None:
        super().__init__(write)
        self._service = service

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        return request  # its signature is of the moment at which it leaves

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
