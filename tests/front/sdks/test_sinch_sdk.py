"""Sinch's own SDK through the gateway: what is changed, refused and passed, and webhooks under its own check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sinch import SinchClient
from sinch.domains.sms.api.v1.exceptions import SmsException
from sinch.domains.sms.sinch_events.v1.sms_sinch_event import SmsSinchEvent

from gateway.dialects import dialect_named
from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import LEGACY_TOKEN, NOW, TAKEN, TOKEN, Carriers
from tests.front.raw import end_to_end

ANN, BEN, CAT, BOB, DAN = "+12125550100", "+12125550101", "+12025550123", "+12125550177", "+16175550142"
SHOP = "+18335550100"
INSTRUCTION = "Reply STOP to opt out"
OFFER = "20% off today"
BATCH = "01FC66621XXXXX119Z8PMV1QPQ"


def client_at(base: str) -> SinchClient:
    client = SinchClient(service_plan_id="plan00000000", sms_api_token="test-token", sms_region="us")
    client.configuration.sms_domain_with_service_plan_id = base
    return client


@pytest.fixture
def client(carriers: Carriers) -> Iterator[SinchClient]:
    client = client_at(f"https://{carriers.gateway}/sinch")
    yield client
    client.configuration.transport.http_session.close()  # the gateway would wait for what is open when it ends


def reply(text: str, sender: str, token: str = TOKEN) -> Request:
    said = {"type": "mo_text", "id": f"{text}{sender}", "from": sender, "to": SHOP, "body": text}
    return signed(json.dumps(said).encode(), token)


def signed(body: bytes, token: str = TOKEN) -> Request:
    nonce = ((b"x-sinch-webhook-signature-nonce", b"01HFXYZ0000000000000000000"),)
    called = Request(b"POST", b"/in/sinch", ((b"Content-Type", b"application/json"), *nonce), body)
    return dialect_named("sinch").sign(called, "", token, NOW)


def checked(called: Request, secret: str) -> bool:
    """By Sinch's own SDK."""
    headers = {name.decode(): value.decode() for name, value in called.headers}
    return SmsSinchEvent(secret).validate_authentication_header(headers, called.body.decode())


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: SinchClient, carriers: Carriers
) -> None:
    sent = client.sms.batches.send_sms(to=[ANN], from_=SHOP, body=OFFER)
    assert sent.id == BATCH
    assert json.loads(carriers.sent().body)["body"] == f"{OFFER} {INSTRUCTION}"


def test_a_text_with_names_leaves_with_its_instruction_behind_them(client: SinchClient, carriers: Carriers) -> None:
    names = {"name": {ANN: "Ann", BEN: "Ben"}}
    client.sms.batches.send_sms(to=[ANN, BEN], from_=SHOP, body="20% off for ${name}", parameters=names)
    body = json.loads(carriers.sent().body)
    assert (body["body"], body["parameters"]) == (f"20% off for ${{name}} {INSTRUCTION}", names)


def test_after_stop_the_sdk_raises_its_own_error_and_nothing_leaves(client: SinchClient, carriers: Carriers) -> None:
    assert carriers.called(reply("Stop", BOB)) in TAKEN
    with pytest.raises(SmsException, match="Error 403") as refused:
        client.sms.batches.send_sms(to=[BOB], from_=SHOP, body=OFFER)
    assert refused.value.response_status_code == 403
    assert refused.value.http_response.body["code"] == "forbidden"
    assert "gateway/suppressed" in refused.value.http_response.body["text"]
    assert carriers.carrier.received == []


def test_of_five_recipients_the_two_who_have_opted_out_are_left_out(client: SinchClient, carriers: Carriers) -> None:
    assert carriers.called(reply("STOP", BOB)) in TAKEN
    assert carriers.called(reply("stop", DAN)) in TAKEN
    sent = client.sms.batches.send_sms(to=[ANN, BOB, BEN, DAN, CAT], from_=SHOP, body="Sale. Reply STOP to end")
    assert sent.id == BATCH
    assert json.loads(carriers.sent().body)["to"] == [ANN, BEN, CAT]


def test_a_batch_that_the_carrier_has_gets_no_recipient_by_the_back_door(
    client: SinchClient, carriers: Carriers
) -> None:
    with pytest.raises(SmsException, match="Error 400") as refused:
        client.sms.batches.update_sms(batch_id=BATCH, to_add=[ANN])
    assert "cancel it and send it anew" in refused.value.http_response.body["text"]
    assert carriers.carrier.received == []


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(client: SinchClient, carriers: Carriers) -> None:
    path = f"/xms/v1/plan00000000/batches/{BATCH}"
    carriers.carrier.answers[path] = captures.response("sinch-gsm")
    straight = client_at(carriers.carrier.url).sms.batches.get(BATCH)
    assert client.sms.batches.get(BATCH) == straight
    direct, through = carriers.carrier.received
    assert through.target == path.encode()
    assert replace(through, headers=()) == replace(direct, headers=())
    assert end_to_end(through.headers) == end_to_end(direct.headers)


def test_a_signed_reply_is_told_on_so_that_the_sdk_takes_it_under_the_legacy_secret(carriers: Carriers) -> None:
    asked = reply("When do you open?", ANN)
    assert checked(asked, TOKEN)
    assert carriers.called(asked) in TAKEN
    told = carriers.told()
    assert told.body == asked.body
    assert checked(told, LEGACY_TOKEN)
    assert not checked(told, TOKEN)


def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    receipt = captures.request("webhooks/sinch-status-delivered-recipient").body
    assert carriers.called(signed(receipt)) in TAKEN
    assert carriers.told().body == receipt


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        ("another secret", reply("STOP", ANN, "another-secret")),
        ("another body", replace(reply("STOP", ANN), body=reply("START", ANN).body)),
        ("no signature", replace(reply("STOP", ANN), headers=reply("STOP", ANN).headers[:1])),
    ],
)
def test_a_webhook_that_sinch_did_not_sign_is_403_and_told_to_nobody(
    carriers: Carriers, situation: str, webhook: Request
) -> None:
    assert carriers.called(webhook) == 403
    assert carriers.legacy.received == []
