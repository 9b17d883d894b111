"""Infobip's own SDK through the gateway: what is changed, refused and passed, and webhooks by user and password."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from infobip_api_client import ApiClient, Configuration, SmsDestination, SmsMessage, SmsRequest, SmsTextContent
from infobip_api_client import SmsMessageContent as Content
from infobip_api_client.api.sms_api import SmsApi
from infobip_api_client.exceptions import BadRequestException
from infobip_api_client.models import SmsMessageOptions, SmsResponse

from gateway.dialects.heads import authorized
from gateway.words.wire import Credentials, Request
from tests import captures
from tests.front.carriers import CALLER, LEGACY_CALLER, TAKEN, Carriers
from tests.front.raw import end_to_end

ANN, BEN, CAT, BOB, DAN = "12125550100", "12125550101", "12025550123", "12125550177", "16175550142"
SHOP = "18335550100"
INSTRUCTION = "Reply STOP to opt out"
OFFER = "20% off today"


def client_at(base: str, carriers: Carriers) -> SmsApi:
    configuration = Configuration(host=base, api_key="test-token", ssl_ca_cert=str(carriers.certificate))
    # It keeps connections open, and the gateway would wait for them when it ends.
    return SmsApi(ApiClient(configuration, header_name="Connection", header_value="close"))


@pytest.fixture
def client(carriers: Carriers) -> SmsApi:
    return client_at(f"https://{carriers.gateway}/infobip", carriers)


def offer(*to: str, options: SmsMessageOptions | None = None) -> SmsRequest:
    destinations = [SmsDestination(to=each) for each in to]
    content = Content(SmsTextContent(text=OFFER))
    return SmsRequest(messages=[SmsMessage(sender=SHOP, destinations=destinations, content=content, options=options)])


def statuses(answer: SmsResponse) -> list[tuple[str | None, int | None, str | None]]:
    told = [(each.destination, each.status) for each in answer.messages]
    return [(to, status and status.id, status and status.group_name) for to, status in told]


def webhook(*said: tuple[str, str], caller: str = CALLER) -> Request:
    results = [
        {"messageId": f"{text} of {sender}", "from": sender, "to": SHOP, "text": text, "cleanText": text}
        for sender, text in said
    ]
    called = Request(
        b"POST", b"/in/infobip", ((b"Content-Type", b"application/json"),), json.dumps({"results": results}).encode()
    )
    return authorized(called, Credentials(*caller.split(":")))


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: SmsApi, carriers: Carriers
) -> None:
    answer = client.send_sms_messages(offer(ANN))
    assert answer.messages[0].message_id == "2250540722196405230"
    [message] = json.loads(carriers.sent().body)["messages"]
    assert message["content"]["text"] == f"{OFFER} {INSTRUCTION}"


def test_after_stop_the_sdk_is_told_of_a_message_on_the_blocklist_and_nothing_leaves(
    client: SmsApi, carriers: Carriers
) -> None:
    assert carriers.called(webhook((BOB, "Stop"))) in TAKEN
    answer = client.send_sms_messages(offer(BOB))
    assert statuses(answer) == [(BOB, 14, "REJECTED")]
    assert "gateway/suppressed" in (answer.messages[0].status.description or "")
    assert carriers.carrier.received == []


def test_what_makes_no_sense_raises_the_sdks_own_error(client: SmsApi, carriers: Carriers) -> None:
    window = {"days": ["MONDAY"], "from": {"hour": 9, "minute": 0}, "to": {"hour": 18, "minute": 0}}
    options = SmsMessageOptions.from_dict({"deliveryTimeWindow": window})
    with pytest.raises(BadRequestException) as refused:
        client.send_sms_messages(offer(ANN, options=options))
    assert refused.value.status == 400
    assert "choose the hour" in refused.value.body
    assert carriers.carrier.received == []


def test_of_five_recipients_the_two_who_said_stop_in_one_call_are_left_out_and_told_at_their_places(
    client: SmsApi, carriers: Carriers
) -> None:
    carriers.carrier.answers["/sms/3/messages"] = captures.response("infobip-v3-multi")
    assert carriers.called(webhook((BOB, "STOP"), (ANN, "When do you open?"), (DAN, "stop"))) in TAKEN
    answer = client.send_sms_messages(offer(ANN, BOB, BEN, DAN, CAT))
    left = [to["to"] for each in json.loads(carriers.sent().body)["messages"] for to in each["destinations"]]
    assert left == [ANN, BEN, CAT]
    assert [group for _, _, group in statuses(answer)] == ["PENDING", "REJECTED", "PENDING", "REJECTED", "PENDING"]
    assert [to for to, id_, _ in statuses(answer) if id_ == 14] == [BOB, DAN]


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(client: SmsApi, carriers: Carriers) -> None:
    carriers.carrier.answers["/sms/1/bulks"] = captures.response("errors/infobip-v3-rate-limit")
    straight = client_at(carriers.carrier.url, carriers)
    answers = [each.get_scheduled_sms_messages_with_http_info for each in (straight, client)]
    told = []
    for ask in answers:
        with pytest.raises(Exception, match="Too many requests") as refused:
            ask(bulk_id="BULK 1")
        told.append(refused.value.body)
    assert told[0] == told[1]
    direct, through = carriers.carrier.received
    assert through.target == b"/sms/1/bulks?bulkId=BULK%201"
    assert replace(through, headers=()) == replace(direct, headers=())
    assert end_to_end(through.headers) == end_to_end(direct.headers)


def test_a_reply_is_told_on_as_it_came_with_the_legacy_systems_own_password(carriers: Carriers) -> None:
    asked = webhook((CAT, "When do you open?"))
    assert carriers.called(asked) in TAKEN
    told = carriers.told()
    assert told.body == asked.body
    assert told.header(b"authorization") == authorized(asked, Credentials(*LEGACY_CALLER.split(":"))).header(
        b"authorization"
    )


def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    receipt = captures.request("webhooks/infobip-status-rejected-blocklisted")
    assert carriers.called(replace(webhook(), body=receipt.body)) in TAKEN
    assert carriers.told().body == receipt.body


def test_a_call_without_the_password_is_403_and_told_to_nobody(carriers: Carriers) -> None:
    assert carriers.called(webhook((ANN, "STOP"), caller="cb-user:another")) == 403
    assert carriers.called(replace(webhook((ANN, "STOP")), headers=())) == 403
    assert carriers.legacy.received == []
