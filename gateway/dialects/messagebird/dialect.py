"""MessageBird's REST API (now Bird): `POST /messages` and `/mms`, JSON both ways, several recipients with one text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import orjson

from gateway.dialects.answers import by_mark, inserted, joined, json_answer, reason_of, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.base import Dialect
from gateway.dialects.documents import Change, Document, Node
from gateway.dialects.heads import with_body
from gateway.dialects.instants import instant_in
from gateway.dialects.json_posts import Fields, opened, text_for_all
from gateway.dialects.layouts import leaves_gsm, needed_text
from gateway.dialects.lists import numbers_in, without_others
from gateway.dialects.messagebird import webhook
from gateway.dialects.messagebird.own import MessageBirdOwn
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/(messages|mms|verify)")
# The same as `settled` leaves it, and whatever may come below; messages of its conversations, and of Bird's newer API.
_DOOR = re.compile(
    rb"(?:/v\d+)?/(?:messages(?:/.*)?|mms(?:/.*)?|verify|send|conversations/(?:start|[^/]+/messages))"
    rb"|/workspaces/[^/]+/.*"
)
_MAKING = frozenset({b"recipients", b"recipient", b"originator", b"body", b"groupids", b"mediaurls", b"type"})
_MAKING_ONLY = frozenset({b"recipients", b"body"})

_SEPARATOR = ","
_TEXTS = frozenset({"", "sms", "flash"})  # types; other verifications call or mail
_FAILED = "delivery_failed"

# MessageBird refuses nobody for an opt-out at once. 422 is one of the few statuses whose text its SDK tells; the
# numbers are of developers.messagebird.com, from memory and unverified: 9 is a missing, 10 an invalid parameter.
_REFUSALS = {
    Reason.SUPPRESSED: (422, 10, "recipient has opted out", "recipients"),
    Reason.BAD_NUMBER: (422, 9, "no (correct) recipients found", "recipients"),
    Reason.BAD_REQUEST: (422, 10, "invalid request", ""),
    Reason.TRY_AGAIN: (500, 99, "internal error, nothing was sent", ""),
}
_REFUSED = (422, 21, "message not sent", "")
_MOST_DIGITS = 15  # of an E.164 number


class MessageBird(Dialect):
    """A refusal raises ErrorException, with our words in its errors' `description`."""

    name = "messagebird"
    signs = True

    def __init__(self) -> None:
        self.holding = MessageBirdOwn(self.write)

    def claims(self, request: Request) -> bool:
        return may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        door = _SEND.fullmatch(request.path)
        if door is None:
            raise Unreadable("this path is not spelled as a send that is known here; POST to /messages")
        fields = opened(request, _MAKING)
        drafts = tuple(_codes(fields) if door[1] == b"verify" else _messages(fields, is_mms=door[1] == b"mms"))
        return Send(request, drafts) if drafts else None

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        changes = [*_fewer(fields, send.drafts, texts), *_changed(fields, send.drafts, texts)]
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, b'"id"')

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        return _counted(joined(answers, _items))

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """The withheld recipients stand at their places among MessageBird's, as those whose delivery has failed."""
        places = withheld(outcomes)
        if not places or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        try:
            document = Document.read(carrier.body)
            items = _items(document)
        except Unreadable:
            return carrier
        if items is None or not isinstance(items.value, list):
            return carrier
        entries = {place: _failed(send.drafts[place].to, reason_of(outcomes[place])[1]) for place in places}
        return _counted(with_answer(carrier, inserted(document, items, entries)))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, code, words, parameter = _REFUSALS.get(reason, _REFUSED)
        return _error(status, code, f"{words}: {why}", field or parameter)

    def away(self, request: Request, status: int, why: str) -> Response:
        return _error(status, 99, why)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, url, secret, now)

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        return webhook.sign(request, url, secret, now)


def _error(status: int, code: int, words: str, parameter: str = "") -> Response:
    return json_answer(status, {"errors": [{"code": code, "description": words, "parameter": parameter or None}]})


def _messages(fields: Fields, *, is_mms: bool) -> Iterator[Draft]:
    groups = fields.get("groupIds")
    if groups and groups.value != []:
        raise Unreadable("who is in a group that MessageBird keeps is not known here; name them", field="groupIds")
    kind, media = fields.text("type") or "", len(fields.elements("mediaUrls"))
    if kind not in _TEXTS | {"binary"} or (is_mms and kind):
        raise Unreadable("this type is unknown here; send sms, flash or binary", field="type")
    text, sender = fields.text("body"), sender_of(fields.scalar("originator"))
    text = (text or "") if is_mms and media else needed_text(text, "body")
    at = fields.text("scheduledDatetime")
    send_at = instant_in(at, "scheduledDatetime") if at else None
    for to in _recipients(fields):
        yield Draft(to, sender, None if kind == "binary" else text, send_at, media=media)


def _recipients(fields: Fields) -> list[str]:
    """An array, or numbers with commas between them, which may be one number that is no string."""
    node = fields.get("recipients")
    if node and isinstance(node.value, list):
        return numbers_in(fields, "recipients")
    found = fields.scalar("recipients").split(_SEPARATOR)
    if not all(to.strip() for to in found):
        raise Unreadable("a recipient is missing or empty", field="recipients")
    if len(found) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests", field="recipients")
    return found


def _codes(fields: Fields) -> Iterator[Draft]:
    """A verification, whose text is MessageBird's; none where it calls or mails."""
    if (fields.text("type") or "") in _TEXTS:
        yield Draft(fields.needed("recipient"), sender_of(fields.scalar("originator")))


def _fewer(fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    node = fields.get("recipients")
    if node and isinstance(node.value, list):
        yield from without_others(fields, "recipients", texts)
    elif len(texts) < len(drafts):
        left = _SEPARATOR.join(drafts[place].to for place in sorted(texts))
        yield fields.put("recipients", fields.document.quoted(left))


def _changed(fields: Fields, drafts: Sequence[Draft], texts: Mapping[int, str | None]) -> Iterator[Change]:
    new = text_for_all(drafts, texts)
    if new is None:
        return
    yield fields.with_text("body", new)
    is_plain = (fields.text("datacoding") or "plain") == "plain" and not drafts[0].media
    if is_plain and leaves_gsm(drafts[0].text or "", new):
        yield fields.put("datacoding", '"unicode"')


def _items(document: Document) -> Node | None:
    recipients = Fields.of(document, document.root, "the answer").inside("recipients")
    return recipients.get("items") if recipients else None


def _failed(to: str, why: str) -> str:
    """MessageBird spells numbers as JSON's. `statusReason` is ours: of the carrier's own values none says so."""
    recipient = int(to) if to.isascii() and to.isdecimal() and len(to) <= _MOST_DIGITS else to
    told = {"recipient": recipient, "status": _FAILED, "statusDatetime": None, "statusReason": why}
    return orjson.dumps(told).decode()


def _counted(answer: Response) -> Response:
    """The answer with its counters as its entries have it; as it is where it can't be read."""
    try:
        document = Document.read(answer.body)
        recipients = Fields.of(document, document.root, "the answer").inside("recipients")
        items = recipients.elements("items") if recipients else []
        statuses = [Fields.of(document, item, "items").text("status") for item in items]
    except Unreadable:
        return answer
    counters = {"totalCount": len(statuses), "totalDeliveryFailedCount": statuses.count(_FAILED)}
    counters["totalSentCount"] = statuses.count("sent")
    changes = [recipients.put(name, str(count)) for name, count in counters.items()] if recipients else []
    return with_answer(answer, document.with_changes(changes))
