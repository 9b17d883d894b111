from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vonage_http_client.auth import Auth
from vonage_jwt.verify_jwt import verify_signature

from gateway.dialects.vonage.dialect import Vonage
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request
from tests.captures import names, request
from tests.dialects.values import with_header

VONAGE = Vonage()
SMS_SECRET, TOKEN_SECRET = "test-signature-secret", "test-signature-secret-at-least-32-bytes"
LEGACY = "another-secret-of-at-least-32-bytes"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
URL = "https://legacy.example.com/sms"
ANN, SHOP = "+12025550123", "+12025550100"

WEBHOOKS = names("webhooks/vonage-*")
BY_SMS = [name for name in WEBHOOKS if "-signed-" in name]
BY_TOKEN = [name for name in WEBHOOKS if "messages" in name]
UNSIGNED = sorted(set(WEBHOOKS) - set(BY_SMS) - set(BY_TOKEN))
STOP = request("webhooks/vonage-messages-inbound-stop")
SMS = request("webhooks/vonage-sms-inbound-signed-hmac-sha256-json")


def heard_by_sms(text: str) -> Inbound:
    return Inbound("0A0000000123ABCD1", ANN, SHOP, text)


HEARD = {
    "webhooks/vonage-messages-inbound-stop": Inbound("aaaaaaaa-bbbb-4ccc-8ddd-0123456789ac", ANN, SHOP, "STOP"),
    "webhooks/vonage-sms-inbound-concat-part": heard_by_sms("ST"),
    "webhooks/vonage-sms-inbound-stop": heard_by_sms("STOP"),
    "webhooks/vonage-sms-inbound-stop-form": heard_by_sms("STOP"),
    "webhooks/vonage-sms-inbound-stop-get": heard_by_sms("Stop"),
    **dict.fromkeys(BY_SMS, heard_by_sms("Stop & go = 1")),
    **dict.fromkeys([name for name in WEBHOOKS if "status" in name]),
}


def secret_of(name: str) -> str:
    return TOKEN_SECRET if name in BY_TOKEN else SMS_SECRET


def signed(webhook: Request, secret: str) -> bool:
    return VONAGE.signed(webhook, URL, secret, NOW)


def fields_of(webhook: Request) -> dict[str, str]:
    if (webhook.header(b"content-type") or b"").startswith(b"application/json"):
        return dict(json.loads(webhook.body))
    return dict(parse_qsl((webhook.body or webhook.query).decode()))


def token_of(webhook: Request) -> str:
    return (webhook.header(b"authorization") or b"").decode().removeprefix("Bearer ")


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == WEBHOOKS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    assert VONAGE.hear(request(name)) == HEARD[name]


@pytest.mark.parametrize("name", [*BY_SMS, *BY_TOKEN])
def test_a_captured_webhook_is_signed_and_a_changed_one_is_not(name):
    webhook, secret = request(name), secret_of(name)
    assert signed(webhook, secret)
    assert not signed(webhook, "another-secret")
    if webhook.body:
        assert not signed(replace(webhook, body=webhook.body.replace(b"12025550123", b"12025550199")), secret)
        assert not signed(replace(webhook, body=b""), secret)
    else:
        assert not signed(replace(webhook, target=webhook.target + b"&new=1"), secret)
        assert not signed(replace(webhook, target=webhook.target.replace(b"Stop", b"Start")), secret)


@pytest.mark.parametrize("name", UNSIGNED)
def test_one_that_is_not_signed_is_not_believed(name):
    assert not signed(request(name), SMS_SECRET)


@pytest.mark.parametrize("name", BY_TOKEN)
def test_without_its_token_or_with_two_of_them_it_is_not_believed(name):
    webhook = request(name)
    assert not signed(replace(webhook, headers=webhook.headers[:2]), TOKEN_SECRET)
    twice = (*webhook.headers, (b"authorization", b"Bearer " + token_of(webhook).encode()))
    assert not signed(replace(webhook, headers=twice), TOKEN_SECRET)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    ("situation", "claims", "algorithm"),
    [
        ("the hash of another body", {"payload_hash": hashlib.sha256(b"{}").hexdigest()}, "HS256"),
        ("no hash", {}, "HS256"),
        ("no algorithm", {"payload_hash": hashlib.sha256(STOP.body).hexdigest()}, "none"),
        ("another algorithm", {"payload_hash": hashlib.sha256(STOP.body).hexdigest()}, "HS512"),
    ],
)
def test_a_token_that_does_not_cover_the_body_is_not_believed(situation, claims, algorithm):
    token = jwt.encode(claims, None if algorithm == "none" else TOKEN_SECRET, algorithm=algorithm)
    assert not signed(with_header(STOP, b"Authorization", b"Bearer " + token.encode()), TOKEN_SECRET)


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_token_is_made_anew_for_the_legacy_system_and_its_sdk_takes_it(name):
    webhook = request(name)
    later = NOW - timedelta(days=400)  # for the SDK's clock, which is the machine's
    anew = VONAGE.sign(webhook, URL, LEGACY, later)
    assert verify_signature(token_of(anew), LEGACY)
    assert not verify_signature(token_of(anew), TOKEN_SECRET)
    claims = jwt.decode(token_of(anew), LEGACY, algorithms=["HS256"])
    theirs = jwt.decode(token_of(webhook), TOKEN_SECRET, algorithms=["HS256"], options={"verify_iat": False})
    assert claims == {**theirs, "iat": int(later.timestamp())}
    assert claims["payload_hash"] == hashlib.sha256(anew.body).hexdigest()
    assert replace(anew, headers=webhook.headers) == webhook


