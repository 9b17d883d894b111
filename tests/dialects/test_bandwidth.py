from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.dialects.bandwidth.dialect import Bandwidth
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import HI, outcomes, read

BANDWIDTH = Bandwidth()
ANN, BEN = "+12025550123", "+12025550124"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
GSM, MULTI = request("bandwidth-gsm"), request("bandwidth-multi")
USERS = b"/api/v2/users/9900000"
CODES = b"/api/v1/accounts/9900000/code/messaging"


def posted(body: object, target: bytes = USERS + b"/messages") -> Request:
    return replace(GSM, target=target, body=json.dumps(body).encode())


def tried(*channels: dict[str, object]) -> Request:
    return posted({"to": ANN, "channelList": list(channels)}, USERS + b"/messages/multiChannel")


def channel(kind: str, **content: object) -> dict[str, object]:
    return {"channel": kind, "from": SHOP.value, "applicationId": "93de", "content": content}


def test_of_a_group_whoever_is_withheld_is_taken_out_and_the_carriers_answer_stands():
    send, carrier = read(BANDWIDTH, MULTI), response("bandwidth-multi")
    after = BANDWIDTH.write(send, {1: HI})
    assert after.body == MULTI.body.replace(f'"{ANN}", '.encode(), b"")
    assert BANDWIDTH.answer(send, outcomes(send, 0), carrier) is carrier


def test_an_instruction_that_one_needs_goes_to_the_whole_group():
    after = BANDWIDTH.write(read(BANDWIDTH, MULTI), {0: HI, 1: HI + " Stop"})
    assert {draft.text for draft in read(BANDWIDTH, after).drafts} == {HI + " Stop"}


def test_media_without_a_text_can_be_given_one():
    send = read(BANDWIDTH, posted({"to": [ANN], "from": SHOP.value, "media": ["https://a.example/1", "b"]}))
    assert send.drafts == (Draft(ANN, SHOP, "", media=2),)
    assert json.loads(BANDWIDTH.write(send, {0: "STOP=end"}).body)["text"] == "STOP=end"


def test_a_code_is_read_with_the_words_around_it():
    send = read(
        BANDWIDTH, posted({"to": ANN, "from": SHOP.value, "message": "Your code is {CODE}", "digits": 6}, CODES)
    )
    assert send.drafts == (Draft(ANN, SHOP, "Your code is {CODE}"),)
    assert json.loads(BANDWIDTH.write(send, {0: "{CODE} is your code"}).body)["message"] == "{CODE} is your code"
    refused = json.loads(BANDWIDTH.refuse(send.request, Reason.SUPPRESSED, "why").body)
    assert refused == {"error": "Your request could not be accepted: why", "requestId": ""}


def test_each_of_several_channels_is_a_message_and_leaves_only_where_it_may():
    rich = channel("RBM", text="Hello") | {"from": "Acme"}
    picture = channel("MMS", media=[{"fileUrl": "https://a.example/1"}])
    send = read(BANDWIDTH, tried(rich, picture, channel("SMS", text="Hello")))
    acme = Sender(SenderKind.ALPHANUMERIC, "Acme")
    assert send.drafts == (Draft(ANN, acme), Draft(ANN, SHOP, "", media=1), Draft(ANN, SHOP, "Hello"))
    assert BANDWIDTH.write(send, {0: None, 1: "", 2: "Hello"}) is send.request
    after = json.loads(BANDWIDTH.write(send, {1: "STOP=end", 2: "Hello STOP=end"}).body)["channelList"]
    assert [each["content"] for each in after] == [
        {"media": [{"fileUrl": "https://a.example/1"}], "text": "STOP=end"},
        {"text": "Hello STOP=end"},
    ]


BAD = [
    ("no recipient", posted({"text": "a"}), "to"),
    ("a recipient that is no list", posted({"to": ANN, "text": "a"}), "to"),
    ("an empty one among them", posted({"to": [ANN, " "], "text": "a"}), "to"),
    ("no text", posted({"to": [ANN]}), "text"),
    ("a blank text", posted({"to": [ANN], "text": " "}), "text"),
    ("too many", posted({"to": ["1"] * 10_001, "text": "a"}), "to"),
    ("no channels", posted({"to": ANN}, USERS + b"/messages/multiChannel"), "channelList"),
    ("a channel that is unknown", tried(channel("WHATSAPP", text="a")), "channel"),
    ("a channel without content", tried({"channel": "SMS"}), "channel"),
    ("a channel without a text", tried(channel("SMS")), "text"),
    ("channels in two cases", posted({"to": ANN, "channelList": [], "channellist": []}, tried().target), "channelList"),
    ("a code without words", posted({"to": ANN}, CODES), "message"),
]


