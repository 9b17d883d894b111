"""What clients ask Twilio about messages, and answers to it where a message waits here or has an id of ours.

An id is 34 characters: SM, or MM for one with media, and 32 hexadecimal digits. Ours have the very same form, so that
a mapped answer keeps its length. Page tokens (`PASM...`) hold ids, too: these stay the carrier's.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from gateway.dialects import heads
from gateway.dialects.answers import answer, inserted, with_body
from gateway.dialects.documents import Document, Node
from gateway.dialects.forms import Form, with_value, without
from gateway.dialects.heads import OVERRIDES, plainly
from gateway.dialects.holding import Tracking
from gateway.dialects.twilio.errors import error, wants_xml
from gateway.dialects.twilio.resource import account_of, as_json, as_xml, xml_document
from gateway.numbering.senders import plus_restored
from gateway.words.asked import PAGE, Asked, Wish
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.wire import Request, Response

ID_BYTES = 16
OK = 200

_ID = re.compile(rb"(?<![0-9A-Za-z])(?:SM|MM)[0-9a-f]{32}(?![0-9A-Za-z])")
_ACCOUNT = re.compile(rb"/2010-04-01/Accounts/([A-Za-z0-9]+)/")
_LIST = re.compile(rb"/2010-04-01/Accounts/[A-Za-z0-9]+/(?:SMS/)?Messages(?:\.json|\.xml)?")
_ONE = re.compile(rb"/2010-04-01/Accounts/[A-Za-z0-9]+/(?:SMS/)?Messages/((?:SM|MM)[0-9a-f]{32})(\.json|\.xml|/.*)?")
_WISHES = {b"GET": Wish.FETCH, b"POST": Wish.CHANGE, b"DELETE": Wish.DELETE}
_LATER_PAGE = frozenset({b"pagetoken", b"aftersid"})
_WHEN_SENT = frozenset({b"datesent", b"datesent<", b"datesent>"})  # what has not been sent has no such date

_ENTRY = re.compile(rb"<(Message|SMSMessage)>.*?</\1>", re.DOTALL)
_DATES = (re.compile(rb"<DateSent>([^<]+)</DateSent>"), re.compile(rb"<DateCreated>([^<]+)</DateCreated>"))
_LISTED = re.compile(rb"(<(?:SMS)?Messages\b[^>]*?)\s*(/>|>)")
_SIZE = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)  # at most 1000, says Twilio; more than there are is no harm
_VARIABLES = frozenset({b"contentvariables"})  # what fills the gaps of a template that Twilio keeps
_BLANK = b"-"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class TwilioTracking(Tracking):
    """`GET .../Messages.json`, `GET`, `POST` and `DELETE .../Messages/{id}.json`, and the same for XML."""

    def mint(self, send: Send, random: bytes) -> str:
        assert len(random) == ID_BYTES, "16 random bytes make an id"  # noqa: S101
        return ("MM" if send.drafts[0].media else "SM") + random.hex()

    def asks(self, request: Request) -> Asked | None:
        if _LIST.fullmatch(request.path):
            return _listing(request) if request.method == b"GET" else None
        one = _ONE.fullmatch(request.path)
        if one is None:
            return None
        below = (one[2] or b"").startswith(b"/")
        hidden = any(name.lower() in OVERRIDES for name, _ in request.headers)
        wish = Wish.OTHER if below or hidden else _WISHES.get(request.method, Wish.OTHER)
        return Asked(wish, one[1].decode("ascii"))

    def change(self, request: Request) -> Wish:
        try:
            form = Form.read(request.body)
            status, body = form.text_of(b"Status"), form.text_of(b"Body")
        except Unreadable:
            return Wish.OTHER
        if status is not None:
            return Wish.CANCEL if status == "canceled" and body is None else Wish.OTHER
        return Wish.REDACT if body == "" else Wish.OTHER

    def account(self, request: Request) -> str:
        found = _ACCOUNT.match(request.path)
        return found[1].decode("ascii") if found else ""

    def redacted(self, send: Send) -> Request:
        body = without(send.request.body, _VARIABLES)
        if send.drafts[0].text:  # an empty one would be no send
            body = with_value(body, b"Body", _BLANK)
        return heads.with_body(send.request, body)

    def same_account(self, request: Request, kept: Kept) -> bool:
        return self.account(request) == account_of(kept)

    def same_client(self, request: Request, kept: Kept) -> bool:
        asking, sending = (one.header(b"authorization") or b"" for one in (request, kept.send.request))
        return self.same_account(request, kept) and bool(asking) and hmac.compare_digest(asking, sending)

    def resource(self, request: Request, kept: Kept) -> Response:
        return shown(OK, request, kept)

    def deleted(self, request: Request) -> Response:
        return Response(204, ())

    def cannot(self, request: Request, wish: Wish) -> Response:
        if wish is Wish.CANCEL:
            return error(request, 400, 30409, "This message cannot be canceled")
        if wish in {Wish.REDACT, Wish.DELETE}:  # the code is Twilio's, its HTTP status not verified
            return error(request, 409, 20009, "Cannot delete or redact this resource before it is complete")
        return error(request, 400, 20001, "This change of a message is not known")

    def missing(self, request: Request) -> Response:
        path = request.path.decode("latin-1")
        return error(request, 404, 20404, f"The requested resource {path} was not found")

    def merged(self, request: Request, kept: Sequence[Kept], carrier: Response) -> Response:
        ours = [one for one in kept if self.same_account(request, one)]
        if not ours or carrier.status != OK or carrier.header(b"content-encoding"):
            return carrier
        newest_first = sorted(ours, key=lambda one: one.created, reverse=True)
        merge = _merged_xml if wants_xml(request.path) else _merged_json
        body = merge(carrier.body, newest_first)
        return carrier if body is None else with_body(carrier, body)

    def for_carrier(self, request: Request, names: Mapping[str, str]) -> Request:
        path, mark, query = request.target.partition(b"?")
        return plainly(replace(request, target=renamed(path, names) + mark + query))

    def ids_in(self, response: Response) -> tuple[str, ...]:
        if response.header(b"content-encoding"):
            return ()
        return tuple(dict.fromkeys(found.decode("ascii") for found in _ID.findall(response.body)))

    def for_client(self, response: Response, names: Mapping[str, str]) -> Response:
        return replace(response, body=renamed(response.body, names))


def renamed(data: bytes, names: Mapping[str, str]) -> bytes:
    """With these ids in place of others of the same length, wherever they stand for themselves."""
    return _ID.sub(lambda match: names.get(match[0].decode("ascii"), "").encode("ascii") or match[0], data)


def shown(status: int, request: Request, kept: Kept) -> Response:
    """The resource of one message, in the form that this request asks for."""
    if wants_xml(request.path):
        return answer(status, b"application/xml", xml_document(as_xml(kept)))
    return answer(status, b"application/json", as_json(kept))


def _listing(request: Request) -> Asked:
    try:
        form = Form.read(request.query)
        to, sender = form.text_of(b"To") or "", form.text_of(b"From") or ""
        page, size = form.text_of(b"Page") or "0", form.text_of(b"PageSize") or ""
    except Unreadable:  # the carrier will make of it what it will
        return Asked(Wish.LIST)
    first = page == "0" and not form.holding(_LATER_PAGE)
    unsent = first and not form.holding(_WHEN_SENT)
    most = int(size) if _SIZE.fullmatch(size) else PAGE
    return Asked(Wish.LIST, to=plus_restored(to), sender=plus_restored(sender), most=most, unsent=unsent)


def _merged_json(body: bytes, kept: Sequence[Kept]) -> bytes | None:
    try:
        document = Document.read(body)
    except Unreadable:
        return None
    root = document.root.value
    listed = root.get("messages") if isinstance(root, dict) else None
    if listed is None or not isinstance(listed.value, list):
        return None
    places = _places(kept, [_dated(node) for node in listed.value])
    ours = {place: as_json(one).decode() for place, one in zip(places, kept, strict=True)}
    return inserted(document, listed, ours)


def _merged_xml(body: bytes, kept: Sequence[Kept]) -> bytes | None:
    """The same by the elements of a list; Twilio's XML has no other element of these names."""
    head = _LISTED.search(body)
    if head is None:
        return None
    entries = [match[0] for match in _ENTRY.finditer(body)]
    places = _places(kept, [_dated_xml(entry) for entry in entries])
    for place, one in zip(places, kept, strict=True):
        entries.insert(place, as_xml(one).encode())
    tail = b"</Messages>" if b"<Messages" in head[0] else b"</SMSMessages>"
    end = head.end() if head[2] == b"/>" else body.find(tail, head.end()) + len(tail)
    if end < head.end():
        return None
    return body[: head.start()] + head[1] + b">" + b"".join(entries) + tail + body[end:]


def _places(kept: Sequence[Kept], dated: Sequence[datetime | None]) -> Iterator[int]:
    """Where ours stand in the list of all, the newest first: each before the first that is older."""
    at = 0
    for before, one in enumerate(kept):
        while at < len(dated) and (dated[at] or _LONG_AGO) > one.created:
            at += 1
        yield at + before


def _dated(node: Node) -> datetime | None:
    """When it was sent, or else made: Twilio's lists are in that order, the newest first."""
    entry = node.value if isinstance(node.value, dict) else {}
    values = (found.value for key in ("date_sent", "date_created") if (found := entry.get(key)))
    return next((instant_of(value) for value in values if isinstance(value, str)), None)


def _dated_xml(entry: bytes) -> datetime | None:
    dates = (found[1].decode("latin-1") for pattern in _DATES if (found := pattern.search(entry)))
    return next(map(instant_of, dates), None)


def instant_of(date: str) -> datetime | None:
    """A date of Twilio's (RFC 2822); None where it is none."""
    try:
        instant = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
