"""Opt-outs as they are written to Twilio, beside what its own SDK writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from twilio.http.http_client import HttpClient
from twilio.http.response import Response as SdkResponse
from twilio.rest import Client

from gateway.dialects.optout_list import TheirOptOut
from gateway.dialects.twilio.optouts import TwilioOptOuts
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Response
from tests.twilio_client import ACCOUNT

WRITER = TwilioOptOuts()
AT = datetime(2026, 6, 10, 16, tzinfo=UTC)
ANN = TheirOptOut("+12125550100", "+18335550100", AT)
BOB = TheirOptOut("+12125550101", "MG" + "0" * 32, None)


class Recorder(HttpClient):
    """Takes what the SDK would send."""

    def request(self, method: str, url: str, data: Any = None, auth: Any = None, **_: Any) -> SdkResponse:  # type: ignore[override]
        self.sent = (method, url, auth, data)
        return SdkResponse(201, '{"items": []}')


def test_they_are_written_as_twilios_own_sdk_writes_them():
    request = WRITER.put([ANN, BOB], Credentials(ACCOUNT, "test-token"))
    written = parse_qsl(request.body.decode())
    recorder = Recorder(None, False, None)
    client = Client(ACCOUNT, "test-token", http_client=recorder)
    client.accounts.v1.bulk_consents.create(items=[json.loads(value) for _, value in written])
    method, url, auth, data = recorder.sent
    assert (method, url) == (request.method.decode(), "https://accounts.twilio.com" + request.target.decode())
    assert auth == (ACCOUNT, "test-token")
    assert request.header(b"authorization") == b"Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0ZXN0LXRva2Vu"
    assert {name for name, _ in written} == set(data)
    assert [json.loads(value) for _, value in written] == [json.loads(item) for item in data["Items"]]


def test_each_says_who_is_blocked_from_whom_and_since_when():
    [ann, bob] = [
        json.loads(value) for _, value in parse_qsl(WRITER.put([ANN, BOB], Credentials("", "")).body.decode())
    ]
    assert (ann["contact_id"], ann["sender_id"], ann["status"]) == ("+12125550100", "+18335550100", "opt-out")
    assert ann["date_of_consent"] == "2026-06-10T16:00:00+00:00"
    assert "date_of_consent" not in bob
    assert len(ann["correlation_id"]) == len(bob["correlation_id"]) == 32
    assert ann["correlation_id"] != bob["correlation_id"]


def answered(*codes: int) -> Response:
    sent = parse_qsl(WRITER.put([ANN, BOB], Credentials("", "")).body.decode())
    names = [json.loads(value)["correlation_id"] for _, value in sent]
    items = [{"correlation_id": name, "error_code": code} for name, code in zip(names, codes, strict=False)]
    return Response(201, (), orjson.dumps({"items": items}))


@pytest.mark.parametrize(
    ("situation", "codes", "taken"),
    [
        ("both", (0, 0), [True, True]),
        ("one is refused", (0, 20426), [True, False]),
        ("of one nothing is said", (0,), [True, False]),
    ],
)
def test_only_what_the_answer_names_as_good_was_taken(situation, codes, taken):
    assert WRITER.taken([ANN, BOB], answered(*codes)) == taken


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"items":[{}]}', b"[]", b'{"items":{"a":1}}'])
def test_what_is_no_answer_is_not_taken_for_one(body):
    with pytest.raises(Unreadable):
        WRITER.taken([ANN], Response(200, (), body))
