"""Infobip's SMS API, versions 2 and 3: JSON both ways, several messages with several recipients each in one request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.dialects.answers import by_mark, inserted, reason_of, uncompressed
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.credentials import account_of
from gateway.dialects.heads import with_body
from gateway.dialects.infobip import messages, webhook
from gateway.dialects.infobip.errors import OF_REQUESTS, as_json, error, rejected, rejected_all
from gateway.dialects.infobip.own import InfobipOwn
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.unsigned import Unsigned
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Fate, Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/sms/(?:2/(?:text|binary)/advanced|3/messages)|/2fa/2/pin")
# Whatever is posted below /sms, and other doors by which texts leave: codes that are sent again, other channels, and
# flows, whose texts are kept at Infobip.
_DOOR = re.compile(
    rb"/sms(?:/.*)?|/2fa/\d+/pin(?:/[^/]+/resend)?|/(?:whatsapp|viber|rcs)/\d+/messages?(?:/.*)?|/(?:mms|omni|ott)/.*"
    rb"|/messages-api/\d+/messages(?:/.*)?|/(?:moments|communication)/\d+/flows/[^/]+/participants"
)
_PREVIEW = b"/sms/1/preview"  # it tells how a text would be split
_BULK = b"/sms/1/bulks/status"
_CODES = b"/2fa/2/pin"  # Infobip words and sends a code of its own
_STOPPED = frozenset({"PAUSED", "CANCELED"})

_MAKING_ONLY = frozenset({b"text"})
_OF_CODE = frozenset({b"to", b"from", b"messageid", b"applicationid"})
_MARKS = (b'"messages"', b'"pinId"')
_GROUP = re.compile(rb'"groupId"\s*:\s*(\d+)')
_REJECTED = b"5"
_OPTED_OUT = re.compile(rb'"id"\s*:\s*14\b')


class Infobip(Unsigned):
    """A refused message is told as Infobip tells of one: its own entry in the answer, in the group REJECTED."""

    name = "infobip"

    def __init__(self) -> None:
        self.holding = InfobipOwn(self.write)

    def claims(self, request: Request) -> bool:
        return request.path != _PREVIEW and may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        if request.path == _BULK:
            _needs_stopping(request)
            return None
        if not _SEND.fullmatch(request.path):
            raise Unreadable("this path is not spelled as a send that is known here; POST to /sms/3/messages")
        drafts = (_code(request),) if request.path == _CODES else messages.read(request)
        return Send(request, drafts, account_of(request.headers))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        request = send.request
        if request.path == _CODES:
            return request
        body = messages.written(request.path, Fields.read(request.body), send.drafts, texts)
        return request if body == request.body else with_body(request, body)

    def verdict(self, response: Response) -> Verdict:
        """Refused where every message of it was: of several, one that was taken may have been sent."""
        verdict = by_mark(response, *_MARKS)
        groups = {found[1] for found in _GROUP.finditer(response.body)}
        return Verdict.REFUSED if verdict is Verdict.ACCEPTED and groups == {_REJECTED} else verdict

    def opted_out(self, response: Response) -> bool:
        return self.verdict(response) is Verdict.REFUSED and bool(_OPTED_OUT.search(uncompressed(response)))

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """The withheld messages stand at their places among Infobip's."""
        # What Infobip has refused has its entry already.
        places = [place for place, outcome in enumerate(outcomes) if outcome.fate is Fate.WITHHELD]
        if not places or self.verdict(carrier) is Verdict.UNKNOWN:
            return carrier
        try:
            fields = Fields.read(carrier.body)
            told = fields.get("messages")
        except Unreadable:
            return carrier
        if told is None or not isinstance(told.value, list):
            return carrier
        entries = {place: as_json(_entry(send, place, *reason_of(outcomes[place]))) for place in places}
        return with_answer(carrier, inserted(fields.document, told, entries))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        if reason in OF_REQUESTS or request.path == _CODES:
            return error(reason, why)
        try:
            send = self.read(request)
        except Unreadable:
            send = None
        if send is None:
            return error(reason, why)
        return rejected_all([_entry(send, place, reason, why) for place in range(len(send.drafts))])

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(Reason.TRY_AGAIN, why, status)

    def hear(self, request: Request) -> Inbound | None:
        return next(iter(self.hear_all(request)), None)

    def hear_all(self, request: Request) -> tuple[Inbound, ...]:
        return webhook.hear_all(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)


def _needs_stopping(request: Request) -> None:
    """Raises Unreadable where a scheduled bulk is not paused or canceled, but is to go on: its hour was decided on."""
    fields = opened(request, frozenset({b"status"}), b"PUT")
    if fields.text("status") not in _STOPPED:
        raise Unreadable("a bulk is paused or canceled only; to send it at another hour, send it anew", field="status")


def _code(request: Request) -> Draft:
    fields = opened(request, _OF_CODE)
    return Draft(fields.needed("to"), sender_of(fields.scalar("from")))


def _entry(send: Send, place: int, reason: Reason, why: str) -> dict[str, object]:
    fields = Fields.read(send.request.body)
    found = [each for message in messages.messages(fields) for each in messages.destinations(message)]
    name = "destination" if send.request.path == messages.LATEST else "to"
    return rejected(reason, why, found[place].scalar("messageId"), (name, send.drafts[place].to))
