"""Texts of our own for Telnyx."""

from __future__ import annotations

import re

from gateway.dialects.heads import with_header
from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class TelnyxOwn(OwnTexts):
    """An API key is all that Telnyx asks for: of the credentials, the secret."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9a-f-]{36})"')
    CODE = re.compile(rb'"code"\s*:\s*"(\d{5})"')

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        bearer = f"Bearer {credentials.secret}".encode()
        headers = with_header(request.headers, b"Authorization", bearer)
        return Request(request.method, request.target, headers, request.body)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = named(sender, "from", "messaging_profile_id")
        fields = {**source, "to": to, "text": text, "use_profile_webhooks": False}
        return self.authorized(json_post("/v2/messages", fields), credentials)
