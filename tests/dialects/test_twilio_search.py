from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.dialects.twilio.dialect import Twilio
from gateway.words.decision import State
from gateway.words.kept import Kept
from gateway.words.wire import Credentials, Request, Response
from tests.captures import request
from tests.dialects import values
from tests.dialects.test_twilio import ANN, GSM, posted
from tests.dialects.values import PUT_OFF

TWILIO = Twilio()
SEARCH = TWILIO.holding.search
KEY = Credentials("AC" + "0" * 32, "token")
SINCE = PUT_OFF + timedelta(milliseconds=400)
FIRST, SECOND = "SM" + "1" * 32, "SM" + "2" * 32


def doubted(sent: Request = GSM) -> Kept:
    return values.kept(TWILIO, sent, state=State.IN_DOUBT)


def page(*messages: tuple[str, str | None, str], more: bool = False) -> Response:
    """Each by its id, its text (None: that of the message sought), and when it was made."""
    listed = [
        {"sid": sid, "body": doubted().text if text is None else text, "date_created": f"Tue, 24 Nov 2026 {at} +0000"}
        for sid, text, at in messages
    ]
    return Response(200, (), json.dumps({"messages": listed, "next_page_uri": "/x" if more else None}).encode())


def test_the_carrier_is_asked_for_what_the_recipient_was_sent():
    asked = SEARCH.asked(doubted(), KEY)
    assert asked.method == b"GET"
    assert asked.target == GSM.target + b"?To=%2B12025550123&PageSize=1000"
    assert asked.header(b"authorization").startswith(b"Basic ")
    assert asked.header(b"accept-encoding") == b"identity"
    assert (asked.body, asked.header(b"content-length"), asked.header(b"content-type")) == (b"", None, None)


def test_without_configured_credentials_the_clients_own_ask():
    assert SEARCH.asked(doubted(), None).header(b"authorization") == GSM.header(b"authorization")


def test_who_sends_in_xml_is_looked_for_in_json():
    old = replace(GSM, target=GSM.target.replace(b"/Messages.json", b"/SMS/Messages"))
    assert SEARCH.asked(doubted(old), KEY).path == GSM.target


@pytest.mark.parametrize(
    ("situation", "answer", "found"),
    [
        ("it is there", page((FIRST, None, "02:30:01")), (FIRST,)),
        ("it was made in the very second", page((FIRST, None, "02:30:00")), (FIRST,)),
        ("two of them are there", page((SECOND, None, "02:31:00"), (FIRST, None, "02:30:01")), (SECOND, FIRST)),
        ("an older one is there", page((FIRST, None, "02:29:59")), ()),
        ("another text", page((FIRST, "Hi", "02:30:01")), ()),
        ("nothing", page(), ()),
        ("it is on a page that is not the last", page((FIRST, None, "02:30:01"), more=True), (FIRST,)),
        ("it may be on the next page", page((FIRST, "Hi", "02:30:01"), more=True), None),
        ("an error", Response(401, (), page().body), None),
        ("not JSON", Response(200, (), b"<html>"), None),
        ("no list", Response(200, (), b'{"messages": null}'), None),
        ("a message without a date", page((FIRST, None, "late")), None),
    ],
)
def test_the_answer_says_whether_the_message_was_sent_or_that_it_cannot_tell(situation, answer, found):
    assert SEARCH.found(doubted(), answer, SINCE) == found


def test_white_space_that_a_carrier_trims_makes_no_other_text():
    answer = page((FIRST, f" {doubted().text}\n", "02:30:01"))
    assert SEARCH.found(doubted(), answer, SINCE) == (FIRST,)


@pytest.mark.parametrize(
    ("situation", "sent"),
    [
        ("a template", request("twilio-content-template")),
        ("media without a text", posted(f"To=%2B{ANN[1:]}&From=1&MediaUrl=https%3A%2F%2Fa%2Fb.png")),
        ("a text that the carrier may fold", request("twilio-status-callback")),
        ("a recipient without its plus", posted(f"To={ANN[1:]}&From=1&Body=Hi")),
    ],
)
def test_doubt_stays_where_an_empty_list_proves_nothing(situation, sent):
    assert not SEARCH.can_tell(doubted(sent))


def test_any_other_text_to_a_number_in_full_can_be_told_from_others():
    assert SEARCH.can_tell(doubted())
