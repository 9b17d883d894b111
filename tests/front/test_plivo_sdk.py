"""Plivo's own SDK through the gateway: what is changed, refused and passed, and webhooks under its own check."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import plivo
import pytest
from plivo.exceptions import ValidationError
from plivo.utils import validate_v3_signature
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3

from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import LEGACY_TOKEN, TAKEN, TOKEN, Carriers
from tests.front.house import PUBLIC_URL

ANN, BEN, CAT, BOB, DAN = "+12125550100", "+12125550101", "+12025550123", "+12125550177", "+16175550142"
SHOP = "+18335550100"
INSTRUCTION = "Reply STOP to opt out"
UUID = "db3ce55a-7f1d-11e1-8ea7-1231380bc190"
NONCE = "82340539103012345678"


def client_at(monkeypatch: pytest.MonkeyPatch, base: str, carriers: Carriers) -> plivo.RestClient:
    monkeypatch.setattr("plivo.rest.client.PLIVO_API_BASE_URI", f"{base}/v1/Account")
    client = plivo.RestClient("MAXXXXXXXXXXXXXXXXXX", "test-token")
    client.session.verify = str(carriers.certificate)  # it does not look at REQUESTS_CA_BUNDLE
    return client


@pytest.fixture
def client(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> plivo.RestClient:
    return client_at(monkeypatch, f"https://{carriers.gateway}/plivo", carriers)


def reply(text: str, sender: str, token: str = TOKEN) -> Request:
    form = {"From": sender.removeprefix("+"), "To": SHOP.removeprefix("+"), "Text": text, "Type": "sms"}
    return signed(form | {"MessageUUID": f"id of {text}{sender}"}, token)


def signed(form: dict[str, str], token: str = TOKEN) -> Request:
    """As Plivo does, by its SDK."""
    base = construct_post_url(f"{PUBLIC_URL}/in/plivo?tenant=acme", dict(form))
    headers = (
        (b"Content-Type", b"application/x-www-form-urlencoded"),
        (b"X-Plivo-Signature-V3", get_signature_v3(token, base.decode(), NONCE)),
        (b"X-Plivo-Signature-V3-Nonce", NONCE.encode()),
    )
    return Request(b"POST", b"/in/plivo?tenant=acme", headers, urlencode(form).encode())


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: plivo.RestClient, carriers: Carriers
) -> None:
    sent = client.messages.create(src=SHOP, dst=ANN, text="20% off today")
    assert sent.message_uuid[0] == UUID
    body = json.loads(carriers.sent().body)
    assert (body["text"], body["dst"], body["type"]) == (f"20% off today {INSTRUCTION}", ANN, "sms")


def test_after_stop_the_sdk_raises_its_own_error_and_nothing_leaves(
    client: plivo.RestClient, carriers: Carriers
) -> None:
    assert carriers.called(reply("Stop", BOB)) in TAKEN
    with pytest.raises(ValidationError, match=r"opted out \(200\).*gateway/suppressed"):
        client.messages.create(src=SHOP, dst=BOB, text="20% off today")
    assert carriers.carrier.received == []


def test_of_five_recipients_the_two_who_have_opted_out_are_left_out_and_told(
    client: plivo.RestClient, carriers: Carriers
) -> None:
    assert carriers.called(reply("STOP", BOB)) in TAKEN
    assert carriers.called(reply("stop", DAN)) in TAKEN
    sent = client.messages.create(src=SHOP, dst=f"{ANN}<{BOB}<{BEN}<{DAN}<{CAT}", text="Sale. Reply STOP to end")
    assert json.loads(carriers.sent().body)["dst"] == f"{ANN}<{BEN}<{CAT}"
    assert sent.invalid_number == [BOB, DAN]
    assert len(sent.message_uuid) == 3


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(
    client: plivo.RestClient, carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    through = client.messages.get(UUID)
    straight = client_at(monkeypatch, carriers.carrier.url, carriers).messages.get(UUID)
    assert through.__dict__["api_id"] == straight.__dict__["api_id"]
    asked, directly = carriers.carrier.received
    assert replace(asked, headers=()) == replace(directly, headers=())
    assert asked.target == f"/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/{UUID}/".encode()
    hop = {b"host", b"connection"}
    assert [pair for pair in asked.headers if pair[0].lower() not in hop] == [
        pair for pair in directly.headers if pair[0].lower() not in hop
    ]


def test_a_signed_reply_is_told_on_so_that_the_sdk_takes_it_under_the_legacy_token(carriers: Carriers) -> None:
    assert carriers.called(reply("When do you open?", ANN)) in TAKEN
    told = carriers.told()
    url = f"{carriers.legacy.url}/legacy/plivo?tenant=acme"
    assert url.endswith(told.target.decode())
    signature, nonce = (
        (told.header(name) or b"").decode() for name in (b"x-plivo-signature-v3", b"x-plivo-signature-v3-nonce")
    )
    params = dict(parse_qsl(told.body.decode()))
    assert params["Text"] == "When do you open?"
    assert validate_v3_signature("POST", url, nonce, LEGACY_TOKEN, signature, params)
    assert not validate_v3_signature("POST", url, nonce, TOKEN, signature, params)


def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    receipt = captures.request("webhooks/plivo-status-failed-optout").body.decode()
    assert carriers.called(signed(dict(parse_qsl(receipt)))) in TAKEN
    assert carriers.told().body.decode() == receipt


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        ("another token", reply("STOP", ANN, "another-token")),
        ("another body", replace(reply("STOP", ANN), body=reply("START", ANN).body)),
        ("another query", replace(reply("STOP", ANN), target=b"/in/plivo?tenant=other")),
        ("no signature", replace(reply("STOP", ANN), headers=reply("STOP", ANN).headers[:1])),
    ],
)
def test_a_webhook_that_plivo_did_not_sign_is_403_and_told_to_nobody(
    carriers: Carriers, situation: str, webhook: Request
) -> None:
    assert carriers.called(webhook) == 403
    assert carriers.legacy.received == []
