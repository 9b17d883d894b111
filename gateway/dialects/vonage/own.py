"""Texts of our own for Vonage: by its SMS API, so that the upstream must be the host of that."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from gateway.dialects.heads import FORM, authorized
from gateway.dialects.own_texts import OwnTexts, named
from gateway.text.alphabet import is_gsm7
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request


class VonageOwn(OwnTexts):
    """The credentials are the API key and its secret."""

    ID = re.compile(rb'"message-id"\s*:\s*"([0-9A-Za-z-]+)"')
    CODE = re.compile(rb'"status"\s*:\s*"(\d+)"')

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {name: value.removeprefix("+") for name, value in named(sender, "from", "from").items()}
        kind = {} if is_gsm7(text) else {"type": "unicode"}
        body = urlencode({"to": to.removeprefix("+"), **source, "text": text, **kind}).encode("ascii")
        headers = ((b"Content-Type", FORM.encode()), (b"Content-Length", b"%d" % len(body)))
        return authorized(Request(b"POST", b"/sms/json", headers, body), credentials)
