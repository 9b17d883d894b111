"""Texts of our own for MessageBird."""

from __future__ import annotations

import re

from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class MessageBirdOwn(OwnTexts):
    """An access key is all that MessageBird asks for: of the credentials, the secret."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9a-f]{32})"')
    CODE = re.compile(rb'"code"\s*:\s*(\d+)')
    SCHEME = b"AccessKey"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {name: value.removeprefix("+") for name, value in named(sender, "originator", "originator").items()}
        fields = {**source, "recipients": [to.removeprefix("+")], "body": text, "datacoding": "auto"}
        return self.authorized(json_post("/messages", fields), credentials)
