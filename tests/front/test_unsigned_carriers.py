"""Carriers that sign no webhook, through the gateway: by their own SDKs where they have one."""

from __future__ import annotations

import json
from dataclasses import replace

import bandwidth
import clicksend
import pytest
import requests
from bandwidth.exceptions import BadRequestException as BandwidthRefusal
from bandwidth.models import MessageRequest
from clicksend.exceptions import BadRequestException
from clicksend.models import SendSmsRequest, SendSmsRequestMessagesInner

from gateway.dialects import dialect_named
from gateway.dialects.heads import authorized
from gateway.words.message import Inbound
from gateway.words.wire import Credentials, Request, Response
from tests import captures
from tests.front.carriers import CALLER, LEGACY_CALLER, TAKEN, Carriers

ANN, BEN, CAT, BOB, DAN = "+12125550100", "+12125550101", "+12025550123", "+12125550177", "+16175550142"
SHOP = "+18335550100"
INSTRUCTION = "Reply STOP to opt out"
HOP = {b"host", b"connection"}


def reply(carrier: str, text: str, sender: str, caller: str = CALLER) -> Request:
    """What the carrier would call with, and the user and password of its webhook's URL."""
    called = dialect_named(carrier).reply(Inbound(f"id of {text}{sender}", sender, SHOP, text))
    user, _, secret = caller.partition(":")
    return authorized(replace(called, target=f"/in/{carrier}?tenant=acme".encode()), Credentials(user, secret))


def stopped(carriers: Carriers, carrier: str, *senders: str) -> None:
    for sender in senders:
        assert carriers.called(reply(carrier, "STOP", sender)) in TAKEN
    carriers.forget()


def clicksend_at(base: str, carriers: Carriers) -> clicksend.ApiClient:
    return clicksend.ApiClient(
        clicksend.Configuration(host=base, username="user", password="key", ssl_ca_cert=str(carriers.certificate))
    )


def clicksend_texts(*texts: tuple[str, str]) -> SendSmsRequest:
    messages = [SendSmsRequestMessagesInner(**{"body": text, "to": to, "from": SHOP}) for to, text in texts]
    return SendSmsRequest(messages=messages)


@pytest.fixture
def clicksend_sms(carriers: Carriers) -> clicksend.SmsApi:
    return clicksend.SmsApi(clicksend_at(f"https://{carriers.gateway}/clicksend", carriers))


def sent_by_clicksend(*numbers: str) -> Response:
    """Its answer to so many messages."""
    captured = captures.response("clicksend-gsm")
    told = json.loads(captured.body)
    [entry] = told["data"]["messages"]
    told["data"] |= {"messages": [entry | {"to": to} for to in numbers], "total_count": len(numbers)}
    body = json.dumps(told).encode()
    return Response(200, ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))), body)


def test_clicksends_texts_each_leave_with_their_own_instruction(
    clicksend_sms: clicksend.SmsApi, carriers: Carriers
) -> None:
    sent = clicksend_sms.send_sms(
        send_sms_request=clicksend_texts(
            (ANN, "20% off today"), (BEN, "Hoy 20% de descuento en toda la tienda, te esperamos")
        )
    )
    assert sent.data.messages[0].message_id == "BF7AD270-0DE2-418B-B606-71D527D9C1A0"
    english, spanish = json.loads(carriers.sent().body)["messages"]
    assert english["body"] == f"20% off today {INSTRUCTION}"
    assert spanish["body"].startswith("Hoy 20% de descuento en toda la tienda, te esperamos ")
    assert INSTRUCTION not in spanish["body"]


def test_after_stop_clicksends_sdk_raises_its_own_error_and_nothing_leaves(
    clicksend_sms: clicksend.SmsApi, carriers: Carriers
) -> None:
    stopped(carriers, "clicksend", BOB)
    with pytest.raises(BadRequestException) as refused:
        clicksend_sms.send_sms(send_sms_request=clicksend_texts((BOB, "20% off today")))
    assert refused.value.status == 400
    told = json.loads(refused.value.body)
    assert (told["response_code"], told["data"]) == ("INVALID_RECIPIENT", None)
    assert "gateway/suppressed" in told["response_msg"]
    assert carriers.carrier.received == []


def test_of_five_messages_the_two_to_people_who_opted_out_are_left_out_and_told(
    clicksend_sms: clicksend.SmsApi, carriers: Carriers
) -> None:
    stopped(carriers, "clicksend", BOB, DAN)
    carriers.carrier.answers["/v3/sms/send"] = sent_by_clicksend(ANN, BEN, CAT)
    numbers = (ANN, BOB, BEN, DAN, CAT)
    sent = clicksend_sms.send_sms(
        send_sms_request=clicksend_texts(*((to, "Sale. Reply STOP to end") for to in numbers))
    )
    assert [each["to"] for each in json.loads(carriers.sent().body)["messages"]] == [ANN, BEN, CAT]
    assert [each.to for each in sent.data.messages] == list(numbers)
    assert [each.status for each in sent.data.messages] == [
        "SUCCESS",
        "INVALID_RECIPIENT",
        "SUCCESS",
        "INVALID_RECIPIENT",
        "SUCCESS",
    ]
    assert sent.data.total_count == 5


