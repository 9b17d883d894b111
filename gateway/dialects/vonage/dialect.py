"""Vonage's APIs that send texts: SMS (`/sms/json`), Messages (`/v1/messages`) and Verify, on one host or another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.dialects.answers import by_status, uncompressed
from gateway.dialects.base import Dialect
from gateway.dialects.methods import READING, writes
from gateway.dialects.paths import meant, settled
from gateway.dialects.vonage import messages, sms, webhook
from gateway.dialects.vonage.errors import error
from gateway.dialects.vonage.holding import VonageHolding, VonageTracking
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_BY_PARAMETERS = re.compile(rb"/sms/(?:json|xml)|/verify(?:/psd2)?/(?:json|xml)")  # by GET as well
_IN_JSON = re.compile(rb"/v1/messages|/v2/verify")
# The same as `settled` leaves them, and other doors by which texts leave: shared short codes, workflows.
_DOOR_BY_PARAMETERS = re.compile(rb"/sms(?:/.*)?|/verify(?:/psd2)?/(?:json|xml)|/sc(?:/.*)?")
_DOOR_IN_JSON = re.compile(rb"/(?:v[\d.]+|beta)/(?:messages(?:/.*)?|verify|dispatch)")
_HARMLESS = READING | {b"PATCH", b"DELETE"}  # a message is marked as read, or revoked, by PATCH
_MAKING_ONLY = frozenset({b"to", b"text"})

_STATUS = re.compile(rb'"status"\s*:\s*"(\d+)"|<status>(\d+)</status>')
_OPTED_OUT = re.compile(rb'"type"\s*:\s*"[^"]*#1240"')
_TAKEN, _WHO_KNOWS = b"0", b"5"
_ANSWERED = (b'"message_uuid"', b'"request_id"')


class Vonage(Dialect):
    """A refusal raises SmsError in the SMS API, HttpRequestError in the others.

    `signature_secret` is the account's: a request that came signed is signed anew with it, where its text changes.
    """

    name = "vonage"

    def __init__(self, signature_secret: str | None = None) -> None:
        self._secret = signature_secret
        self.holding = VonageHolding(self.write, VonageTracking(self.write))

    def claims(self, request: Request) -> bool:
        path = request.path
        if _BY_PARAMETERS.fullmatch(path):
            return True
        if not _IN_JSON.fullmatch(path):
            plain = settled(path)
            if _DOOR_BY_PARAMETERS.fullmatch(plain):
                return True
            if not _DOOR_IN_JSON.fullmatch(plain):
                return False
        return request.method not in _HARMLESS or writes(request, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _BY_PARAMETERS) or meant(path, _IN_JSON)

    def read(self, request: Request) -> Send | None:
        if _BY_PARAMETERS.fullmatch(request.path):
            return sms.read(request)
        if _IN_JSON.fullmatch(request.path):
            return messages.read(request)
        raise Unreadable("this path is not spelled as a send that is known here; POST to /sms/json or /v1/messages")

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        if _BY_PARAMETERS.fullmatch(send.request.path):
            return sms.write(send, texts, self._secret)
        return messages.write(send, texts)

    def verdict(self, response: Response) -> Verdict:
        verdict, body = by_status(response.status), uncompressed(response)
        unread = bool(response.body) and not body  # in a coding that is not known here
        return verdict if verdict is not Verdict.ACCEPTED or unread else _told(body)

    def opted_out(self, response: Response) -> bool:
        """As the Messages API's problems have it, where an account gets them at once; the SMS API never says so."""
        return by_status(response.status) is Verdict.REFUSED and bool(_OPTED_OUT.search(uncompressed(response)))

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(request, reason, why, field)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(request, Reason.TRY_AGAIN, why, status=status)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, secret)

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        return webhook.sign(request, secret, now)


def _told(body: bytes) -> Verdict:
    """What the body of a 2xx says: a status for each part of a text, or an id."""
    statuses = {found[1] or found[2] for found in _STATUS.finditer(body)}
    if not statuses:
        return Verdict.ACCEPTED if any(mark in body for mark in _ANSWERED) else Verdict.UNKNOWN
    if _TAKEN in statuses:
        return Verdict.ACCEPTED
    return Verdict.UNKNOWN if _WHO_KNOWS in statuses else Verdict.REFUSED
