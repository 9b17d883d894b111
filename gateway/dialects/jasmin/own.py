"""Texts of our own for Jasmin: by its HTTP API, so that the upstream must be the port of that."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from gateway.dialects.heads import FORM
from gateway.dialects.jasmin.by_parameters import with_credentials
from gateway.dialects.jasmin.content import EMPTY
from gateway.dialects.own_texts import OwnTexts
from gateway.words.number import Sender, SenderKind
from gateway.words.wire import Credentials, Request


class JasminOwn(OwnTexts):
    """The credentials are a user's of Jasmin."""

    ID = re.compile(rb'Success \\?"([0-9a-f-]{36})')

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        return with_credentials(request, credentials.user, credentials.secret)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {} if sender.kind is SenderKind.NONE else {"from": sender.value.removeprefix("+")}
        user = {"username": credentials.user, "password": credentials.secret}
        body = urlencode({**user, **source, "to": to.removeprefix("+"), **_spelled(text)}).encode("ascii")
        headers = ((b"Content-Type", FORM.encode()), (b"Content-Length", b"%d" % len(body)))
        return Request(b"POST", b"/send", headers, body)


def _spelled(text: str) -> dict[str, str]:
    said = EMPTY.saying(text, raw=True)
    return {"content": text} if said.hexed is None else {"hex-content": said.hexed, "coding": said.coding}
