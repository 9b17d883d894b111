"""Azure's HMAC, held against the signer of its own SDK."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.communication.sms._shared.policy import HMACCredentialsPolicy
from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.rest import HttpRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.azure.dialect import Azure
from gateway.dialects.azure.signature import AzureSigner
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request
from tests.captures import names, request
from tests.dialects.values import with_header

KEY = b64encode(b"an access key of thirty-two bytes").decode()
NOW = datetime(2026, 11, 24, 2, 25, 28, tzinfo=UTC)
STAMP = "Tue, 24 Nov 2026 02:25:28 GMT"
SIGNER = AzureSigner(Credentials("acs", KEY))
CAPTURED = [name for name in names("acs-*") if not name.endswith(".response")]


def by_azure(came: Request, key: str = KEY) -> Request:
    """The request as Azure's SDK would have signed it."""
    host = (came.header(b"host") or b"").decode()
    asked = HttpRequest(came.method.decode(), f"https://{host}{came.target.decode()}", data=came.body.decode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azure.communication.sms._shared.policy.get_current_utc_time", lambda: STAMP)
        HMACCredentialsPolicy(f"https://{host}", key).on_request(PipelineRequest(asked, PipelineContext(None)))
    for name in ("x-ms-date", "x-ms-content-sha256", "Authorization"):
        came = with_header(came, name.encode(), asked.headers[name].encode())
    return came


def covered(signed: Request) -> list[bytes | None]:
    return [signed.header(name) for name in (b"authorization", b"x-ms-date", b"x-ms-content-sha256")]


@pytest.mark.parametrize("name", CAPTURED)
def test_a_captured_send_is_checked_and_signed_anew_for_azures_host(name: str):
    came = by_azure(request(name))
    SIGNER.check(came, NOW)
    leaving = with_header(came, b"Host", b"acs.communication.azure.com")
    anew = SIGNER.sign(leaving, NOW)
    assert covered(anew) == covered(by_azure(leaving))
    ours = {b"authorization", b"x-ms-date", b"x-ms-content-sha256"}
    assert [p for p in anew.headers if p[0].lower() not in ours] == [
        p for p in leaving.headers if p[0].lower() not in ours
    ]
    with pytest.raises(Unreadable, match="not one of this request"):
        SIGNER.check(leaving, NOW)


words = st.text(st.sampled_from("abZ9.~%25-_+:$@!*'()="), max_size=8)


@given(path=words, query=words, body=st.text(st.characters(exclude_categories=["Cs"]), max_size=40), get=st.booleans())
@settings(max_examples=200)
def test_any_request_is_signed_as_azures_sdk_signs_it(path: str, query: str, body: str, get: bool):
    target = f"/sms/{path}" + (f"?{query}" if query else "")
    headers = ((b"Host", b"acs.communication.azure.com"),)
    plain = Request(b"GET" if get else b"POST", target.encode(), headers, body.encode())
    theirs = by_azure(plain)
    SIGNER.check(theirs, NOW)
    assert covered(SIGNER.sign(plain, NOW)) == covered(theirs)


def test_a_bearer_token_is_bound_to_nothing_and_goes_on_as_it_came():
    came = with_header(request("acs-gsm"), b"Authorization", b"Bearer eyJ0eXAi.e30.sig")
    for signer in (SIGNER, AzureSigner(None)):
        signer.check(came, NOW)
        assert signer.sign(came, NOW) is came


GSM = by_azure(request("acs-gsm"))
DATE_ONLY = b"HMAC-SHA256 SignedHeaders=x-ms-date&Signature=" + b"A" * 43 + b"="
CHANGED = [
    ("another body", replace(GSM, body=GSM.body + b" "), "is not the hash"),
    ("another method", replace(GSM, method=b"PUT"), "not one of this request"),
    ("another path", replace(GSM, target=b"/sms/optouts:add?api-version=2021-03-07"), "not one of this request"),
    ("another query", replace(GSM, target=GSM.target + b"&a=b"), "not one of this request"),
    ("another host", with_header(GSM, b"Host", b"elsewhere"), "not one of this request"),
    ("another date", with_header(GSM, b"x-ms-date", b"Tue, 24 Nov 2026 02:25:29 GMT"), "not one of this request"),
    ("no date", with_header(GSM, b"x-ms-date", b""), "x-ms-date"),
    ("a date without a zone", with_header(GSM, b"x-ms-date", b"Tue, 24 Nov 2026 02:25:28 -0000"), "x-ms-date"),
    ("two dates", replace(GSM, headers=(*GSM.headers, (b"X-Ms-Date", b"1"))), "twice"),
    ("no signature", with_header(GSM, b"Authorization", b""), "neither"),
    ("a user and a password", with_header(GSM, b"Authorization", b"Basic dTpw"), "neither"),
    ("a signature of the date only", with_header(GSM, b"Authorization", DATE_ONLY), "neither"),
    ("another key", by_azure(request("acs-gsm"), b64encode(b"another").decode()), "not one of this request"),
]


@pytest.mark.parametrize(("situation", "came", "why"), CHANGED, ids=[row[0] for row in CHANGED])
def test_what_is_not_signed_as_it_came_is_not_signed_anew(situation: str, came: Request, why: str):
    with pytest.raises(Unreadable, match=why):
        SIGNER.check(came, NOW)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_what_was_signed_long_ago_or_too_early_is_not_signed_anew(minutes: int):
    with pytest.raises(Unreadable, match="15 minutes"):
        SIGNER.check(GSM, NOW + timedelta(minutes=minutes))


def test_without_credentials_nothing_is_signed_anew():
    for asked in (AzureSigner(None).check, AzureSigner(None).sign):
        with pytest.raises(Unreadable, match="give the upstream `credentials`") as refused:
            asked(GSM, NOW)
        assert refused.value.field == "Authorization"


@pytest.mark.parametrize("secret", ["no key", "äöü", "QUJ", "===="])
def test_a_secret_that_is_no_access_key_is_told_of_at_once(secret: str):
    with pytest.raises(Unreadable, match="no access key") as refused:
        Azure().signer(Credentials("acs", secret))
    assert secret not in str(refused.value)


@given(
    value=(st.binary(max_size=80) | st.from_regex(rb"HMAC-SHA256 SignedHeaders=[ -~]{0,90}")).filter(
        lambda value: not value.strip().lower().startswith(b"bearer")  # a token is the carrier's to check
    )
)
def test_any_authorization_is_refused_and_nothing_else_happens(value: bytes):
    with pytest.raises(Unreadable):
        SIGNER.check(with_header(GSM, b"Authorization", value), NOW)
