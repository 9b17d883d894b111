"""Twilio's Message resource, as JSON and as XML: what the API says of one message.

Key by key it is what Twilio answers to the same send. XML is the older form, kept up by the API though its SDKs ask
for JSON only; its element names follow Twilio's documentation and were not seen on the wire.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import NamedTuple
from xml.sax.saxutils import escape

import orjson

from gateway.text.segments import segments
from gateway.words.decision import Reason, State
from gateway.words.kept import Ended, Kept
from gateway.words.number import SenderKind

_SEND_PATH = re.compile(rb"(/2010-04-01/Accounts/([A-Za-z0-9]+)/(?:SMS/)?Messages)(\.json|\.xml)?")
_XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Standing(NamedTuple):
    """What the carrier would say of a message: its status, and the code and text of its error."""

    status: str
    code: int | None = None
    message: str | None = None


_STATUSES = {
    State.RESERVED: "sending",
    State.SENDING: "sending",
    State.IN_DOUBT: "sending",  # who knows; it is neither sent nor failed
    State.SENT: "sent",
    State.REFUSED: "failed",
    State.DROPPED: "canceled",
}

_EXPIRED = (30036, "Validity Period Expired")
_FILTERED = (30007, "Message filtered")
_UNROUTABLE = (21612, "The message cannot be sent with this combination of 'To' and 'From'")

# Codes of twilio.com/docs/api/errors. A message that never left Twilio has `failed`; `undelivered` is for what a
# network sent back. That Twilio itself would give 30007 for a template's sake is not verified.
_FAILURES: dict[Reason | Ended | None, tuple[int, str]] = {
    Reason.SUPPRESSED: (21610, "Attempt to send to unsubscribed recipient"),
    Reason.BAD_NUMBER: (21211, "The 'To' number is not a valid phone number"),
    Reason.CONTENT: _FILTERED,
    Reason.TEMPLATE: _FILTERED,
    Reason.HOURS: _EXPIRED,  # no hour came in which it might have left
    Ended.EXPIRED: _EXPIRED,
}
_TAKEN_BACK = frozenset({None, Ended.CANCELED, Ended.DUPLICATE})


def standing(kept: Kept) -> Standing:
    """What the carrier would say of this message now."""
    if kept.state in {State.WAITING, State.LEASED}:
        return Standing(_waiting(kept))
    if kept.state is State.REFUSED:
        return Standing("failed", int(kept.code) if kept.code.isdecimal() else None)
    if kept.state is State.DROPPED and kept.ended not in _TAKEN_BACK:
        return Standing("failed", *_FAILURES.get(kept.ended, _UNROUTABLE))
    return Standing(_STATUSES[kept.state])


def _waiting(kept: Kept) -> str:
    if kept.draft.send_at:
        return "scheduled"
    return "accepted" if kept.draft.sender.kind is SenderKind.POOL else "queued"


def as_json(kept: Kept) -> bytes:
    """The resource as one JSON object."""
    return orjson.dumps(_fields(kept, ".json"))


def as_xml(kept: Kept) -> str:
    """The resource as one XML element."""
    tag = "SMSMessage" if b"/SMS/" in kept.send.request.path else "Message"
    children = "".join(_element(name, value) for name, value in _fields(kept, "").items())
    return f"<{tag}>{children}</{tag}>"


def xml_document(content: str) -> bytes:
    return f"{_XML_HEAD}<TwilioResponse>{content}</TwilioResponse>".encode()


def account_of(kept: Kept) -> str:
    """The account that sends, as the request's path names it."""
    return _parts(kept)[1]


def _fields(kept: Kept, suffix: str) -> dict[str, object]:
    base, account = _parts(kept)
    address, pool = f"{base}/{kept.minted}", kept.draft.sender.kind is SenderKind.POOL
    status, code, message = standing(kept)
    sender = kept.draft.sender.value or None
    return {
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": kept.text or "",
        "date_created": _date(kept.created),
        "date_sent": None,
        "date_updated": _date(kept.changed),
        "direction": "outbound-api",
        "error_code": code,
        "error_message": message,
        "from": None if pool else sender,
        "messaging_service_sid": sender if pool else None,
        "num_media": str(kept.draft.media),
        "num_segments": "0" if pool else str(segments(kept.text or "").count),  # a service has not chosen a sender yet
        "price": None,
        "price_unit": "USD",
        "sid": kept.minted,
        "status": status,
        "subresource_uris": {"media": f"{address}/Media{suffix}"},
        "to": kept.draft.to,
        "uri": address + suffix,
    }


def _parts(kept: Kept) -> tuple[str, str]:
    """Path without its format, and account. Only a send on a path of Twilio's can have been read."""
    found = _SEND_PATH.fullmatch(kept.send.request.path)
    assert found is not None  # noqa: S101
    return found[1].decode("ascii"), found[2].decode("ascii")


def _date(instant: datetime) -> str:
    """RFC 2822, in UTC: `Tue, 24 Nov 2026 02:30:00 +0000`."""
    return format_datetime(instant.astimezone(UTC))


def _element(name: str, value: object) -> str:
    tag = "".join(word.capitalize() for word in name.split("_"))
    if isinstance(value, dict):
        return f"<{tag}>{''.join(_element(key, inner) for key, inner in value.items())}</{tag}>"
    return f"<{tag}/>" if value is None else f"<{tag}>{escape(str(value))}</{tag}>"
