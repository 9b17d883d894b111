"""Telnyx's list of opt-outs, as its reference shows it."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from gateway.dialects.optout_list import Page, TheirOptOut
from gateway.dialects.telnyx.optouts import TelnyxOptOuts
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Response

LIST = TelnyxOptOuts()
ENTRY = {
    "from": "+18335550100",
    "to": "+12125550100",
    "messaging_profile_id": "16fd2706-8baf-433b-82eb-8c7fada847da",
    "keyword": "STOP",
    "created_at": "2025-04-28 12:00:38.631252+00:00",
}
AT = datetime(2025, 4, 28, 12, 0, 38, 631252, UTC)


def answered(*entries: dict[str, object], page: int = 1, pages: int = 1) -> Response:
    meta = {"total_pages": pages, "total_results": 55, "page_number": page, "page_size": 250}
    return Response(200, (), orjson.dumps({"data": entries, "meta": meta}))


def test_pages_are_asked_for_with_the_key_and_the_numbers_whole():
    request = LIST.page("", Credentials("", "KEY0123"))
    assert request.target == b"/v2/messaging_optouts?page%5Bnumber%5D=1&page%5Bsize%5D=250&redaction_enabled=false"
    assert request.header(b"authorization") == b"Bearer KEY0123"
    assert b"page%5Bnumber%5D=7&" in LIST.page("7", Credentials("", "KEY0123")).target


@pytest.mark.parametrize(
    ("situation", "entry", "read"),
    [
        ("as it is shown", ENTRY, TheirOptOut("+12125550100", "+18335550100", AT)),
        (
            "of a whole profile",
            {**ENTRY, "from": None},
            TheirOptOut("+12125550100", "16fd2706-8baf-433b-82eb-8c7fada847da", AT),
        ),
        ("of nobody knows when", {**ENTRY, "created_at": None}, TheirOptOut("+12125550100", "+18335550100", None)),
    ],
)
def test_an_entry_says_who_whom_and_since_when(situation, entry, read):
    assert LIST.read(answered(entry)) == Page((read,))


def test_a_page_is_followed_by_the_next_until_the_last():
    assert LIST.read(answered(page=2, pages=3)).following == "3"
    assert LIST.read(answered(page=3, pages=3)).following == ""
    assert LIST.read(answered(page=1, pages=0)).following == "", "the list is empty"


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"data":[{}],"meta":{"page_number":1,"total_pages":1}}', b"[]"])
def test_what_is_no_page_is_not_taken_for_an_empty_list(body):
    with pytest.raises(Unreadable):
        LIST.read(Response(200, (), body))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (((b"Retry-After", b"3"),), 3.0),
        (((b"x-ratelimit-reset", b"5"),), 5.0),
        (((b"Retry-After", b"86400"),), 60.0),
        ((), 1.0),
    ],
)
def test_who_asks_too_often_waits_as_long_as_it_is_told(headers, seconds):
    assert LIST.wait(Response(429, headers)) == seconds
