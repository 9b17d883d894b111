"""ClickSend's REST API, v3: `POST /v3/sms/send` and `/v3/mms/send`, a list of messages, each with its own answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from gateway.dialects.answers import by_status, uncompressed, withheld
from gateway.dialects.clicksend import webhook
from gateway.dialects.clicksend.errors import error
from gateway.dialects.clicksend.own import ClickSendOwn
from gateway.dialects.clicksend.results import joined
from gateway.dialects.credentials import account_of
from gateway.dialects.documents import Change
from gateway.dialects.heads import with_body
from gateway.dialects.json_posts import Fields, opened
from gateway.dialects.layouts import needed_text
from gateway.dialects.lists import without_others
from gateway.dialects.methods import may_send
from gateway.dialects.paths import meant
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.dialects.unsigned import Unsigned
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_SEND = re.compile(rb"/v3/(sms|mms)/send")
# The same as `settled` leaves it, whatever else may send below, campaigns (whose text and recipients may be edited
# until they leave), and the older API's `send.php`.
_HARMLESS = (
    rb"(?:price|templates(?:/.*)?|history(?:/.*)?|inbound(?:-read)?(?:/.*)?|receipts(?:-read)?(?:/.*)?"
    rb"|cancel-all|email-sms(?:-stripped-strings)?(?:/.*)?|[^/]+/cancel)"
)
_DOOR = re.compile(
    rb"(?:/v\d+)?/[sm]ms(?:/(?!" + _HARMLESS + rb"$).*)?"
    rb"|(?:/v\d+)?/[sm]ms-campaigns/(?!price$|[^/]+/cancel$).*"
    rb"|.*/send\.(?:php|json|xml)"
)

_MAKING = frozenset({b"messages", b"to", b"body", b"list_id", b"media_file"})
_MAKING_ONLY = frozenset({b"messages", b"message", b"body"})
_KEPT_THERE = ("list_id", "contact_id")

# What ClickSend says of a message (M: from memory, but for the first two).
_STATUS = re.compile(rb'"status"\s*:\s*"([A-Z_]+)"')
_TAKEN = b"SUCCESS"
_REFUSED = frozenset(
    b"INVALID_RECIPIENT INVALID_SENDER_ID INSUFFICIENT_CREDIT COUNTRY_NOT_ENABLED EMPTY_MESSAGE INVALID_SCHEDULE "
    b"THROTTLED MISSING_REQUIRED_FIELDS INVALID_MEDIA_FILE SUBJECT_REQUIRED".split()
)
_LONGEST_ANSWER = 16 * 1024 * 1024  # bytes, of the answer to as many messages as a request may hold


class ClickSend(Unsigned):
    """Each message has its own text and its own entry in the answer; where all are refused the SDK raises."""

    name = "clicksend"
    bare_is_international = False

    def __init__(self) -> None:
        self.holding = ClickSendOwn(self.write)

    def claims(self, request: Request) -> bool:
        return may_send(request, _SEND, _DOOR, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _SEND)

    def read(self, request: Request) -> Send | None:
        door = _SEND.fullmatch(request.path)
        if door is None:
            raise Unreadable("this path is not spelled as a send that is known here; POST to /v3/sms/send")
        fields = opened(request, _MAKING)
        media = 1 if door[1] == b"mms" else 0
        if media and not fields.scalar("media_file"):
            raise Unreadable("`media_file` is missing or empty", field="media_file")
        drafts = tuple(_draft(entry, media) for entry in _entries(fields))
        return Send(request, drafts, account_of(request.headers))

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        fields = Fields.read(send.request.body)
        changes = [*without_others(fields, "messages", texts), *_changed(fields, send, texts)]
        return with_body(send.request, fields.document.with_changes(changes)) if changes else send.request

    def verdict(self, response: Response) -> Verdict:
        verdict = by_status(response.status)
        if verdict is not Verdict.ACCEPTED:
            return verdict
        statuses = set(_STATUS.findall(uncompressed(response, _LONGEST_ANSWER)))
        if _TAKEN in statuses:
            return Verdict.ACCEPTED
        return Verdict.REFUSED if statuses and statuses <= _REFUSED else Verdict.UNKNOWN

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        if not withheld(outcomes) or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        return joined(send, outcomes, carrier)

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(reason, why)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(Reason.TRY_AGAIN, why, status)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def silence(self) -> Response:
        return Response(200, ())


def _entries(fields: Fields) -> list[Fields]:
    """The messages. Raises Unreadable where there is none, or too many."""
    nodes = fields.elements("messages")
    if not nodes:
        raise Unreadable("`messages` is missing or empty", field="messages")
    if len(nodes) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} messages; send several requests", field="messages")
    return [Fields.of(fields.document, node, "messages") for node in nodes]


def _draft(entry: Fields, media: int) -> Draft:
    if name := next((name for name in _KEPT_THERE if entry.get(name)), ""):
        why = f"`{name}` names recipients whom ClickSend keeps, and this gateway can't ask; name them in `to`"
        raise Unreadable(why, field=name)
    text = entry.text("body")
    text = (text or "") if media else needed_text(text, "body")
    return Draft(_recipient(entry), sender_of(entry.scalar("from")), text, _schedule(entry), media=media)


def _recipient(entry: Fields) -> str:
    """Raises Unreadable for a national number of a country that the message names: elsewhere it is another's."""
    to = entry.needed("to")
    if entry.scalar("country") and not to.startswith("+"):
        raise Unreadable("`country` makes another number of this one; write it with + and its country code", field="to")
    return to


def _schedule(entry: Fields) -> datetime | None:
    """Unix seconds; 0 is now. Raises Unreadable."""
    given = entry.scalar("schedule")
    if given in {"", "0"}:
        return None
    try:
        return datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable(
            "schedule is no time; write seconds since 1970, such as 1796115600", field="schedule"
        ) from None


def _changed(fields: Fields, send: Send, texts: Mapping[int, str | None]) -> Iterator[Change]:
    entries = _entries(fields)
    for place, new in texts.items():
        if new is not None and new != send.drafts[place].text:
            yield entries[place].with_text("body", new)