def test_clicksends_other_calls_pass_byte_for_byte(clicksend_sms: clicksend.SmsApi, carriers: Carriers) -> None:
    clicksend_sms.view_sms_templates(page=2)
    clicksend.SmsApi(clicksend_at(carriers.carrier.url, carriers)).view_sms_templates(page=2)
    same_as_straight(carriers)


def same_as_straight(carriers: Carriers) -> None:
    """Of two calls, one through the gateway, the carrier saw twice the same."""
    through, straight = carriers.carrier.received
    assert replace(through, headers=()) == replace(straight, headers=())
    assert [pair for pair in through.headers if pair[0].lower() not in HOP] == [
        pair for pair in straight.headers if pair[0].lower() not in HOP
    ]


def bandwidth_at(base: str, carriers: Carriers) -> bandwidth.MessagesApi:
    configured = bandwidth.Configuration(
        host=f"{base}/api/v2",
        username="user",
        password="token",
        ignore_operation_servers=True,
        ssl_ca_cert=str(carriers.certificate),
    )
    return bandwidth.MessagesApi(bandwidth.ApiClient(configured))


@pytest.fixture
def bandwidth_messages(carriers: Carriers) -> bandwidth.MessagesApi:
    return bandwidth_at(f"https://{carriers.gateway}/bandwidth", carriers)


def bandwidth_text(text: str, *to: str) -> MessageRequest:
    fields = {"applicationId": "93de2206", "to": list(to), "from": SHOP, "text": text}
    return MessageRequest(**fields)  # type: ignore[arg-type]


def test_bandwidths_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    bandwidth_messages: bandwidth.MessagesApi, carriers: Carriers
) -> None:
    sent = bandwidth_messages.create_message("9900000", bandwidth_text("20% off today", ANN))
    assert sent.id == "1589228074636lm4k2je7j7jklbn2"
    assert json.loads(carriers.sent().body)["text"] == f"20% off today {INSTRUCTION}"


def test_after_stop_bandwidths_sdk_raises_its_own_error_and_nothing_leaves(
    bandwidth_messages: bandwidth.MessagesApi, carriers: Carriers
) -> None:
    stopped(carriers, "bandwidth", BOB)
    with pytest.raises(BandwidthRefusal) as refused:
        bandwidth_messages.create_message("9900000", bandwidth_text("20% off today", BOB))
    assert refused.value.status == 400
    assert refused.value.data.type == "request-validation"
    assert "gateway/suppressed" in refused.value.data.description
    assert refused.value.data.field_errors[0].field_name == "to"
    assert carriers.carrier.received == []


def test_of_a_group_of_five_the_two_who_opted_out_are_left_out(
    bandwidth_messages: bandwidth.MessagesApi, carriers: Carriers
) -> None:
    stopped(carriers, "bandwidth", BOB, DAN)
    group = bandwidth_text("Sale. Reply STOP to end", ANN, BOB, BEN, DAN, CAT)
    answered = bandwidth_messages.create_message_with_http_info("9900000", group)
    assert json.loads(carriers.sent().body)["to"] == [ANN, BEN, CAT]
    assert answered.data.id == "1589228074636lm4k2je7j7jklbn2"
    assert answered.headers["X-Gateway-Decision"] == "send, block, send, block, send"


def test_bandwidths_other_calls_pass_byte_for_byte(
    bandwidth_messages: bandwidth.MessagesApi, carriers: Carriers
) -> None:
    body = captures.response("bandwidth-gsm").body
    listed = Response(200, ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))), body)
    carriers.carrier.answers["/api/v2/users/9900000/messages"] = listed
    for api in (bandwidth_messages, bandwidth_at(carriers.carrier.url, carriers)):
        api.list_messages_without_preload_content("9900000", source_tn=SHOP, limit=20)
    same_as_straight(carriers)


def test_of_clickatells_five_recipients_the_two_who_opted_out_are_left_out_and_told(carriers: Carriers) -> None:
    stopped(carriers, "clickatell", BOB, DAN)
    bare = [number.removeprefix("+") for number in (ANN, BOB, BEN, DAN, CAT)]
    told = {"messages": [{"apiMessageId": "x", "accepted": True, "to": bare[place]} for place in (0, 2, 4)]}
    body = json.dumps(told).encode()
    carriers.carrier.answers["/messages"] = Response(202, ((b"Content-Length", b"%d" % len(body)),), body)
    sent = posted(carriers, "clickatell/messages", {"content": "Sale. Reply STOP to end", "to": bare})
    assert json.loads(carriers.sent().body)["to"] == [bare[0], bare[2], bare[4]]
    assert [each["to"] for each in sent.json()["messages"]] == bare
    assert [each["accepted"] for each in sent.json()["messages"]] == [True, False, True, False, True]


