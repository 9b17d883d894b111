"""Messages for Twilio that leave later: the answer, the request composed anew, and the status callbacks.

Twilio calls a client's StatusCallback itself, with its own id. So a message that was put off leaves with a callback
of ours, and what comes there is passed on with the client's id. A callback that stands at Twilio (of an application
or a messaging service) can't be seen here: it has the carrier's id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

from gateway.dialects.calls import call
from gateway.dialects.forms import Form, with_value, without
from gateway.dialects.heads import FORM, authorized, plainly, with_body, with_header
from gateway.dialects.holding import Holding
from gateway.dialects.twilio.errors import error_code
from gateway.dialects.twilio.resource import account_of, standing
from gateway.dialects.twilio.search import TwilioSearch
from gateway.dialects.twilio.tracking import TwilioTracking, renamed, shown
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Outcome
from gateway.words.wire import Call, Credentials, Request, Response

_SID = re.compile(rb'"sid"\s*:\s*"((?:SM|MM)[0-9a-f]{32})"|<Sid>((?:SM|MM)[0-9a-f]{32})</Sid>')
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SECONDS = re.compile(r"[0-9]{1,5}")
_SECOND = timedelta(seconds=1)
_SOONEST = timedelta(seconds=300)  # a schedule that is less ahead is refused (35115)
_SCHEDULE = frozenset({b"sendat", b"scheduletype"})
# The client's private key made it, over this very request, for an hour at most.
_SIGNED = b"twilio-client-validation"
_LASTING = b"basic "  # an OAuth token is over within the hour

_CALLER = ((b"Content-Type", f"{FORM}; charset=UTF-8".encode()), (b"User-Agent", b"TwilioProxy/1.1"))

Write = Callable[[Send, Mapping[int, str | None]], Request]


class TwilioHolding(Holding):
    """`write` is the dialect's: only the text is new in what it gives."""

    fleeting = "an OAuth token"

    def __init__(self, write: Write) -> None:
        self._write = write
        self.tracking = TwilioTracking()
        self.search = TwilioSearch()

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        request = send.request
        if request.header(_SIGNED) is not None:
            return False
        if credentials is None and not _own(request).lower().startswith(_LASTING):
            return False
        try:
            _callback_url(request)
            self.valid_for(send)
        except Unreadable:
            return False
        return True

    def valid_for(self, send: Send) -> timedelta | None:
        """Its ValidityPeriod, in seconds: Twilio counts these from when it has the message, the client from now."""
        given = Form.read(send.request.body).text_of(b"ValidityPeriod") or ""
        if not given:
            return None
        if not _SECONDS.fullmatch(given):
            raise Unreadable("ValidityPeriod is no number of seconds; write 1 to 36000", field="ValidityPeriod")
        return timedelta(seconds=int(given))

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        return shown(201, kept[0].send.request, kept[0])

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """A schedule that is still to come stays; ask `waits_for` first. What is left of a ValidityPeriod stays."""
        request = plainly(self._write(kept.send, {0: kept.text}))
        if kept.draft.send_at and kept.draft.send_at <= now:
            request = with_body(request, without(request.body, _SCHEDULE))
        if valid := self.valid_for(kept.send):
            left = max(1, (kept.created + valid - now) // _SECOND)
            request = with_body(request, with_value(request.body, b"ValidityPeriod", b"%d" % left))
        return request if credentials is None else authorized(request, credentials)

    def waits_for(self, send_at: datetime | None, now: datetime) -> datetime | None:
        return send_at if send_at and now < send_at < now + _SOONEST else None

    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        if not _ACCOUNT.fullmatch(credentials.user):
            raise Unreadable("the credentials' user is no account's SID (AC...), which a text of our own needs")
        if sender.kind is SenderKind.NONE:
            raise Unreadable("Twilio sends nothing without a sender", field="From")
        source = "MessagingServiceSid" if sender.kind is SenderKind.POOL else "From"
        body = urlencode({"To": to, source: sender.value, "Body": text}).encode("ascii")
        headers = ((b"Content-Type", FORM.encode()), (b"Content-Length", b"%d" % len(body)))
        target = f"/2010-04-01/Accounts/{credentials.user}/Messages.json"
        return authorized(Request(b"POST", target.encode("ascii"), headers, body), credentials)

    def with_callback(self, request: Request, url: str) -> Request:
        if not _callback_url(request):
            return request
        return with_body(request, with_value(request.body, b"StatusCallback", url.encode()))

    def callback(self, kept: Kept) -> Call | None:
        fields = _told(kept)
        token = uuid5(NAMESPACE_URL, f"{kept.minted}/{fields['MessageStatus']}")  # the same where it is told again
        headers = (*_CALLER, (b"I-Twilio-Idempotency-Token", str(token).encode()))
        return _posted(kept, headers, urlencode(fields).encode())

    def passed_on(self, kept: Kept, called: Request, names: Mapping[str, str]) -> Call | None:
        headers = tuple((name, value) for name, value in called.headers if name.lower() != b"host")
        return _posted(kept, headers, renamed(called.body, names))

    def accepted_id(self, response: Response) -> str:
        return _first(_SID, response.body)

    def refusal_code(self, response: Response) -> str:
        return str(error_code(response) or "")


def _own(request: Request) -> bytes:
    return request.header(b"authorization") or b""


def _callback_url(request: Request) -> str:
    """Where the client wants to be told; "" where it does not. Raises Unreadable where that can be read in two ways."""
    return Form.read(request.body).text_of(b"StatusCallback") or ""


def _posted(kept: Kept, headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> Call | None:
    """To the client's own URL; None where it named none."""
    url = _callback_url(kept.send.request)
    length = with_header(headers, b"Content-Length", b"%d" % len(body))
    return call(b"POST", url, length, body)


def _told(kept: Kept) -> dict[str, str]:
    """The fields of a status callback, in Twilio's order."""
    now, sender = standing(kept), kept.draft.sender
    pool = sender.kind is SenderKind.POOL
    return {
        "ApiVersion": "2010-04-01",
        "MessageStatus": now.status,
        "SmsSid": kept.minted,
        "SmsStatus": now.status,
        **({"MessagingServiceSid": sender.value} if pool else {"From": sender.value}),
        "To": kept.draft.to,
        "MessageSid": kept.minted,
        "AccountSid": account_of(kept),
        **({"ErrorCode": str(now.code)} if now.code else {}),
    }


def _first(pattern: re.Pattern[bytes], body: bytes) -> str:
    found = pattern.search(body)
    return "" if found is None else (found[1] or found[2]).decode("ascii")
