"""Texts of our own for ClickSend."""

from __future__ import annotations

import re

from gateway.dialects.heads import authorized
from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class ClickSendOwn(OwnTexts):
    """The credentials are a username and its API key."""

    ID = re.compile(rb'"message_id"\s*:\s*"([0-9A-Za-z-]+)"')
    CODE = re.compile(rb'"(?:response_code|status)"\s*:\s*"((?!SUCCESS")[A-Z_]+)"')

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        message = {**named(sender, "from", "from"), "to": to, "body": text}
        return authorized(json_post("/v3/sms/send", {"messages": [message]}), credentials)
