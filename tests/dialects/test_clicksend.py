from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.dialects.clicksend.dialect import ClickSend
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, length_of, outcomes, read, with_header

CLICKSEND = ClickSend()
ANN, MIA = "+12025550123", "+61491570156"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
GSM, MULTI = request("clicksend-gsm"), request("clicksend-multi")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def posted(body: object, target: bytes = b"/v3/sms/send") -> Request:
    return replace(GSM, target=target, body=json.dumps(body).encode())


def message(**fields: object) -> dict[str, object]:
    return {"to": ANN, "body": "Hello", **fields}


def test_each_recipient_may_get_a_text_of_its_own_in_one_request():
    after = CLICKSEND.write(read(CLICKSEND, MULTI), {0: HI + " Stop", 1: BONJOUR + " Arret"})
    assert [draft.text for draft in read(CLICKSEND, after).drafts] == [HI + " Stop", BONJOUR + " Arret"]


def test_a_withheld_message_is_taken_out_and_stands_at_its_place_in_the_answer():
    body = {"messages": [message(custom_string="a"), message(to=MIA, custom_string="b")]}
    send, carrier = read(CLICKSEND, posted(body)), response("clicksend-gsm")
    after = json.loads(CLICKSEND.write(send, {1: "Hello"}).body)
    assert after == {"messages": body["messages"][1:]}
    answer = CLICKSEND.answer(send, outcomes(send, 0), carrier)
    told = json.loads(answer.body)
    assert told["data"]["total_count"] == 2
    first, second = told["data"]["messages"]
    assert (first["to"], first["custom_string"], first["status"]) == (ANN, "a", "INVALID_RECIPIENT")
    assert "opted out" in first["error_text"]
    assert [second] == json.loads(carrier.body)["data"]["messages"]
    assert length_of(Request(b"", b"", answer.headers)) == str(len(answer.body)).encode()
    assert CLICKSEND.answer(send, outcomes(send), carrier) is carrier


def test_an_answer_that_can_not_be_read_stays_as_it_is():
    send = read(CLICKSEND, MULTI)
    for body in (b'{"data": {"messages": {}, "x": {"status": "SUCCESS"}}}', b'"status": "SUCCESS"', b"<html>"):
        carrier = Response(200, (), body)
        assert CLICKSEND.answer(send, outcomes(send, 0), carrier) is carrier


def test_media_is_counted_and_needs_no_text():
    pictured = {"media_file": "https://example.com/a.jpg", "messages": [{"to": ANN, "from": SHOP.value}]}
    send = read(CLICKSEND, posted(pictured, b"/v3/mms/send"))
    assert send.drafts == (Draft(ANN, SHOP, "", media=1),)
    assert json.loads(CLICKSEND.write(send, {0: "STOP=end"}).body)["messages"][0]["body"] == "STOP=end"
    with pytest.raises(Unreadable, match="media_file"):
        CLICKSEND.read(posted({"messages": [message()]}, b"/v3/mms/send"))


