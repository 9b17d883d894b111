"""Texts of our own for Bandwidth."""

from __future__ import annotations

import re

from gateway.dialects.heads import authorized
from gateway.dialects.own_texts import OwnTexts, Write, json_post, named
from gateway.words.errors import Unreadable
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request

_ACCOUNT = re.compile(r"[A-Za-z0-9-]+")


class BandwidthOwn(OwnTexts):
    """The credentials are an API user's; the account and the application stand beside the upstream."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z-]+)"')
    CODE = re.compile(rb'"type"\s*:\s*"([a-z-]+)"')

    def __init__(self, write: Write, account: str | None, application: str | None) -> None:
        super().__init__(write)
        self._account = account or ""
        self._application = application or ""

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _ACCOUNT.fullmatch(self._account) or not self._application:
            raise Unreadable("a text of our own needs Bandwidth's `account` and `application`, beside the upstream")
        fields = {**named(sender, "from", "from"), "to": [to], "text": text, "applicationId": self._application}
        return authorized(json_post(f"/api/v2/users/{self._account}/messages", fields), credentials)
