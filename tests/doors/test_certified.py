"""Webhooks that are believed by a certificate, and those by which a carrier asks whether it is welcome."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.delivery.upstream import Upstream
from gateway.dialects.aws.dialect import Aws
from gateway.doors.public import PublicDoor, Webhook
from gateway.telemetry import Meter
from gateway.words.message import Inbound
from gateway.words.wire import Request, Response
from tests.captures import FOLDER, request

NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
TOPIC = "arn:aws:sns:us-east-1:000000000000:sms-inbound"
STOP, CONFIRMATION = request("webhooks/sns-inbound-stop-v2"), request("webhooks/sns-subscription-confirmation")
CERTIFICATE = Response(200, (), (FOLDER / "webhooks" / "sns-test-signing-cert.pem").read_bytes())
AT = json.loads(STOP.body)["SigningCertURL"]
SUBSCRIBE = json.loads(CONFIRMATION.body)["SubscribeURL"]


class Amazon:
    """What is fetched from it."""

    def __init__(self) -> None:
        self.answers: dict[str, Response] = {AT: CERTIFICATE, SUBSCRIBE: Response(200, ())}
        self.asked: list[str] = []

    async def tell(self, request: Request, url: str) -> Response | None:
        self.asked.append(url)
        return self.answers.get(url)


class Heard:
    """A conversation that only listens."""

    def __init__(self) -> None:
        self.replies: list[Inbound] = []

    async def hear(self, inbound: Inbound, upstream: Upstream) -> bool:
        self.replies.append(inbound)
        return True


@pytest.fixture
def amazon() -> Amazon:
    return Amazon()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def door(amazon: Amazon, heard: Heard) -> AsyncIterator[TestClient[Any, Any]]:
    upstream = Upstream("sns", Aws("us-east-1/sns"), cast(Any, None))
    webhook = Webhook(upstream, "/in/sns", "https://gateway.example.com", TOPIC)
    unused: Any = None
    hearing, calling = cast(Any, heard), cast(Any, amazon)
    door = PublicDoor(hearing, unused, unused, unused, [webhook], calling, Meter(), lambda: NOW)
    async with TestClient(TestServer(door.app())) as client:
        yield client


async def called(door: TestClient[Any, Any], webhook: Request) -> int:
    async with door.post("/in/sns", data=webhook.body) as answer:
        return answer.status


async def test_what_amazon_has_signed_is_heard_and_its_certificate_is_fetched_once(
    door: TestClient[Any, Any], amazon: Amazon, heard: Heard
) -> None:
    assert [await called(door, request(f"webhooks/sns-inbound-stop-{version}")) for version in ("v1", "v2")] == [
        204,
        204,
    ]
    assert [reply.text for reply in heard.replies] == ["STOP", "STOP"]
    assert amazon.asked == [AT]


async def test_where_the_certificate_cannot_be_had_amazon_is_to_call_again(
    door: TestClient[Any, Any], amazon: Amazon, heard: Heard
) -> None:
    certificate = amazon.answers.pop(AT)
    assert await called(door, STOP) == 503
    amazon.answers[AT] = Response(404, ())
    assert await called(door, STOP) == 503
    assert heard.replies == []
    amazon.answers[AT] = certificate
    assert await called(door, STOP) == 204


@pytest.mark.parametrize(
    ("situation", "old", "new", "status", "asks"),
    [
        ("another text", b"STOP", b"STAY", 403, True),
        ("another topic", b"sms-inbound", b"sms-evil", 403, False),
        (
            "a certificate elsewhere",
            b"https://sns.us-east-1.amazonaws.com/Simple",
            b"https://evil.example/S",
            400,
            False,
        ),
    ],
)
async def test_what_amazon_has_not_signed_is_heard_by_nobody(
    situation: str,
    old: bytes,
    new: bytes,
    status: int,
    asks: bool,
    door: TestClient[Any, Any],
    amazon: Amazon,
    heard: Heard,
) -> None:
    assert await called(door, replace(STOP, body=STOP.body.replace(old, new))) == status
    assert heard.replies == []
    assert amazon.asked == [AT] * asks


async def test_a_subscription_is_confirmed_before_amazon_has_its_answer(
    door: TestClient[Any, Any], amazon: Amazon
) -> None:
    assert await called(door, CONFIRMATION) == 204
    assert amazon.asked == [AT, SUBSCRIBE]


@pytest.mark.parametrize("answer", [None, Response(403, ())])
async def test_a_subscription_that_cannot_be_confirmed_is_asked_for_again(
    door: TestClient[Any, Any], amazon: Amazon, answer: Response | None
) -> None:
    del amazon.answers[SUBSCRIBE]
    if answer:
        amazon.answers[SUBSCRIBE] = answer
    assert await called(door, CONFIRMATION) == 503
