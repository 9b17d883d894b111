"""Signature Version 4, held against botocore's own signer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as Key
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.aws.dialect import Aws
from gateway.dialects.aws.signature import Claim, Scope, by_name, signature
from gateway.dialects.aws.signer import AwsSigner
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request
from tests.captures import names, request
from tests.dialects.values import with_header

OURS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
NOW = datetime(2026, 11, 24, 2, 25, 28, tzinfo=UTC)
SIGNER = AwsSigner(OURS, "us-east-1", "sns")
CAPTURED = [name for name in names("sns-*") + names("aws-eum-*") if not name.endswith(".response")]


def by_botocore(unsigned: Request, scope: Scope, token: str | None = None, at: datetime = NOW) -> Request:
    """The request as boto3 would have signed it."""
    host = (unsigned.header(b"host") or b"").decode()
    asked = AWSRequest(unsigned.method.decode(), f"http://{host}{unsigned.target.decode()}", data=unsigned.body)
    for name, value in unsigned.headers:
        asked.headers.add_header(name.decode(), value.decode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.auth.get_current_datetime", lambda: at)
        SigV4Auth(Key(OURS.user, OURS.secret, token), scope.service, scope.region).add_auth(asked)
    headers = tuple((name.encode(), value.encode()) for name, value in asked.headers.items())
    return replace(unsigned, headers=headers)


def claim_of(signed: Request) -> Claim:
    return Claim.of(by_name(signed.headers))


def unsigned(captured: Request) -> Request:
    dropped = {b"authorization", b"x-amz-date", b"x-amz-security-token"}
    return replace(captured, headers=tuple(pair for pair in captured.headers if pair[0].lower() not in dropped))


def signed_now(name: str) -> Request:
    """A capture under a key that we hold; it was made with another one."""
    captured = request(name)
    token = captured.header(b"x-amz-security-token")
    return by_botocore(unsigned(captured), claim_of(captured).scope, token and token.decode())


visible = st.characters(min_codepoint=33, max_codepoint=126)
paths = st.text(st.sampled_from("abZ9/.~%25-_+:$@!*'()=&"), max_size=20)
queries = st.lists(st.text(st.sampled_from("ab%2F=+~-."), max_size=6), max_size=4).map("&".join)
fields = st.dictionaries(
    st.sampled_from(["Content-Type", "X-Amz-Target", "X-Amz-Meta-b", "x-amz-meta-a", "Accept", "X-Amz-Security-Token"]),
    st.lists(st.text(visible, min_size=1, max_size=6), min_size=1, max_size=3).map("  ".join),
    max_size=5,
)


@given(path=paths, query=queries, extra=fields, body=st.binary(max_size=40), method=st.sampled_from(["POST", "GET"]))
@settings(max_examples=150)
def test_any_request_is_signed_as_botocore_signs_it(path: str, query: str, extra: dict[str, str], body: bytes, method):
    target = f"/{path}" + (f"?{query}" if query else "")
    headers = ((b"Host", b"sns.eu-west-1.amazonaws.com"), *((k.encode(), v.encode()) for k, v in extra.items()))
    theirs = by_botocore(Request(method.encode(), target.encode(), headers, body), Scope("", "eu-west-1", "sns"))
    claim = claim_of(theirs)
    stamp = (theirs.header(b"x-amz-date") or b"").decode()
    assert signature(theirs, claim.names, stamp, claim.scope, OURS.secret) == claim.signature


@given(region=st.sampled_from(["us-east-1", "eu-central-2"]), at=st.datetimes(timezones=st.just(UTC)))
@settings(max_examples=50)
def test_what_leaves_is_signed_as_botocore_signs_it_at_that_instant(region: str, at: datetime):
    signer = AwsSigner(OURS, region, "sns")
    plain = unsigned(request("sns-gsm"))
    covered = (b"host", b"content-type")
    plain = replace(plain, headers=tuple(pair for pair in plain.headers if pair[0].lower() in covered))
    theirs = by_botocore(plain, Scope("", region, "sns"), at=at)
    assert signer.sign(plain, at).header(b"authorization") == theirs.header(b"authorization")


@pytest.mark.parametrize("name", CAPTURED)
def test_a_captured_send_is_checked_and_signed_anew_for_amazons_host(name: str):
    came = signed_now(name)
    SIGNER.check(came, NOW)
    later = NOW + timedelta(seconds=2)
    leaving = with_header(came, b"Host", b"sns.us-east-1.amazonaws.com")
    anew = SIGNER.sign(leaving, later)
    SIGNER.check(anew, later)
    assert anew.header(b"x-amz-security-token") == came.header(b"x-amz-security-token")
    assert claim_of(anew).scope == claim_of(came).scope
    changed = {b"authorization", b"x-amz-date"}
    assert [pair for pair in anew.headers if pair[0].lower() not in changed] == [
        pair for pair in leaving.headers if pair[0].lower() not in changed
    ]
    with pytest.raises(Unreadable, match="not one of this request"):
        SIGNER.check(leaving, NOW)


def test_the_hash_of_a_body_that_changed_is_written_anew():
    came = with_header(signed_now("sns-gsm"), b"X-Amz-Content-SHA256", b"0" * 64)
    SIGNER.check(SIGNER.sign(came, NOW), NOW)


GSM = signed_now("sns-gsm")
EUM = signed_now("aws-eum-sendtextmessage")
UNSIGNED_BODY = by_botocore(
    with_header(unsigned(GSM), b"x-amz-content-sha256", b"UNSIGNED-PAYLOAD"), Scope("", "us-east-1", "sns")
)
CHANGED = [
    ("another body", replace(GSM, body=GSM.body + b"x"), "not one of this request"),
    ("another recipient", replace(GSM, body=GSM.body.replace(b"0123", b"0124")), "not one of this request"),
    ("another method", replace(GSM, method=b"PUT"), "not one of this request"),
    ("another path", replace(GSM, target=b"/x"), "not one of this request"),
    ("a query", replace(GSM, target=b"/?a=b"), "not one of this request"),
    ("another host", with_header(GSM, b"Host", b"elsewhere"), "not one of this request"),
    ("another action", with_header(EUM, b"X-Amz-Target", b"PinpointSMSVoiceV2.Send"), "not one of this request"),
    ("a field that is not covered", with_header(GSM, b"X-Amz-Target", b"a.b"), "does not cover x-amz-target"),
    ("a field given twice", replace(GSM, headers=(*GSM.headers, (b"x-amz-date", b"1"))), "twice"),
    ("no signature", unsigned(GSM), "not signed"),
    ("two signatures", replace(GSM, headers=(*GSM.headers, (b"Authorization", b"x"))), "not signed"),
    ("a signature in the query", replace(unsigned(GSM), target=b"/?X-Amz-Signature=00"), "not signed"),
    ("a user and a password", with_header(GSM, b"Authorization", b"Basic dTpw"), "not signed"),
    ("no date", replace(GSM, headers=tuple(p for p in GSM.headers if p[0] != b"X-Amz-Date")), "X-Amz-Date"),
    ("a hash that is not covered", with_header(GSM, b"x-amz-content-sha256", b"00"), "does not cover x-amz-content"),
    ("a body that is not covered", UNSIGNED_BODY, "is not the hash"),
]


@pytest.mark.parametrize(("situation", "came", "why"), CHANGED, ids=[row[0] for row in CHANGED])
def test_what_is_not_signed_as_it_came_is_not_signed_anew(situation: str, came: Request, why: str):
    with pytest.raises(Unreadable, match=why):
        SIGNER.check(came, NOW)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_what_was_signed_long_ago_or_too_early_is_not_signed_anew(minutes: int):
    with pytest.raises(Unreadable, match="five minutes"):
        SIGNER.check(GSM, NOW + timedelta(minutes=minutes))
    SIGNER.check(GSM, NOW + timedelta(minutes=4))


@pytest.mark.parametrize(
    ("situation", "credentials", "why"),
    [
        ("another key", Credentials("AKIDOTHER", OURS.secret), "another access key"),
        ("another secret", Credentials(OURS.user, "another"), "not one of this request"),
        ("none", None, "give the upstream `credentials`"),
    ],
)
def test_credentials_are_lent_to_nobody_who_does_not_hold_them(
    situation: str, credentials: Credentials | None, why: str
):
    signer = Aws("us-east-1/sns").signer(credentials)
    with pytest.raises(Unreadable, match=why) as refused:
        signer.check(GSM, NOW)
    assert refused.value.field == "Authorization"


def test_without_credentials_nothing_leaves_even_unchecked():
    with pytest.raises(Unreadable, match="credentials"):
        AwsSigner(None).sign(GSM, NOW)


@given(value=st.binary(max_size=80) | st.from_regex(rb"AWS4-HMAC-SHA256 Credential=[ -~]{0,90}"))
def test_any_authorization_is_refused_and_nothing_else_happens(value: bytes):
    with pytest.raises(Unreadable):
        SIGNER.check(with_header(GSM, b"Authorization", value), NOW)
