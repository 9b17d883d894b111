"""Telnyx's list of opt-outs: `GET /v2/messaging_optouts`, paged. It can only be read: its API takes no opt-outs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.dialects.optout_list import OptOutList, Page, TheirOptOut
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request, Response

PAGE = 250  # entries that are asked for at once


class TelnyxOptOuts(OptOutList):
    """The credentials' secret is an API key (v2). An opt-out blocks one sender, or a whole messaging profile."""

    def page(self, which: str, credentials: Credentials) -> Request:
        asked = {"page[number]": which or "1", "page[size]": PAGE, "redaction_enabled": "false"}
        headers = ((b"Authorization", f"Bearer {credentials.secret}".encode()), (b"Accept", b"application/json"))
        return Request(b"GET", f"/v2/messaging_optouts?{urlencode(asked)}".encode(), headers)

    def read(self, response: Response) -> Page:
        try:
            told = orjson.loads(response.body)
            opt_outs = tuple(map(_opt_out, told["data"]))
            number, pages = int(told["meta"]["page_number"]), int(told["meta"]["total_pages"])
        except (ValueError, KeyError, TypeError):
            raise Unreadable("the answer is no page of opt-outs: is the upstream's url that of the carrier?") from None
        return Page(opt_outs, str(number + 1) if number < pages else "")


def _opt_out(entry: Any) -> TheirOptOut:
    sender = entry.get("from") or entry.get("messaging_profile_id") or ""
    return TheirOptOut(str(entry["to"]), str(sender), _instant(entry.get("created_at")))


def _instant(written: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
