"""Texts of our own for Sinch."""

from __future__ import annotations

import re
from datetime import UTC

import orjson

from gateway.dialects.calls import call
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.own_texts import OwnTexts, json_post, named
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.number import Sender
from gateway.words.wire import Call, Credentials, Request

_REJECTED = {"code": 408, "status": "Rejected"}
_OF_ALL = frozenset({"summary", "full"})  # reports on a batch as a whole
_PLAN = re.compile(r"[A-Za-z0-9-]+")


class SinchOwn(OwnTexts):
    """The credentials' user is the service plan's id, their secret its API token."""

    ID = re.compile(rb'"id"\s*:\s*"([0-9A-Za-z]+)"')
    CODE = re.compile(rb'"code"\s*:\s*"([a-z_]+)"')
    SCHEME = b"Bearer"

    def withheld(self, kept: Kept) -> Call | None:
        """A batch has one id. Told in the form in which the client asks for reports; which code Sinch itself would give
        to whoever has opted out is not verified."""
        fields = Fields.read(kept.send.request.body)
        form = fields.text("delivery_report") or ""
        url, to = fields.text("callback_url") or "", kept.draft.to.lstrip("+")
        if form.startswith("per_recipient"):
            told = {"type": "recipient_delivery_report_sms", "at": _instant(kept), "recipient": to, **_REJECTED}
        elif form in _OF_ALL:
            status = {**_REJECTED, "count": 1, **({"recipients": [to]} if form == "full" else {})}
            told = {"type": "delivery_report_sms", "statuses": [status], "total_message_count": 1}
        else:
            return None
        if reference := fields.text("client_reference"):
            told["client_reference"] = reference
        body = orjson.dumps(told | {"batch_id": kept.minted})
        headers = ((b"Content-Type", JSON.encode()), (b"Content-Length", b"%d" % len(body)))
        return call(b"POST", url, headers, body)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _PLAN.fullmatch(credentials.user):
            raise Unreadable("the credentials' user is no service plan id of Sinch's, which a text of our own needs")
        fields = {**named(sender, "from", "from"), "to": [to], "body": text, "type": "mt_text"}
        return self.authorized(json_post(f"/xms/v1/{credentials.user}/batches", fields), credentials)


def _instant(kept: Kept) -> str:
    return kept.changed.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