@pytest.mark.parametrize(("situation", "sent", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation, sent, field):
    with pytest.raises(Unreadable) as refused:
        BANDWIDTH.read(sent)
    assert refused.value.field == field
    assert "555" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"POST", USERS + b"/messages/broadcast"),
        (b"POST", b"/v1/users/u-1/messages"),
        (b"POST", USERS + b"/messages/multichannel"),
        (b"GET", USERS + b"/messages?text=Hello&to=1"),
    ],
)
def test_other_ways_by_which_texts_leave_are_refused(method, target):
    sent = replace(GSM, method=method, target=target)
    assert BANDWIDTH.claims(sent)
    with pytest.raises(Unreadable):
        BANDWIDTH.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"GET", USERS + b"/messages?messageDirection=OUTBOUND&limit=20"),
        (b"PUT", USERS + b"/media/a.jpg"),
        (b"POST", b"/api/v1/accounts/9900000/code/verify"),
        (b"POST", b"/api/v1/accounts/9900000/code/voice"),
        (b"POST", b"/api/v2/accounts/9900000/calls"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not BANDWIDTH.claims(Request(method, target, GSM.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in names("bandwidth-*") if "response" not in name],
        ("a code", Response(200, (), b'{"messageId": "x"}'), Verdict.ACCEPTED),
        *[
            (name, response(f"errors/bandwidth-{name}"), Verdict.REFUSED)
            for name in ("auth", "forbidden", "invalid", "opted-out", "rate-limit")
        ],
        ("a server error", response("errors/bandwidth-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert BANDWIDTH.verdict(carrier) is verdict


def test_a_refusal_has_the_form_of_the_api_that_was_called():
    plain = json.loads(BANDWIDTH.refuse(GSM, Reason.SUPPRESSED, "why").body)
    assert plain["fieldErrors"] == [{"fieldName": "to", "description": "the recipient has opted out"}]
    assert "fieldErrors" not in json.loads(BANDWIDTH.refuse(GSM, Reason.HOURS, "why").body)
    listed = json.loads(BANDWIDTH.refuse(tried(), Reason.BAD_REQUEST, "why", "channelList").body)
    assert listed["errors"] == [
        {"type": "request-validation", "description": "Your request could not be accepted: why"}
    ]
    assert BANDWIDTH.away(GSM, 504, "why").status == 504


STOP = Inbound("14762070468292kw2fuqty55yp2b2", ANN, SHOP.value, "STOP")
WEBHOOK = request("webhooks/bandwidth-inbound-stop")


def rich(said: dict[str, object]) -> Request:
    [event] = json.loads(WEBHOOK.body)
    del event["message"]["text"]
    event["message"] |= said
    return replace(WEBHOOK, body=json.dumps([event]).encode())


@pytest.mark.parametrize(
    ("webhook", "heard"),
    [
        (WEBHOOK, STOP),
        (rich({"content": {"text": "STOP"}}), STOP),
        (rich({"suggestionResponse": {"text": "STOP", "postbackData": "x"}}), STOP),
        (rich({}), replace(STOP, text="")),
        (request("webhooks/bandwidth-status-delivered"), None),
        (request("webhooks/bandwidth-status-failed"), None),
        (BANDWIDTH.reply(STOP), STOP),
    ],
)
def test_a_webhook_says_what_the_recipient_said(webhook, heard):
    assert BANDWIDTH.hear(webhook) == heard


def test_every_reply_of_a_call_is_heard_also_beside_one_that_makes_no_sense():
    one, another = WEBHOOK.body[1:-1], WEBHOOK.body[1:-1].replace(b"kw2fuq", b"other")
    call = replace(WEBHOOK, body=b'[%b, {"type": "message-received"}, %b]' % (one, another))
    assert BANDWIDTH.hear_all(call) == (STOP, replace(STOP, id=STOP.id.replace("kw2fuq", "other")))


@pytest.mark.parametrize("body", [b"{}", b"", b'["a"]', b'[{"type": "message-received"}]'])
def test_a_call_that_can_not_be_understood_is_refused(body):
    with pytest.raises(Unreadable):
        BANDWIDTH.hear(replace(WEBHOOK, body=body))
