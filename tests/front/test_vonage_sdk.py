"""Vonage's own SDK through the gateway: what is changed, refused and passed, and webhooks under its own checks."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from vonage import Auth, HttpClientOptions, Vonage
from vonage_http_client.errors import HttpRequestError
from vonage_jwt.verify_jwt import verify_signature
from vonage_messages import Sms
from vonage_sms import SmsMessage
from vonage_sms.errors import SmsError

from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import LEGACY_TOKEN, SIGNATURE_SECRET, TAKEN, TOKEN, Carriers

ANN, BEN, CAT, BOB = "12125550100", "12125550101", "12025550123", "12125550177"
SHOP = "18335550100"
INSTRUCTION = "Reply STOP to opt out"
OFFER = "20% off today"


def client_at(host: str, **auth: str) -> Vonage:
    given = {"api_key": "abcd1234", "api_secret": "test-token"} | auth
    return Vonage(Auth(**given), HttpClientOptions(rest_host=host, api_host=host))  # type: ignore[arg-type]


@pytest.fixture
def client(carriers: Carriers) -> Vonage:
    return client_at(f"{carriers.gateway}/vonage")


def by_token(message: dict[str, Any], secret: str = TOKEN) -> Request:
    return with_token(json.dumps(message).encode(), secret)


def with_token(body: bytes, secret: str = TOKEN) -> Request:
    """Of the Messages API."""
    claims = {"iat": 1781107200, "iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest()}
    token = jwt.encode(claims, secret, algorithm="HS256")
    headers = ((b"Content-Type", b"application/json"), (b"Authorization", b"Bearer " + token.encode()))
    return Request(b"POST", b"/in/vonage", headers, body)


def message(text: str, sender: str) -> dict[str, Any]:
    return {"channel": "sms", "message_uuid": f"{text}{sender}", "to": SHOP, "from": sender, "text": text}


def by_sig(text: str, sender: str, secret: str = TOKEN) -> Request:
    """Of the SMS API, signed by Vonage's SDK."""
    fields = {"msisdn": sender, "to": SHOP, "messageId": f"{text}{sender}", "text": text, "timestamp": "1781107200"}
    auth = Auth(api_key="k", signature_secret=secret, signature_method="sha256")
    body = json.dumps({**fields, "sig": auth.sign_params(dict(fields)).upper()}).encode()
    return Request(b"POST", b"/in/vonage", ((b"Content-Type", b"application/json"),), body)


def test_a_marketing_text_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: Vonage, carriers: Carriers
) -> None:
    sent = client.sms.send(SmsMessage(to=ANN, from_=SHOP, text=OFFER))
    assert sent.messages[0].message_id == "0A0000000123ABC1"
    assert dict(parse_qsl(carriers.sent().body.decode()))["text"] == f"{OFFER} {INSTRUCTION}"


def test_a_message_leaves_with_its_instruction_and_is_answered_by_the_carrier(
    client: Vonage, carriers: Carriers
) -> None:
    sent = client.messages.send(Sms(to=BEN, from_=SHOP, text=OFFER))
    assert sent.message_uuid == "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"
    assert json.loads(carriers.sent().body)["text"] == f"{OFFER} {INSTRUCTION}"


def test_a_signed_text_leaves_signed_anew(carriers: Carriers) -> None:
    auth = {"signature_secret": SIGNATURE_SECRET, "signature_method": "sha256"}
    client_at(f"{carriers.gateway}/vonage", **auth).sms.send(SmsMessage(to=CAT, from_=SHOP, text=OFFER))
    fields = dict(parse_qsl(carriers.sent().body.decode()))
    assert fields["text"] == f"{OFFER} {INSTRUCTION}"
    assert Auth(api_key="k", **auth).check_signature(fields)  # type: ignore[arg-type]


def test_after_stop_the_sdk_raises_its_own_errors_and_nothing_leaves(client: Vonage, carriers: Carriers) -> None:
    assert carriers.called(by_token(message("Stop", BOB))) in TAKEN
    with pytest.raises(SmsError, match=r"error code 7: Illegal Number: .*gateway/suppressed"):
        client.sms.send(SmsMessage(to=BOB, from_=SHOP, text=OFFER))
    with pytest.raises(HttpRequestError) as refused:
        client.messages.send(Sms(to=BOB, from_=SHOP, text=OFFER))
    assert refused.value.response.status_code == 422
    assert refused.value.response.json()["type"].endswith("#1240")
    assert "gateway/suppressed" in refused.value.response.json()["detail"]
    assert carriers.carrier.received == []


def test_what_is_no_send_reaches_the_carrier_and_comes_back_as_it_is(client: Vonage, carriers: Carriers) -> None:
    straight = client_at(carriers.carrier.address).account.get_balance()
    assert client.account.get_balance() == straight
    direct, through = carriers.carrier.received
    assert through.target == b"/account/get-balance"
    assert replace(through, headers=()) == replace(direct, headers=())
    hop = {b"host", b"connection"}
    assert [pair for pair in through.headers if pair[0].lower() not in hop] == [
        pair for pair in direct.headers if pair[0].lower() not in hop
    ]


def test_a_reply_with_a_token_is_told_on_so_that_the_sdk_takes_it_under_the_legacy_secret(carriers: Carriers) -> None:
    assert carriers.called(by_token(message("When do you open?", ANN))) in TAKEN
    told = carriers.told()
    token = (told.header(b"authorization") or b"").decode().removeprefix("Bearer ")
    # The house's clock stands in the year of the tests, which may be ahead of the machine's.
    claims = jwt.decode(token, LEGACY_TOKEN, algorithms=["HS256"], options={"verify_iat": False})
    assert claims["payload_hash"] == hashlib.sha256(told.body).hexdigest()
    assert verify_signature(token, LEGACY_TOKEN)
    assert not verify_signature(token, TOKEN)


def test_a_reply_with_a_sig_is_told_on_so_that_the_sdk_takes_it_under_the_legacy_secret(carriers: Carriers) -> None:
    assert carriers.called(by_sig("When do you open?", BEN)) in TAKEN
    fields = json.loads(carriers.told().body)
    assert fields["text"] == "When do you open?"
    for secret, taken in ((LEGACY_TOKEN, True), (TOKEN, False)):
        auth = Auth(api_key="k", signature_secret=secret, signature_method="sha256")
        assert auth.check_signature(dict(fields)) is taken


def test_a_receipt_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    receipt = captures.request("webhooks/vonage-messages-status-rejected-optout").body
    assert carriers.called(with_token(receipt)) in TAKEN
    assert carriers.told().body == receipt


STOP = by_token(message("STOP", ANN))


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        ("another secret", by_token(message("STOP", ANN), "another-secret-of-at-least-32-bytes")),
        ("another body", replace(STOP, body=by_token(message("START", ANN)).body)),
        ("no token", replace(STOP, headers=STOP.headers[:1])),
        ("parameters under another secret", by_sig("STOP", ANN, "another-secret")),
        ("other parameters", replace(by_sig("STOP", ANN), body=by_sig("STOP", ANN).body.replace(b"STOP", b"HELP"))),
    ],
)
def test_a_webhook_that_vonage_did_not_sign_is_403_and_told_to_nobody(
    carriers: Carriers, situation: str, webhook: Request
) -> None:
    assert carriers.called(webhook) == 403
    assert carriers.legacy.received == []
