"""Messages that wait here for carriers which give each message an id of its own: what these carriers share.

Ids that we mint have the form of the carrier's. Where a client names a URL for its receipts, the message leaves with
one of ours in its place; what comes there is passed on with the client's id. A URL that is kept at the carrier can't
be seen here: what comes there has the carrier's id. So have its lists, in which stands only what has left.
"""

from __future__ import annotations

import hmac
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from gateway.dialects.answers import json_answer
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.calls import call
from gateway.dialects.credentials import account_of
from gateway.dialects.heads import OVERRIDES, plainly, with_body, with_header
from gateway.dialects.holding import Tracking
from gateway.dialects.json_posts import Fields
from gateway.dialects.own_texts import OwnTexts, Write
from gateway.words.asked import Asked, Wish
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.outcome import Outcome
from gateway.words.wire import Call, Credentials, Headers, Request, Response

UUIDS = re.compile(rb"(?<![0-9A-Za-z-])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z-])")

_BLANK = "-"
_OK, _GONE = 200, 204


class ById(Tracking):
    """What a client can ask for is a message's own resource: by GET, and where the carrier lets it, DELETE cancels."""

    ONE: re.Pattern[bytes]  # the resource's path; its first group is the id
    IDS: ClassVar[re.Pattern[bytes]] = UUIDS  # an id, wherever one stands
    cancels = False  # True: DELETE takes a message back that waits

    def __init__(self, write: Write) -> None:
        self._write = write

    @abstractmethod
    def shown(self, kept: Kept) -> dict[str, object]:
        """The resource of a message, as the carrier tells it."""

    @abstractmethod
    def error(self, request: Request, status: int, why: str) -> Response:
        """In the carrier's form."""

    def mint(self, send: Send, random: bytes) -> str:
        return str(UUID(bytes=random, version=4))

    def asks(self, request: Request) -> Asked | None:
        one = self.ONE.fullmatch(request.path)
        if one is None:
            return None
        hidden = any(name.lower() in OVERRIDES for name, _ in request.headers)
        wishes = {b"GET": Wish.FETCH, b"DELETE": Wish.CANCEL if self.cancels else Wish.OTHER}
        return Asked(Wish.OTHER if hidden else wishes.get(request.method, Wish.OTHER), one[1].decode("ascii"))

    def change(self, request: Request) -> Wish:
        return Wish.OTHER

    def account(self, request: Request) -> str:
        return account_of(request.headers)

    def redacted(self, send: Send) -> Request:
        return self._write(send, {place: draft.text and _BLANK for place, draft in enumerate(send.drafts)})

    def same_account(self, request: Request, kept: Kept) -> bool:
        return self.account(request) == self.account(kept.send.request)

    def same_client(self, request: Request, kept: Kept) -> bool:
        asking, sending = (one.header(b"authorization") or b"" for one in (request, kept.send.request))
        return self.same_account(request, kept) and bool(asking) and hmac.compare_digest(asking, sending)

    def resource(self, request: Request, kept: Kept) -> Response:
        return json_answer(_OK, self.shown(kept))

    def deleted(self, request: Request) -> Response:
        return Response(_GONE, ())

    def cannot(self, request: Request, wish: Wish) -> Response:
        return self.error(request, 400, "this message can't be changed so, or not any more")

    def missing(self, request: Request) -> Response:
        return self.error(request, 404, "there is no such message")

    def merged(self, request: Request, kept: Sequence[Kept], carrier: Response) -> Response:
        return carrier

    def for_carrier(self, request: Request, names: Mapping[str, str]) -> Request:
        path, mark, query = request.target.partition(b"?")
        return plainly(replace(request, target=self.renamed(path, names) + mark + query))

    def ids_in(self, response: Response) -> tuple[str, ...]:
        if response.header(b"content-encoding"):
            return ()
        return tuple(dict.fromkeys(found.decode("ascii") for found in self.IDS.findall(response.body)))

    def for_client(self, response: Response, names: Mapping[str, str]) -> Response:
        body = self.renamed(response.body, names)
        return with_answer(response, body) if len(body) != len(response.body) else replace(response, body=body)

    def renamed(self, data: bytes, names: Mapping[str, str]) -> bytes:
        """With these ids in place of others, wherever they stand for themselves."""
        return self.IDS.sub(lambda match: names.get(match[0].decode("ascii"), "").encode("ascii") or match[0], data)


class Waiting(OwnTexts):
    """Whoever writes for people gives each of them an id, and tells of it where it is asked to."""

    CALLBACK: str  # the member of a send in JSON that names where receipts are to go
    STATUS: ClassVar[int] = 200  # of the answer to a send

    def __init__(self, write: Write, tracking: ById) -> None:
        super().__init__(write)
        self.tracking: ById = tracking

    @abstractmethod
    def receipt(self, kept: Kept) -> tuple[bytes, bytes]:
        """The receipt of a message that failed here, as the carrier would tell of it: content type and body."""

    def callback_url(self, request: Request) -> str:
        """Where the client wants to be told; "" where it does not. Raises Unreadable where that can't be read."""
        return Fields.read(request.body).text(self.CALLBACK) or ""

    def lasts(self, request: Request) -> bool:
        """Whether the client's own credentials will do when the message leaves."""
        return bool(request.header(b"authorization"))

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        if any(draft.text is None for draft in send.drafts):
            return False
        try:
            self.callback_url(send.request)
            self.valid_for(send)
        except Unreadable:
            return False
        return credentials is not None or self.lasts(send.request)

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        return json_answer(self.STATUS, self.tracking.shown(kept[0]))

    def with_callback(self, request: Request, url: str) -> Request:
        if not self.callback_url(request):
            return request
        fields = Fields.read(request.body)
        return with_body(request, fields.document.with_changes([fields.with_text(self.CALLBACK, url)]))

    def callback_method(self, request: Request) -> bytes:
        """How the client wants to be called."""
        return b"POST"

    def callback(self, kept: Kept) -> Call | None:
        kind, told = self.receipt(kept)
        return self._call(kept, self.callback_method(kept.send.request), ((b"Content-Type", kind),), told)

    def passed_on(self, kept: Kept, called: Request, names: Mapping[str, str]) -> Call | None:
        headers = tuple((name, value) for name, value in called.headers if name.lower() != b"host")
        told = called.query if called.method == b"GET" else called.body
        return self._call(kept, called.method, headers, self.tracking.renamed(told, names))

    def _call(self, kept: Kept, method: bytes, headers: Headers, told: bytes) -> Call | None:
        """To the client's own URL; None where it named none."""
        url = self.callback_url(kept.send.request)
        if method == b"GET":
            mark = "&" if urlsplit(url).query else "?"
            return call(method, f"{url}{mark}{told.decode('latin-1')}", headers) if url else None
        return call(method, url, with_header(headers, b"Content-Length", b"%d" % len(told)), told)
