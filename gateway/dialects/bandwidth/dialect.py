"""Bandwidth's Messaging API, v2: `POST /api/v2/users/{account}/messages`, where several recipients are one group MMS;
`.../multiChannel`, a list of channels that are tried in turn; and codes of its two-factor API."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gateway.dialects.answers import by_mark
from gateway.dialects.bandwidth import channels, webhook
from gateway.dialects.bandwidth.errors import error
from gateway.dialects.bandwidth.own import BandwidthOwn
from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import needed_text
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.unsigned import Unsigned
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(
    rb"/api/v2/users/[A-Za-z0-9-]+/messages(/multiChannel)?|/api/v1/accounts/[A-Za-z0-9-]+/code/messaging"
)
# The same as `settled` leaves it, the older API's as well, and whatever may come below.
_DOOR = re.compile(rb"(?:/api)?(?:/v\d+)?/(?:users/[^/]+/messages(?:/.*)?|accounts/[^/]+/code/messaging)")

_MAKING = frozenset({b"to", b"from", b"text", b"media", b"message", b"applicationid", b"channellist"})
_MAKING_ONLY = frozenset({b"text", b"media", b"applicationid"})
_CODE = b"/code/messaging"
_TAKEN = (b'"id"', b'"messageId"')  # of a message, and of a code


class Bandwidth(Unsigned):
    """All recipients of a request get the same text under one id: who is withheld stands in no answer of Bandwidth's.

    `account` and `application` are those of texts of our own.
    """

    name = "bandwidth"
    bare_is_international = False

    def __init__(self, account: str | None = None, application: str | None = None) -> None:
        self.holding = BandwidthOwn(self.write, account, application)

    def claims(self, request: Request) -> bool:
        return may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        if not _SEND.fullmatch(request.path):
            why = "this path is not spelled as a send that is known here; POST to /api/v2/users/{accountId}/messages"
            raise Unreadable(why)
        fields = opened(request, _MAKING)
        drafts = channels.drafts(fields) if request.path.endswith(channels.PATH) else _drafts(fields, request)
        return Send(request, tuple(drafts), account_of(request.headers))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        tried = send.request.path.endswith(channels.PATH)
        changes = list((channels.changes if tried else _changes)(fields, send, texts))
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, *_TAKEN)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(request, reason, why, field)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(request, Reason.TRY_AGAIN, why, status=status)

    def hear(self, request: Request) -> Inbound | None:
        return next(iter(self.hear_all(request)), None)

    def hear_all(self, request: Request) -> tuple[Inbound, ...]:
        return webhook.hear_all(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)


def _drafts(fields: Fields, request: Request) -> Iterator[Draft]:
    sender = sender_of(fields.scalar("from"))
    if request.path.endswith(_CODE):
        return iter([Draft(fields.needed("to"), sender, needed_text(fields.text("message"), "message"))])
    media, text = len(fields.elements("media")), fields.text("text")
    text = (text or "") if media else needed_text(text, "text")
    return (Draft(to, sender, text, media=media) for to in numbers_in(fields, "to"))


def _changes(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    is_code = send.request.path.endswith(_CODE)
    if not is_code:
        yield from without_others(fields, "to", texts)
    new = text_for_all(send.drafts, texts)
    if new is not None:
        yield fields.with_text("message" if is_code else "text", new)
