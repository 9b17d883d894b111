"""MessageBird's own SDK through the gateway: what is changed, refused and passed, and webhooks under its own check."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import jwt
import pytest
from messagebird import Client
from messagebird.client import ErrorException
from messagebird.http_client import HttpClient

from gateway.dialects.tokens import hash_of
from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import LEGACY_TOKEN, NOW, TAKEN, TOKEN, Carriers
from tests.front.house import PUBLIC_URL
from tests.front.raw import end_to_end

ANN, BEN, CAT, BOB, DAN = "12125550100", "12125550101", "12025550123", "12125550177", "16175550142"
SHOP = "18335550100"
INSTRUCTION = "Reply STOP to opt out"
OFFER = "20% off today"
ID = "e8077d803532c0b5937c639b60216938"


def client_at(base: str) -> Client:
    return Client("test-token", http_client=HttpClient(f"{base}/", "test-token", "tests"))


@pytest.fixture
def client(carriers: Carriers) -> Client:
    return client_at(f"https://{carriers.gateway}/messagebird")


def reply(text: str, sender: str, token: str = TOKEN) -> Request:
    said = {"id": f"{text}{sender}", "recipient": SHOP, "originator": sender, "body": text}
    return signed(b"/in/messagebird?tenant=acme", urlencode(said).encode(), token)


def signed(target: bytes, body: bytes = b"", token: str = TOKEN) -> Request:
    claims = {"iss": "MessageBird", "nbf": int(NOW.timestamp()), "exp": int((NOW + timedelta(minutes=1)).timestamp())}
    claims["url_hash"] = hash_of(PUBLIC_URL.encode() + target)
    claims |= {"payload_hash": hash_of(body)} if body else {}
    form = ((b"Content-Type", b"application/x-www-form-urlencoded"),) if body else ()
    headers = (*form, (b"MessageBird-Signature-JWT", jwt.encode(claims, token, "HS256").encode()))
    return Request(b"POST" if body else b"GET", target, headers, body)


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: Client, carriers: Carriers
) -> None:
    sent = client.message_create(SHOP, ANN, OFFER)
    assert sent.id == ID
    assert json.loads(carriers.sent().body)["body"] == f"{OFFER} {INSTRUCTION}"


def test_after_stop_the_sdk_raises_its_own_error_and_nothing_leaves(client: Client, carriers: Carriers) -> None:
    assert carriers.called(reply("Stop", BOB)) in TAKEN
    with pytest.raises(ErrorException, match="recipient has opted out") as refused:
        client.message_create(SHOP, BOB, OFFER)
    [error] = refused.value.errors
    assert (error.code, error.parameter) == (10, "recipients")
    assert "gateway/suppressed" in error.description
    assert carriers.carrier.received == []


def test_of_five_recipients_the_two_who_have_opted_out_are_left_out_and_told_at_their_places(
    client: Client, carriers: Carriers
) -> None:
    carriers.carrier.answers["/messages"] = captures.response("messagebird-multi")
    assert carriers.called(reply("STOP", BOB)) in TAKEN
    assert carriers.called(reply("stop", DAN)) in TAKEN
    sent = client.message_create(SHOP, [ANN, BOB, BEN, DAN, CAT], "Sale. Reply STOP to end")
    assert json.loads(carriers.sent().body)["recipients"] == f"{ANN},{BEN},{CAT}"
    items = sent.recipients["items"]
    assert [item.status for item in items] == ["sent", "delivery_failed", "sent", "delivery_failed", "sent"]
    assert [item.recipient for item in items if item.status != "sent"] == [int(BOB), int(DAN)]
    assert (sent.recipients["totalCount"], sent.recipients["totalDeliveryFailedCount"]) == (5, 2)


def test_a_group_that_the_carrier_keeps_raises_the_sdks_own_error(client: Client, carriers: Carriers) -> None:
    with pytest.raises(ErrorException, match="name them") as refused:
        client.message_create(SHOP, ANN, OFFER, {"groupIds": ["61afc0531573b08ddbe36e1c85602827"]})
    assert refused.value.errors[0].parameter == "groupIds"
    assert carriers.carrier.received == []


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(client: Client, carriers: Carriers) -> None:
    carriers.carrier.answers[f"/messages/{ID}"] = captures.response("messagebird-scheduled")
    straight, through = client_at(carriers.carrier.url).message(ID), client.message(ID)
    assert through.scheduledDatetime == straight.scheduledDatetime
    assert vars(through.recipients["items"][0]) == vars(straight.recipients["items"][0])
    directly, asked = carriers.carrier.received
    assert asked.target == f"/messages/{ID}".encode()
    assert replace(asked, headers=()) == replace(directly, headers=())
    assert end_to_end(asked.headers) == end_to_end(directly.headers)


def test_a_signed_reply_is_told_on_signed_for_the_legacy_systems_own_url(carriers: Carriers) -> None:
    asked = reply("When do you open?", ANN)
    assert carriers.called(asked) in TAKEN
    told = carriers.told()
    assert told.body == asked.body
    token = (told.header(b"messagebird-signature-jwt") or b"").decode()
    # The house's clock stands in the year of the tests, which may be ahead of the machine's.
    options = {"verify_nbf": False, "verify_exp": False}
    claims = jwt.decode(token, LEGACY_TOKEN, algorithms=["HS256"], issuer="MessageBird", options=options)
    assert claims["url_hash"] == hash_of(f"{carriers.legacy.url}/legacy/messagebird?tenant=acme".encode())
    assert claims["payload_hash"] == hash_of(told.body)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, TOKEN, algorithms=["HS256"], options=options)


def test_a_receipt_is_told_on_as_it_came(carriers: Carriers) -> None:
    query = captures.request("webhooks/messagebird-status-delivered").query
    assert carriers.called(signed(b"/in/messagebird?" + query)) in TAKEN
    assert carriers.told().query == query


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        ("another key", reply("STOP", ANN, "another-key-of-at-least-32-bytes.")),
        ("another body", replace(reply("STOP", ANN), body=reply("START", ANN).body)),
        ("another query", replace(reply("STOP", ANN), target=b"/in/messagebird?tenant=other")),
        ("no token", replace(reply("STOP", ANN), headers=reply("STOP", ANN).headers[:1])),
    ],
)
def test_a_webhook_that_messagebird_did_not_sign_is_403_and_told_to_nobody(
    carriers: Carriers, situation: str, webhook: Request
) -> None:
    assert carriers.called(webhook) == 403
    assert carriers.legacy.received == []