def validated(webhook: Request, secret: str, method: str) -> bool:
    """By Vonage's own SDK."""
    return bool(Auth(api_key="k", signature_secret=secret, signature_method=method).check_signature(fields_of(webhook)))


@pytest.mark.parametrize("method", ["md5", "sha1", "sha256", "sha512"])
def test_parameters_are_signed_anew_for_the_legacy_system_and_its_sdk_takes_them(method):
    webhook = request(f"webhooks/vonage-sms-inbound-signed-hmac-{method}-json")
    assert validated(webhook, SMS_SECRET, method)
    anew = VONAGE.sign(webhook, URL, LEGACY, NOW)
    assert validated(anew, LEGACY, method)
    assert not validated(anew, SMS_SECRET, method)
    theirs, ours = fields_of(webhook), fields_of(anew)
    assert {**ours, "sig": ""} == {**theirs, "sig": ""}
    assert ours["sig"].isupper()


def test_parameters_in_a_form_are_signed_anew_in_it():
    body = urlencode(fields_of(SMS)).encode()
    webhook = with_header(replace(SMS, body=body), b"Content-Type", b"application/x-www-form-urlencoded")
    assert signed(webhook, SMS_SECRET)
    anew = VONAGE.sign(webhook, URL, LEGACY, NOW)
    assert validated(anew, LEGACY, "sha256")
    assert (anew.header(b"content-length") or b"") == str(len(anew.body)).encode()


@pytest.mark.parametrize("name", BY_SMS)
def test_a_legacy_system_with_the_accounts_own_secret_gets_the_very_same_call(name):
    webhook = request(name)
    assert VONAGE.sign(webhook, URL, SMS_SECRET, NOW) is webhook


@pytest.mark.parametrize("name", [*UNSIGNED, *(name for name in BY_SMS if name.endswith("-get"))])
def test_what_is_not_signed_or_signed_in_the_query_is_told_on_as_it_came(name):
    webhook = request(name)
    assert VONAGE.sign(webhook, URL, LEGACY, NOW) is webhook


def test_the_older_signature_is_an_md5_of_parameters_and_secret():
    assert signed(request("webhooks/vonage-sms-inbound-signed-md5hash-json"), SMS_SECRET)


@pytest.mark.parametrize("field", ["messageId", "msisdn", "to"])
def test_a_reply_without_what_makes_it_one_is_refused(field):
    fields = {name: value for name, value in fields_of(SMS).items() if name != field}
    with pytest.raises(Unreadable):
        VONAGE.hear(replace(SMS, body=json.dumps(fields).encode()))


@given(body=st.binary(), token=st.binary())
@settings(max_examples=200)
def test_any_bytes_are_unsigned(body, token):
    assert not signed(replace(SMS, body=body), SMS_SECRET)
    assert not signed(replace(STOP, headers=((b"Authorization", b"Bearer " + token),)), TOKEN_SECRET)


def test_a_reply_of_a_drill_is_signed_and_heard_as_a_recipients_own():
    said = Inbound("id-1", ANN, SHOP, "Stop & go")
    call = VONAGE.sign(VONAGE.reply(said), URL, SMS_SECRET, NOW)
    assert validated(call, SMS_SECRET, "sha256")
    assert signed(call, SMS_SECRET)
    assert VONAGE.hear(call) == said


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(fields=st.dictionaries(words, words, max_size=6), method=st.sampled_from(["md5", "sha1", "sha256", "sha512"]))
@settings(max_examples=100)
def test_fields_that_nobody_knows_yet_are_signed_as_the_sdk_signs_them(fields, method):
    fields = {**fields, "timestamp": "1795487400"}
    fields.pop("sig", None)
    sig = Auth(api_key="k", signature_secret=SMS_SECRET, signature_method=method).sign_params(dict(fields))
    webhook = replace(SMS, body=json.dumps({**fields, "sig": sig}).encode())
    assert signed(webhook, SMS_SECRET)