@pytest.mark.parametrize(
    ("situation", "body", "field"),
    [
        ("no messages", {}, "messages"),
        ("an empty list", {"messages": []}, "messages"),
        ("no object", {"messages": ["Hello"]}, "messages"),
        ("a list kept at the carrier", {"messages": [message(list_id=1)]}, "list_id"),
        ("a contact kept there", {"messages": [message(), message(contact_id=7)]}, "contact_id"),
        ("no recipient", {"messages": [{"body": "Hello"}]}, "to"),
        ("a national number", {"messages": [message(to="0491570156", country="AU")]}, "to"),
        ("no text", {"messages": [message(body=" ")]}, "body"),
        ("a time of another form", {"messages": [message(schedule="tomorrow")]}, "schedule"),
        ("a time that no calendar has", {"messages": [message(schedule=10**18)]}, "schedule"),
        ("too many", {"messages": [{}] * 10_001}, "messages"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(situation, body, field):
    with pytest.raises(Unreadable) as refused:
        CLICKSEND.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"POST", b"/v3/sms-campaigns/send"),
        (b"PUT", b"/v3/sms-campaigns/77"),
        (b"POST", b"/v3/mms-campaigns/send"),
        (b"POST", b"/v3/sms/send-later"),
        (b"POST", b"/v3/sms"),
        (b"GET", b"/http/v2/send.php?username=a&key=b&to=1&message=Hello"),
        (b"POST", b"/rest/v2/send.json"),
        (b"POST", b"/v4/sms/send"),
    ],
)
def test_other_ways_by_which_texts_leave_are_refused(method, target):
    sent = replace(GSM, method=method, target=target)
    assert CLICKSEND.claims(sent)
    with pytest.raises(Unreadable):
        CLICKSEND.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"POST", b"/v3/sms/price"),
        (b"GET", b"/v3/sms/history?date_from=1&q=body:a"),
        (b"PUT", b"/v3/sms/BF7AD270-0DE2-418B-B606-71D527D9C1A0/cancel"),
        (b"PUT", b"/v3/sms/cancel-all"),
        (b"POST", b"/v3/sms/templates"),
        (b"PUT", b"/v3/sms-campaigns/77/cancel"),
        (b"POST", b"/v3/sms-campaigns/price"),
        (b"POST", b"/v3/lists/1/contacts"),
        (b"GET", b"/v3/account"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not CLICKSEND.claims(Request(method, target, GSM.headers))


def told(*statuses: str) -> Response:
    body = {"data": {"messages": [{"status": status, "body": '"status": "SUCCESS"'} for status in statuses]}}
    return Response(200, (), json.dumps(body).encode())


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in names("clicksend-*") if "response" not in name],
        ("one of two", told("INVALID_RECIPIENT", "SUCCESS"), Verdict.ACCEPTED),
        ("none of two", told("INVALID_RECIPIENT", "INSUFFICIENT_CREDIT"), Verdict.REFUSED),
        ("one that nobody knows", told("INVALID_RECIPIENT", "SOMETHING_IS_WRONG"), Verdict.UNKNOWN),
        ("none at all", told(), Verdict.UNKNOWN),
        ("opted out", response("errors/clicksend-opted-out-per-message"), Verdict.REFUSED),
        *[
            (name, response(f"errors/clicksend-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "opted-out", "rate-limit")
        ],
        ("a server error", response("errors/clicksend-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert CLICKSEND.verdict(carrier) is verdict


STOP = Inbound("5F9A8D3C-0DE2-418B-B606-71D527D9C1AA", ANN, SHOP.value, "STOP")
FORM = request("webhooks/clicksend-inbound-stop-form")


@pytest.mark.parametrize(
    ("webhook", "heard"),
    [
        (FORM, STOP),
        (request("webhooks/clicksend-inbound-stop-json"), STOP),
        (Request(b"GET", FORM.target + b"?" + FORM.body, ()), STOP),
        (request("webhooks/clicksend-status-delivered-form"), None),
        (CLICKSEND.reply(STOP), STOP),
    ],
)
def test_a_webhook_says_what_the_recipient_said(webhook, heard):
    assert CLICKSEND.hear(webhook) == heard


def test_a_webhook_is_believed_with_its_user_and_password_only_where_some_are_configured():
    called = CLICKSEND.sign(FORM, "", "user:pass:word", NOW)
    assert called.header(b"authorization") == b"Basic dXNlcjpwYXNzOndvcmQ="
    assert CLICKSEND.signed(called, "", "user:pass:word", NOW)
    assert not CLICKSEND.signed(called, "", "user:another", NOW)
    assert not CLICKSEND.signed(FORM, "", "user:pass:word", NOW)
    assert not CLICKSEND.signed(
        with_header(called, b"Authorization", b"Bearer dXNlcjpwYXNzOndvcmQ="), "", "user:p", NOW
    )
    twice = replace(called, headers=(*called.headers, (b"authorization", b"Basic x")))
    assert not CLICKSEND.signed(twice, "", "user:pass:word", NOW)


def test_secrets_without_a_password_are_told():
    assert CLICKSEND.wrong_secret("token", None)[0] == "auth_token"
    assert CLICKSEND.wrong_secret("user:pass", "token")[0] == "legacy_auth_token"
    assert CLICKSEND.wrong_secret(None, None) == CLICKSEND.wrong_secret("a:b", "c:d") == ("", "")
