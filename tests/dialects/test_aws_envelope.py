"""The envelope of SNS under Amazon's signature, by a certificate that stands in for Amazon's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.aws.dialect import Aws
from gateway.words.errors import Unreadable
from gateway.words.wire import Request
from tests.captures import FOLDER, names, request
from tests.certificates import for_localhost

AWS = Aws()
CERTIFICATE = (FOLDER / "webhooks" / "sns-test-signing-cert.pem").read_bytes()
TOPIC = "arn:aws:sns:us-east-1:000000000000:sms-inbound"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
STOP = request("webhooks/sns-inbound-stop-v2")


def said(**changed: object) -> Request:
    return replace(STOP, body=json.dumps({**json.loads(STOP.body), **changed}).encode())


@pytest.mark.parametrize("name", names("webhooks/sns-*"))
def test_a_captured_webhook_is_believed_of_its_topic_by_its_certificate(name: str):
    webhook = request(name)
    assert AWS.signed(webhook, "", TOPIC, NOW)
    assert AWS.certified_by(webhook, TOPIC) == json.loads(webhook.body)["SigningCertURL"]
    assert AWS.attested(webhook, CERTIFICATE, NOW)


def test_a_subject_is_covered_where_there_is_one():
    assert not AWS.attested(said(Subject="x"), CERTIFICATE, NOW)


@pytest.mark.parametrize(
    ("situation", "webhook"),
    [
        *[(name, said(**{name: "x"})) for name in ("Message", "MessageId", "Timestamp", "TopicArn", "Type")],
        *[(f"{name}: nothing", said(**{name: None})) for name in ("Signature", "SignatureVersion", "Type")],
        ("the hash of another version", said(SignatureVersion="1")),
        ("a version of tomorrow", said(SignatureVersion="3")),
        ("no base64", said(Signature="%")),
        ("not even JSON", replace(STOP, body=b"STOP")),
    ],
)
def test_what_was_changed_is_not_attested(situation: str, webhook: Request):
    assert not AWS.attested(webhook, CERTIFICATE, NOW)


@pytest.mark.parametrize("at", [datetime(2025, 12, 31, tzinfo=UTC), datetime(2046, 1, 2, tzinfo=UTC)])
def test_a_certificate_is_good_for_its_time_only(at: datetime):
    assert not AWS.attested(STOP, CERTIFICATE, at)


def test_what_is_no_certificate_of_such_a_key_attests_nothing(tmp_path):
    elliptic = for_localhost(tmp_path / "elliptic.pem").read_bytes()
    assert not AWS.attested(STOP, elliptic, datetime.now(UTC))
    assert not AWS.attested(STOP, b"<html>", NOW)


@pytest.mark.parametrize("webhook", [said(TopicArn=f"{TOPIC}-2"), said(TopicArn=None), replace(STOP, body=b"[]")])
def test_another_topics_call_is_not_believed(webhook: Request):
    assert not AWS.signed(webhook, "", TOPIC, NOW)


def test_raw_delivery_is_not_believed_by_the_topic_alone():
    raw = replace(STOP, body=json.loads(STOP.body)["Message"].encode())
    assert not AWS.signed(raw, "", TOPIC, NOW)


def test_with_a_secret_in_the_url_no_certificate_is_needed():
    webhook = replace(STOP, target=b"/in/sns?code=test-token")
    assert AWS.signed(webhook, "", "test-token", NOW)
    assert not AWS.signed(STOP, "", "test-token", NOW)
    assert AWS.certified_by(webhook, "test-token") == ""


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.us-east-1.amazonaws.com/a.pem",
        "https://sns.us-east-1.amazonaws.com/../a.pem",
        "https://sns.us-east-1.amazonaws.com/a.pem?x=y",
        "https://evil@sns.us-east-1.amazonaws.com/a.pem",
        "https://s3.us-east-1.amazonaws.com/bucket/a.pem",
        "https://sns.us-east-1.amazonaws.com/a.pem\n",
    ],
)
def test_a_certificate_is_fetched_from_amazon_only(url: str):
    with pytest.raises(Unreadable, match=r"amazonaws\.com only"):
        AWS.certified_by(said(SigningCertURL=url), TOPIC)


members = st.dictionaries(
    st.sampled_from(["Type", "TopicArn", "Message", "Signature", "SignatureVersion", "SigningCertURL", "type"]),
    st.none() | st.text() | st.sampled_from(["Notification", TOPIC, "2", "AAAA"]),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_refused_and_nothing_else_happens(body: bytes):
    webhook = replace(STOP, body=body)
    assert not AWS.attested(webhook, CERTIFICATE, NOW)
    assert AWS.signed(webhook, "", TOPIC, NOW) in {True, False}
