"""Texts of our own for Sinch."""

from __future__ import annotations

import re

from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.errors import Unreadable
from gateway.words.number import Sender
from gateway.words.wire import Credentials, Request

_PLAN = re.compile(r"[A-Za-z0-9-]+")


class SinchOwn(OwnTexts):
    """The credentials' user is the service plan's id, their secret its API token."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z]+)"')
    CODE = re.compile(rb'"code"\s*:\s*"([a-z_]+)"')
    SCHEME = b"Bearer"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _PLAN.fullmatch(credentials.user):
            raise Unreadable("the credentials' user is no service plan id of Sinch's, which a text of our own needs")
        fields = {**named(sender, "from", "from"), "to": [to], "body": text, "type": "mt_text"}
        return self.authorized(json_post(f"/xms/v1/{credentials.user}/batches", fields), credentials)
