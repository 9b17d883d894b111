"""Texts of our own for Plivo."""

from __future__ import annotations

import re

from gateway.dialects.heads import authorized
from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.errors import Unreadable
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request

_ACCOUNT = re.compile(r"[A-Za-z0-9]+")


class PlivoOwn(OwnTexts):
    """The credentials' user is the account's auth_id."""

    ID = re.compile(rb'"message_uuid"\s*:\s*\[\s*"([0-9a-f-]{36})"')

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _ACCOUNT.fullmatch(credentials.user):
            raise Unreadable("the credentials' user is no auth_id of Plivo's, which a text of our own needs")
        fields = {**named(sender, "src", "powerpack_uuid"), "dst": to, "text": text, "type": "sms"}
        return authorized(json_post(f"/v1/Account/{credentials.user}/Message/", fields), credentials)
