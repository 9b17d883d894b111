"""Messages for Kannel that leave later: the answer, the request composed anew, and the delivery reports.

Kannel tells no ids in its answers (a copy may), so that its own reports reach a client as they are: nothing in them
needs another name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

from gateway.dialects.answers import PLAIN, answer, with_body
from gateway.dialects.calls import call
from gateway.dialects.heads import plainly
from gateway.dialects.holding import Holding
from gateway.dialects.kannel.answers import QUEUED, with_denied
from gateway.dialects.kannel.options import DEFERRED, DLR_MASK, DLR_URL, SECRET, USER, VALIDITY, Option, options_in
from gateway.dialects.kannel.receipts import report
from gateway.dialects.kannel.spellings import UNICODE, Spelling
from gateway.text.alphabet import is_gsm7
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Call, Credentials, Request, Response

ACCEPTED = 202

_UUID = re.compile(rb"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_MINUTES = re.compile(r"[0-9]{1,7}")
_MINUTE = timedelta(minutes=1)
_READ = (USER, SECRET, DLR_MASK, DLR_URL)
# Certainly not sent. One in doubt is in neither list: who is told that it was denied sends it again.
_DENIED = frozenset({Fate.WITHHELD, Fate.REFUSED, Fate.UNSENT})

Write = Callable[[Send, Mapping[int, str | None]], Request]


class KannelHolding(Holding):
    """All three are the dialect's: where it is sent to, how a text is changed, and where a request has its fields."""

    def __init__(self, path: str, write: Write, spelling: Callable[[Request], Spelling]) -> None:
        self._path = path
        self._write = write
        self._spelling = spelling

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        """User and password do not end by themselves, so that the client's own will do."""
        try:
            for option in _READ:
                self._value(send.request, option)
            self.valid_for(send)
        except Unreadable:
            return False
        return True

    def valid_for(self, send: Send) -> timedelta | None:
        """Its `validity`, in minutes: Kannel counts these from when it has the message, the client from now."""
        given = self._value(send.request, VALIDITY)
        if not given:
            return None
        if not _MINUTES.fullmatch(given):
            raise Unreadable("Validity field misformed, rejected: write minutes in digits", field="validity")
        return timedelta(minutes=int(given))

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        """Whatever became of the others, it is an acceptance: who sends all of it again sends ours twice."""
        drafts = kept[0].send.drafts
        denied = [draft.to for draft, outcome in zip(drafts, outcomes, strict=True) if outcome.fate in _DENIED]
        if carrier is None or not any(outcome.fate is Fate.SENT for outcome in outcomes):
            return answer(ACCEPTED, PLAIN, with_denied(QUEUED, denied) if denied else QUEUED)
        return with_body(carrier, with_denied(carrier.body, denied)) if denied else carrier

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """`deferred` and `validity` count from when the client sent it: what is left of them stays."""
        request = plainly(self._write(kept.send, {kept.place: kept.text}))
        options = options_in(self._spelling(request))
        if kept.draft.delay is not None:
            left = -((now - kept.created - kept.draft.delay) // _MINUTE)  # whole minutes, rounded up
            request = options.put(request, DEFERRED, str(left)) if left > 0 else options.drop(request, DEFERRED)
        if valid := self.valid_for(kept.send):
            request = options.put(request, VALIDITY, str(max(1, (kept.created + valid - now) // _MINUTE)))
        if credentials is None:
            return request
        return options.put(options.put(request, USER, credentials.user), SECRET, credentials.secret)

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        fields = {"username": credentials.user, "password": credentials.secret, "to": to, "text": text}
        if sender.kind is not SenderKind.NONE:
            fields["from"] = sender.value
        coding = {} if is_gsm7(text) else {"coding": "2"}
        query = urlencode({**fields, "charset": UNICODE, **coding})
        return Request(b"GET", f"{self._path}?{query}".encode("ascii"), ())

    def with_callback(self, request: Request, url: str) -> Request:
        return request

    def callback(self, kept: Kept) -> Call | None:
        request = kept.send.request
        url = report(kept, self._value(request, DLR_MASK), self._value(request, DLR_URL))
        return call(b"GET", url, ((b"User-Agent", b"Kannel"),))

    def accepted_id(self, response: Response) -> str:
        """The UUID that a copy of Kannel's may put into its answer."""
        found = _UUID.search(response.body)
        return found[0].decode("ascii") if found else ""

    def _value(self, request: Request, option: Option) -> str:
        return options_in(self._spelling(request)).value(request, option)