def test_after_stop_clickatell_answers_that_the_number_is_blocked_and_nothing_leaves(carriers: Carriers) -> None:
    stopped(carriers, "clickatell", BOB)
    refused = posted(carriers, "clickatell/messages", {"content": "20% off today", "to": [BOB]})
    assert (refused.status_code, refused.json()["errorCode"]) == (400, 121)
    assert "gateway/suppressed" in refused.json()["errorDescription"]
    older = f"https://{carriers.gateway}/clickatell/http/sendmsg"
    line = requests.get(older, {"to": BOB, "text": "20% off today", "user": "u"}, timeout=10)
    assert line.text.startswith("ERR: 121, Destination mobile number blocked: ")
    assert carriers.carrier.received == []


def test_of_jasmins_batch_of_five_the_two_who_opted_out_are_left_out(carriers: Carriers) -> None:
    stopped(carriers, "jasmin", BOB, DAN)
    text = {"content": "Sale. Reply STOP to end", "from": SHOP}
    batch = {"globals": text, "messages": [{"to": [ANN, BOB, BEN]}, {"to": DAN}, {"to": CAT}]}
    sent = posted(carriers, "jasmin/secure/sendbatch", batch)
    assert json.loads(carriers.sent().body) == {"globals": text, "messages": [{"to": [ANN, BEN]}, {"to": CAT}]}
    assert sent.headers["X-Gateway-Decision"] == "send, block, send, block, send"
    assert sent.content == captures.response("jasmin-rest-sendbatch").body


def test_after_stop_jasmin_answers_with_an_error_and_nothing_leaves(carriers: Carriers) -> None:
    stopped(carriers, "jasmin", BOB)
    refused = requests.get(f"https://{carriers.gateway}/jasmin/send", {"to": BOB, "content": "20% off"}, timeout=10)
    assert (refused.status_code, refused.text[:7]) == (400, 'Error "')
    assert "gateway/suppressed" in refused.text
    assert carriers.carrier.received == []


def posted(carriers: Carriers, path: str, body: object) -> requests.Response:
    return requests.post(f"https://{carriers.gateway}/{path}", json=body, timeout=10)


def test_what_the_legacy_system_answers_to_kannel_is_texted_only_where_it_may_be(carriers: Carriers) -> None:
    stopped(carriers, "kannel", BOB)
    text = b"We open at 9"
    plain = ((b"Content-Type", b"text/plain"), (b"Content-Length", b"%d" % len(text)))
    carriers.legacy.answers["/legacy/kannel"] = Response(200, plain, text)
    assert answered(carriers, reply("kannel", "When do you open?", ANN)) == text
    assert answered(carriers, reply("kannel", "When do you open?", BOB)) == b""
    carriers.legacy.answers["/legacy/kannel"] = Response(200, (*plain, (b"X-Kannel-To", BOB.encode())), text)
    assert answered(carriers, reply("kannel", "And where?", ANN)) == b""


def answered(carriers: Carriers, webhook: Request) -> bytes:
    """What the carrier is answered, and would text."""
    headers = {name.decode(): value.decode() for name, value in webhook.headers}
    url = f"{carriers.house.public}{webhook.target.decode()}"
    return requests.post(url, webhook.body, headers=headers, timeout=10).content


UNSIGNED = ["clicksend", "bandwidth", "clickatell", "jasmin", "kannel"]


@pytest.mark.parametrize("carrier", UNSIGNED)
def test_a_reply_is_told_on_with_the_legacy_systems_own_user_and_password(carriers: Carriers, carrier: str) -> None:
    called = reply(carrier, "When do you open?", ANN)
    assert carriers.called(called) in TAKEN
    told = carriers.told()
    user, _, secret = LEGACY_CALLER.partition(":")
    assert (told.method, told.body) == (called.method, called.body)
    assert told.header(b"authorization") == authorized(called, Credentials(user, secret)).header(b"authorization")


@pytest.mark.parametrize("carrier", UNSIGNED)
@pytest.mark.parametrize("caller", ["cb-user:another", "another:cb-test-token"])
def test_whoever_calls_with_another_user_or_password_is_not_believed(
    carriers: Carriers, carrier: str, caller: str
) -> None:
    assert carriers.called(reply(carrier, "STOP", CAT, caller)) == 403
    assert carriers.legacy.received == []


@pytest.mark.parametrize(
    "receipt",
    [
        "clicksend-status-delivered-form",
        "bandwidth-status-failed",
        "clickatell-status-delivered",
        "jasmin-status-delivered-post",
    ],
)
def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers, receipt: str) -> None:
    captured = captures.request(f"webhooks/{receipt}")
    user, _, secret = CALLER.partition(":")
    called = authorized(captured, Credentials(user, secret))
    assert carriers.called(replace(called, target=f"/in/{receipt.partition('-')[0]}".encode())) in TAKEN
    assert carriers.told().body == captured.body
