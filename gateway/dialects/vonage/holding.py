"""Messages for Vonage that leave later, and texts of our own: these by its SMS API, so that the upstream must be the
host of that.

A token ends within minutes and a signature bears the time at which it was made: what came with one leaves with
configured credentials, which are the API key and its secret. Neither API lets a client ask for a message. The SMS API's
receipts come by GET or POST as the account is set: that ours may come by GET is not verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import orjson

from gateway.dialects.answers import answer, json_answer
from gateway.dialects.heads import FORM, authorized, with_body
from gateway.dialects.json_posts import JSON, Fields
from gateway.dialects.own_texts import named
from gateway.dialects.parameters import told_in
from gateway.dialects.vonage.errors import error, problem
from gateway.dialects.waiting import ById, Waiting
from gateway.text.alphabet import is_gsm7
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender
from gateway.words.outcome import Outcome
from gateway.words.wire import Credentials, Request, Response

_MESSAGES = b"/v1/messages"
_TEXTS = frozenset({b"/sms/json", b"/sms/xml", _MESSAGES})
_LASTING = b"basic "
_DIGITS = re.compile(r"[0-9]{1,9}")
_SECOND, _MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)
_NEVER = re.compile(rb"(?!)()")  # a resource that no path leads to
_IDS = re.compile(
    rb"(?<![0-9A-Za-z-])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9A-F]{16})(?![0-9A-Za-z-])"
)
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<mt-submission-response><messages count="1"><message>'
    "<to>{}</to><messageId>{}</messageId><status>0</status></message></messages></mt-submission-response>"
)
_CREDENTIALS = frozenset({"api_key", "api_secret", "sig", "timestamp"})
_OPTED_OUT, _UNKNOWN = "9", "1"  # developer.vonage.com: the err-codes of receipts


class VonageTracking(ById):
    ONE = _NEVER
    IDS = _IDS

    def mint(self, send: Send, random: bytes) -> str:
        if send.request.path == _MESSAGES:
            return str(UUID(bytes=random, version=4))
        return random[:8].hex().upper()

    def shown(self, kept: Kept) -> dict[str, object]:
        """The answer to a send that was accepted."""
        if kept.send.request.path == _MESSAGES:
            return {"message_uuid": kept.minted}
        message = {"to": kept.draft.to.removeprefix("+"), "message-id": kept.minted, "status": "0"}
        return {
            "message-count": "1",
            "messages": [message | {"remaining-balance": "", "message-price": "", "network": ""}],
        }

    def error(self, request: Request, status: int, why: str) -> Response:
        return error(request, Reason.BAD_REQUEST, why, status=status)


class VonageHolding(Waiting):
    ID = re.compile(rb'"message-id"\s*:\s*"([0-9A-Za-z-]+)"|"message_uuid"\s*:\s*"([0-9a-f-]{36})"')
    CODE = re.compile(rb'"status"\s*:\s*"(\d+)"')
    CALLBACK = "webhook_url"

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        source = {name: value.removeprefix("+") for name, value in named(sender, "from", "from").items()}
        kind = {} if is_gsm7(text) else {"type": "unicode"}
        body = urlencode({"to": to.removeprefix("+"), **source, "text": text, **kind}).encode("ascii")
        headers = ((b"Content-Type", FORM.encode()), (b"Content-Length", b"%d" % len(body)))
        return authorized(Request(b"POST", b"/sms/json", headers, body), credentials)

    def lasts(self, request: Request) -> bool:
        if super().lasts(request):
            return (request.header(b"authorization") or b"").lower().startswith(_LASTING)
        return request.path != _MESSAGES and not told_in(request).value("sig")

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        alone = len(send.drafts) == 1 and send.request.path in _TEXTS
        return alone and super().can_hold(send, credentials)

    def valid_for(self, send: Send) -> timedelta | None:
        """Its `ttl`: in seconds in the Messages API, in milliseconds in the other."""
        given = _value(send.request, "ttl")
        if not given:
            return None
        if not _DIGITS.fullmatch(given):
            raise Unreadable("ttl is no number", field="ttl")
        return int(given) * _unit(send.request)

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        if kept[0].send.request.path.endswith(b"xml"):
            told = _XML.format(kept[0].draft.to.removeprefix("+"), kept[0].minted)
            return answer(200, b"text/xml", told.encode())
        status = 202 if kept[0].send.request.path == _MESSAGES else 200
        return json_answer(status, self.tracking.shown(kept[0]))

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """What is left of its `ttl` stays."""
        if credentials and kept.send.request.path != _MESSAGES:
            bare = told_in(kept.send.request).drop(_CREDENTIALS).within(kept.send.request)
            kept = replace(kept, send=replace(kept.send, request=bare))
        request = super().composed(kept, credentials, now)
        valid = self.valid_for(kept.send)
        if valid is None:
            return request
        left = str(max(1, (kept.created + valid - now) // _unit(request)))
        if request.path != _MESSAGES:
            return told_in(request).put({"ttl": left}).within(request)
        fields = Fields.read(request.body)
        return with_body(request, fields.document.with_changes([fields.put("ttl", left)]))

    def callback_url(self, request: Request) -> str:
        return _value(request, self.CALLBACK if request.path == _MESSAGES else "callback")

    def callback_method(self, request: Request) -> bytes:
        return b"POST" if request.path == _MESSAGES else b"GET"

    def with_callback(self, request: Request, url: str) -> Request:
        """The SMS API takes 100 characters, and ours has more: its receipts reach the client under the carrier's id."""
        return super().with_callback(request, url) if request.path == _MESSAGES else request

    def receipt(self, kept: Kept) -> tuple[bytes, bytes]:
        to, sender = kept.draft.to.removeprefix("+"), kept.draft.sender.value.removeprefix("+")
        opted_out = kept.ended is Reason.SUPPRESSED
        if kept.send.request.path == _MESSAGES:
            reason = kept.ended if isinstance(kept.ended, Reason) else Reason.HOURS
            told = {
                "message_uuid": kept.minted,
                "to": to,
                "from": sender,
                "timestamp": f"{kept.changed.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
                "status": "rejected",
                "error": problem(reason, "it was not sent"),
                "client_ref": _value(kept.send.request, "client_ref"),
                "channel": "sms",
            }
            return JSON.encode(), orjson.dumps(told)
        fields = {
            "msisdn": to,
            "to": sender,
            "messageId": kept.minted,
            "status": "rejected",
            "err-code": _OPTED_OUT if opted_out else _UNKNOWN,
            "message-timestamp": f"{kept.changed.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
            "client-ref": _value(kept.send.request, "client-ref"),
        }
        return FORM.encode(), urlencode(fields).encode("ascii")


def _unit(request: Request) -> timedelta:
    return _SECOND if request.path == _MESSAGES else _MILLISECOND


def _value(request: Request, name: str) -> str:
    """Of a member or a parameter; empty where there is none."""
    return Fields.read(request.body).scalar(name) if request.path == _MESSAGES else told_in(request).value(name)
