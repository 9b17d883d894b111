"""Texts of our own for Infobip: by version 3 of its SMS API."""

from __future__ import annotations

import re

from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class InfobipOwn(OwnTexts):
    """An API key is all that Infobip asks for: of the credentials, the secret."""

    ID = re.compile(rb'"messageId"\s*:\s*"([0-9a-f][0-9a-f-]{9,})"')
    CODE = re.compile(rb'"status"\s*:\s*\{[^}]*"id"\s*:\s*(\d+)')
    SCHEME = b"App"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {name: value.removeprefix("+") for name, value in named(sender, "sender", "sender").items()}
        message = {**source, "destinations": [{"to": to.removeprefix("+")}], "content": {"text": text}}
        return self.authorized(json_post("/sms/3/messages", {"messages": [message]}), credentials)
