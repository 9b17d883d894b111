"""Telnyx's own SDK through the gateway: what is changed, refused and passed, and webhooks under its own check."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
import requests
import telnyx
from telnyx import Telnyx

from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import LEGACY_KEY, NOW, TAKEN, TELNYX_KEY, Carriers, public_part
from tests.front.patience import until

ANN, BEN, BOB = "+12125550100", "+12125550101", "+12125550177"
SHOP = "+18335550100"
INSTRUCTION = "Reply STOP to opt out"
UUID = "40385f64-5717-4562-b3fc-2c963f66afa6"


@pytest.fixture
def client(carriers: Carriers) -> Telnyx:
    return Telnyx(api_key="KEY-test", base_url=f"https://{carriers.gateway}/telnyx/v2")


def reply(text: str, sender: str, stamp: float = NOW.timestamp()) -> Request:
    event = json.loads(captures.request("webhooks/telnyx-inbound-text").body)
    event["data"]["payload"] |= {"text": text, "from": {"phone_number": sender}, "id": f"id of {text}{sender}"}
    return signed(json.dumps(event).encode(), stamp)


def signed(body: bytes, stamp: float = NOW.timestamp()) -> Request:
    """As Telnyx does."""
    signature = b64encode(TELNYX_KEY.sign(b"%d|" % stamp + body))
    headers = (
        (b"Content-Type", b"application/json"),
        (b"telnyx-signature-ed25519", signature),
        (b"telnyx-timestamp", b"%d" % stamp),
    )
    return Request(b"POST", b"/in/telnyx", headers, body)


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: Telnyx, carriers: Carriers
) -> None:
    sent = client.messages.send(to=ANN, from_=SHOP, text="20% off today")
    assert sent.data
    assert sent.data.id == UUID
    assert carriers.sent().target == b"/v2/messages"
    assert json.loads(carriers.sent().body) == {"to": ANN, "from": SHOP, "text": f"20% off today {INSTRUCTION}"}


def test_after_stop_the_sdk_raises_its_own_error_once_and_nothing_leaves(client: Telnyx, carriers: Carriers) -> None:
    assert carriers.called(reply("Stop", BOB)) in TAKEN
    with pytest.raises(telnyx.ConflictError) as refused:
        client.messages.send(to=BOB, from_=SHOP, text="20% off today")
    assert refused.value.status_code == 409
    assert isinstance(refused.value.body, dict)
    [error] = refused.value.body["errors"]
    assert (error["code"], error["title"]) == ("40300", "Blocked due to STOP message")
    assert "gateway/suppressed" in error["detail"]
    assert refused.value.response.request.headers["x-stainless-retry-count"] == "0"
    assert carriers.carrier.received == []


def test_a_number_that_is_none_is_refused_as_telnyx_does(client: Telnyx, carriers: Carriers) -> None:
    with pytest.raises(telnyx.BadRequestError, match="40310"):
        client.messages.send(to="12", from_=SHOP, text="20% off today")
    assert carriers.carrier.received == []


def test_of_a_group_whoever_has_opted_out_is_left_out(client: Telnyx, carriers: Carriers) -> None:
    assert carriers.called(reply("stop", BOB)) in TAKEN
    sent = client.messages.send_group_mms(from_=SHOP, to=[ANN, BOB, BEN], text="Dinner? Reply STOP to end")
    assert json.loads(carriers.sent().body)["to"] == [ANN, BEN]
    assert sent.data
    assert [(each.phone_number, each.status) for each in sent.data.to or []][1] == (BOB, "sending_failed")


def test_whoever_was_left_out_of_a_group_is_told_of_by_a_receipt_of_ours_under_the_groups_id(
    client: Telnyx, carriers: Carriers
) -> None:
    assert carriers.called(reply("stop", BOB)) in TAKEN
    carriers.forget()
    url, said = f"{carriers.legacy.url}/receipts", "Dinner? Reply STOP to end"
    sent = client.messages.send_group_mms(from_=SHOP, to=[ANN, BOB, BEN], text=said, webhook_url=url)
    until(lambda: bool(carriers.legacy.received), "the receipt is there")
    told = carriers.told()
    stamp, signature = told.header(b"telnyx-timestamp") or b"", told.header(b"telnyx-signature-ed25519") or b""
    LEGACY_KEY.public_key().verify(b64decode(signature), stamp + b"|" + told.body)
    event = json.loads(told.body)["data"]
    assert sent.data
    assert (told.target, event["event_type"], event["payload"]["id"]) == (
        b"/receipts",
        "message.finalized",
        sent.data.id,
    )
    assert [(each["phone_number"], each["status"]) for each in event["payload"]["to"]] == [(BOB, "sending_failed")]
    assert [each["code"] for each in event["payload"]["errors"]] == ["40300"]


def test_a_url_that_nobody_may_call_is_not_called_for_a_receipt(client: Telnyx, carriers: Carriers) -> None:
    assert carriers.called(reply("stop", BOB)) in TAKEN
    carriers.forget()
    url = "http://169.254.169.254/latest"
    sent = client.messages.send_group_mms(from_=SHOP, to=[ANN, BOB, BEN], text="Dinner? STOP to end", webhook_url=url)
    assert sent.data
    put_off = 'smsgate_calls_total{end="put off",upstream="telnyx"}'
    until(lambda: put_off in requests.get(f"{carriers.house.admin}/metrics", timeout=10).text, "it is not made")
    assert carriers.legacy.received == []


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(client: Telnyx, carriers: Carriers) -> None:
    straight = Telnyx(api_key="KEY-test", base_url=f"{carriers.carrier.url}/v2").messages.retrieve(UUID)
    assert client.messages.retrieve(UUID) == straight
    direct, through = carriers.carrier.received
    assert through.target == f"/v2/messages/{UUID}".encode()
    assert replace(through, headers=()) == replace(direct, headers=())
    assert [pair for pair in through.headers if pair[0] != b"Host"] == [
        pair for pair in direct.headers if pair[0].lower() not in {b"host", b"connection"}
    ]


def test_a_signed_reply_is_told_on_so_that_the_sdk_takes_it_under_our_key(
    carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert carriers.called(reply("When do you open?", ANN)) in TAKEN
    told = carriers.told()
    headers = {name.decode(): value.decode() for name, value in told.headers}
    monkeypatch.setattr(time, "time", NOW.timestamp)
    client = Telnyx(api_key="KEY-test", public_key=public_part(LEGACY_KEY))
    event = client.webhooks.unwrap(told.body.decode(), headers=headers)
    assert event.data.payload.text == "When do you open?"  # type: ignore[union-attr]
    with pytest.raises(Exception, match=r"[Ss]ignature"):
        client.webhooks.unwrap(told.body.decode(), headers=headers, key=public_part(TELNYX_KEY))


def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    receipt = captures.request("webhooks/telnyx-status-failed-optout").body
    assert carriers.called(signed(receipt)) in TAKEN
    assert carriers.told().body == receipt


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        ("another body", replace(reply("STOP", ANN), body=reply("STOP", BEN).body)),
        ("an old one", reply("STOP", ANN, NOW.timestamp() - 301)),
        ("no signature", replace(reply("STOP", ANN), headers=((b"Content-Type", b"application/json"),))),
    ],
)
def test_a_webhook_that_telnyx_did_not_sign_just_now_is_403_and_told_to_nobody(
    carriers: Carriers, situation: str, webhook: Request
) -> None:
    assert carriers.called(webhook) == 403
    assert carriers.legacy.received == []
