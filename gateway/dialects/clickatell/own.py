"""Texts of our own for Clickatell: by its platform, so that the upstream must be the host of that."""

from __future__ import annotations

import re

from gateway.dialects.heads import with_header
from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class ClickatellOwn(OwnTexts):
    """An API key is all that Clickatell asks for: of the credentials, the secret, without a scheme before it."""

    ID = re.compile(rb'"apiMessageId"\s*:\s*"([0-9A-Za-z-]+)"')
    CODE = re.compile(rb'"errorCode"\s*:\s*"?(\d+)')

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        headers = with_header(request.headers, b"Authorization", credentials.secret.encode())
        return Request(request.method, request.target, headers, request.body)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {name: value.removeprefix("+") for name, value in named(sender, "from", "from").items()}
        fields = {"content": text, "to": [to.removeprefix("+")], **source}
        return self.authorized(json_post("/messages", fields), credentials)
