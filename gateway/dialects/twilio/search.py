"""A message in doubt, looked for in the list of the messages that its recipient was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import orjson

from gateway.dialects.forms import Form
from gateway.dialects.heads import authorized, plainly
from gateway.dialects.holding import Search
from gateway.dialects.twilio.resource import account_of
from gateway.dialects.twilio.tracking import OK, instant_of
from gateway.words.kept import Kept
from gateway.words.wire import Credentials, Request, Response

PAGE = 1000  # messages: as many as a page may hold

_CHANGING = frozenset({b"smartencoded", b"shortenurls"})
_OF_A_BODY = frozenset({b"content-type", b"content-length", b"content-encoding", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class _Listed:
    id: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True)
class _Page:
    listed: list[_Listed]
    goes_on: bool


class TwilioSearch(Search):
    """Doubt stays where Twilio keeps the text, was asked to change it, or spells the recipient in another way."""

    def can_tell(self, kept: Kept) -> bool:
        return bool(kept.text) and kept.draft.to.startswith("+") and not _changed(kept)

    def asked(self, kept: Kept, credentials: Credentials | None) -> Request:
        query = urlencode({"To": kept.draft.to, "PageSize": PAGE})
        target = f"/2010-04-01/Accounts/{account_of(kept)}/Messages.json?{query}"
        headers = tuple(pair for pair in kept.send.request.headers if pair[0].lower() not in _OF_A_BODY)
        request = plainly(Request(b"GET", target.encode("ascii"), headers))
        return request if credentials is None else authorized(request, credentials)

    def found(self, kept: Kept, response: Response, since: datetime) -> tuple[str, ...] | None:
        page = _read(response)
        if page is None or not kept.text:
            return None
        sought = kept.text.split()  # Twilio trims texts
        found = tuple(one.id for one in page.listed if one.created >= since and one.text.split() == sought)
        return found if found or not page.goes_on else None


def _changed(kept: Kept) -> bool:
    """Whether Twilio may have been asked to change the text."""
    return bool(Form.read(kept.send.request.body).holding(_CHANGING))


def _read(response: Response) -> _Page | None:
    """The page, if everything in it is as it should be."""
    if response.status != OK:
        return None
    try:
        page = orjson.loads(response.body)
        listed = [_listed(entry) for entry in page["messages"]]
        return _Page(listed, bool(page["next_page_uri"]))
    except (ValueError, LookupError, TypeError):
        return None


def _listed(entry: Mapping[str, object]) -> _Listed:
    created = instant_of(str(entry["date_created"]))
    if created is None:
        raise ValueError("a message without a date")
    # Dates are in whole seconds: a message of this second may be one of the next moment.
    return _Listed(str(entry["sid"]), str(entry["body"]), created.replace(microsecond=999_999))
