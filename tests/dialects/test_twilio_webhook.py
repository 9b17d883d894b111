from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from gateway.dialects.twilio.dialect import Twilio
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request, Response
from tests.captures import names, request
from tests.dialects.values import with_header

TWILIO = Twilio()
TOKEN = "test-token"
GATEWAY = "https://gateway.example.com"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
WEBHOOKS = names("webhooks/twilio-*")
STOP = request("webhooks/twilio-inbound-stop")


def reply(text: str, acted: str = "") -> Inbound:
    return Inbound("SM66666666666666666666666666666666", "+12025550123", "+12025550100", text, acted)


HEARD = {
    "webhooks/twilio-inbound-get": reply("STOP"),
    "webhooks/twilio-inbound-stop": reply("STOP"),
    "webhooks/twilio-inbound-stop-sha256": reply("STOP"),
    "webhooks/twilio-inbound-stop-advanced-optout": reply("Arret", "STOP"),
    "webhooks/twilio-inbound-text": reply("Please stop texting me & call 👋 instead"),
    "webhooks/twilio-status-delivered": None,
    "webhooks/twilio-status-failed-optout": None,
    "webhooks/twilio-status-undelivered": None,
}


def url_of(webhook: Request) -> str:
    return GATEWAY + webhook.target.decode()


def signed(webhook: Request, url: str | None = None, token: str = TOKEN) -> bool:
    return TWILIO.signed(webhook, url or url_of(webhook), token, NOW)


def signature_of(webhook: Request) -> str:
    return (webhook.header(b"x-twilio-signature") or b"").decode()


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == WEBHOOKS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    assert TWILIO.hear(request(name)) == HEARD[name]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_is_signed_and_a_changed_one_is_not(name):
    webhook = request(name)
    assert signed(webhook)
    assert not signed(webhook, token="another-token")
    assert not signed(webhook, url_of(webhook) + "&a=b")
    assert not signed(webhook, url_of(webhook).replace("https", "http"))
    assert not signed(with_header(webhook, b"X-Twilio-Signature", b""))
    assert not signed(replace(webhook, headers=()))
    if webhook.method == b"POST":
        assert not signed(replace(webhook, body=webhook.body + b"&New=1"))
        assert not signed(replace(webhook, body=webhook.body.replace(b"12025550123", b"12025550199")))
        assert not signed(replace(webhook, body=b""))


@pytest.mark.parametrize(
    ("situation", "change"),
    [
        ("SHA-1 instead", b"key=webhooks_sharedkey_test,algorithm=HMAC_SHA1"),
        ("an unknown algorithm", b"key=webhooks_sharedkey_test,algorithm=HMAC_MD5"),
        ("none", b""),
    ],
)
def test_the_algorithm_can_not_be_talked_down(situation, change):
    webhook = request("webhooks/twilio-inbound-stop-sha256")
    assert not signed(with_header(webhook, b"X-Twilio-Webhooks-Signature-Settings", change))


def test_two_signatures_are_none():
    twice = replace(STOP, headers=(*STOP.headers, (b"x-twilio-signature", b"AAAA")))
    assert not signed(twice)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("https://a.example/in?x=1", "https://a.example:443/in?x=1"),
        ("https://a.example:443/in?x=1", "https://a.example/in?x=1"),
        ("http://a.example/in", "http://a.example:80/in"),
        ("http://a.example:80/in", "http://a.example/in"),
        ("https://u:p@a.example/in", "https://u:p@a.example:443/in"),
        ("https://a.example:8443/in", "https://a.example:8443/in"),
        ("https://a.example", "https://a.example:443"),
    ],
)
def test_the_default_port_may_be_there_or_not(theirs, ours):
    webhook = TWILIO.sign(STOP, theirs, TOKEN, NOW)
    assert signed(webhook, ours)


def test_another_port_is_another_url():
    webhook = TWILIO.sign(STOP, "https://a.example/in", TOKEN, NOW)
    assert not signed(webhook, "https://a.example:8443/in")


@pytest.mark.parametrize("name", WEBHOOKS)
def test_signed_anew_for_the_legacy_system_its_sdk_takes_it(name):
    webhook = request(name)
    url = "http://10.0.0.7:8090/hooks/sms?tenant=acme&k=a%20b"
    anew = TWILIO.sign(webhook, url, "legacy-token", NOW)
    algorithm = "HMAC_SHA256" if "sha256" in name else None
    form = webhook.method == b"POST"
    params = dict(pair.split("=", 1) for pair in webhook.body.decode().split("&")) if form else {}
    params = {key: unquote_plus(value) for key, value in params.items()}
    assert RequestValidator("legacy-token").validate(url, params, signature_of(anew), algorithm)
    assert not RequestValidator("legacy-token").validate(url, params, signature_of(webhook), algorithm)
    assert replace(anew, headers=webhook.headers) == webhook
    assert [key for key, _ in anew.headers] == [key for key, _ in webhook.headers]


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(fields=st.dictionaries(words, words, max_size=6))
@settings(max_examples=100)
def test_fields_that_nobody_knows_yet_are_signed_as_the_sdk_signs_them(fields):
    url = f"{GATEWAY}/in?tenant=a"
    signature = RequestValidator(TOKEN).compute_signature(url, fields)
    webhook = replace(STOP, body=urlencode(fields).encode())
    assert signed(with_header(webhook, b"X-Twilio-Signature", signature.encode()), url)


def test_a_json_body_is_covered_by_its_hash_in_the_url():
    body = '{"Body": "STOP"}'
    url = f"{GATEWAY}/in?bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert RequestValidator(TOKEN).validate(url, body, signature)
    headers = ((b"Content-Type", b"application/json"), (b"X-Twilio-Signature", signature.encode()))
    webhook = Request(b"POST", url.removeprefix(GATEWAY).encode(), headers, body.encode())
    assert signed(webhook, url)
    assert not signed(replace(webhook, body=b'{"Body": "HELP"}'), url)


def test_a_body_that_the_signature_does_not_cover_is_not_signed():
    url = f"{GATEWAY}/in"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    headers = ((b"Content-Type", b"application/json"), (b"X-Twilio-Signature", signature.encode()))
    webhook = Request(b"POST", b"/in", headers, b'{"Body": "STOP"}')
    assert not signed(webhook, url)
    with pytest.raises(Unreadable):
        TWILIO.sign(webhook, url, TOKEN, NOW)


@pytest.mark.parametrize("field", ["MessageSid", "From", "To"])
def test_a_reply_without_what_makes_it_one_is_refused(field):
    body = b"&".join(part for part in STOP.body.split(b"&") if not part.startswith(field.encode() + b"="))
    with pytest.raises(Unreadable, match=field):
        TWILIO.hear(replace(STOP, body=body))


def test_two_texts_in_one_reply_are_refused():
    with pytest.raises(Unreadable, match="twice"):
        TWILIO.hear(replace(STOP, body=STOP.body + b"&Body=START"))


def test_silence_sends_nothing_back():
    expected = ((b"Content-Type", b"text/xml"), (b"Content-Length", b"11"))
    assert TWILIO.silence() == Response(200, expected, b"<Response/>")


@given(body=st.binary(), signature=st.binary())
@settings(max_examples=200)
def test_any_bytes_are_unsigned(body, signature):
    webhook = with_header(replace(STOP, body=body), b"X-Twilio-Signature", signature)
    assert not signed(webhook)
