"""Texts of our own for Azure, signed when they leave."""

from __future__ import annotations

import re

from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request

VERSION = "2021-03-07"


class AzureOwn(OwnTexts):
    """An access key is all that Azure asks for: of the credentials, the secret."""

    ID = re.compile(rb'"messageId"\s*:\s*"([\x21\x23-\x7e]+)"')
    CODE = re.compile(rb'"code"\s*:\s*"(\w+)"')

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        return request  # its signature is of the moment at which it leaves

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        fields = {**named(sender, "from", "from"), "smsRecipients": [{"to": to}], "message": text}
        return json_post(f"/sms?api-version={VERSION}", fields)
