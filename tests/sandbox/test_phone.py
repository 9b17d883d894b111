"""A handset shows its texts and answers them; the gateway's webhook is called as Twilio calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator

from gateway.sandbox.carrier import Carrier
from gateway.sandbox.clock import DemoClock
from gateway.sandbox.phone import Phone, reply_form
from gateway.sandbox.server import Sandbox

ANN, SHOP, OTHER = "+12125550123", "+18335550199", "+18335550100"
PUBLIC, TOKEN = "https://gateway.example.com/in/twilio?tenant=acme", "test-token"
CAPTURES = Path(__file__).parents[1] / "captures"
TWIML = "<?xml version='1.0'?><Response><Message>You are unsubscribed &amp; gone.</Message></Response>"


@dataclass
class Webhook:
    """Stands where the gateway would: keeps the forms that carry Twilio's signature."""

    answer: str = TWIML
    status: int = 200
    believed: list[dict[str, str]] = field(default_factory=list)

    async def called(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if RequestValidator(TOKEN).validate(PUBLIC, form, request.headers["X-Twilio-Signature"]):
            self.believed.append(form)
        return web.Response(status=self.status, text=self.answer, content_type="text/xml")


@dataclass
class Desk:
    """Where the demo's lines are typed."""

    url: str
    webhook: Webhook
    carrier: Carrier
    session: aiohttp.ClientSession

    async def get(self, path: str) -> object:
        async with self.session.get(self.url + path) as answer:
            return await answer.json()

    async def post(self, path: str, body: str, kind: str = "application/x-www-form-urlencoded") -> tuple[int, object]:
        headers = {"Content-Type": kind}
        async with self.session.post(self.url + path, data=body.encode(), headers=headers) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


async def _served(house: AsyncExitStack, app: web.Application) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    house.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    webhook, clock = Webhook(), DemoClock(datetime(2026, 11, 24, tzinfo=UTC))
    gateway = web.Application()
    gateway.router.add_post("/in/twilio", webhook.called)
    carrier = Carrier(clock)
    async with AsyncExitStack() as house:
        address = await _served(house, gateway)
        sandbox = Sandbox(carrier, Phone(f"{address}/in/twilio?tenant=acme", PUBLIC, TOKEN), clock)
        session = await house.enter_async_context(aiohttp.ClientSession())
        yield Desk(await _served(house, sandbox.app()), webhook, carrier, session)


async def test_a_handset_shows_its_texts(desk: Desk) -> None:
    desk.carrier.deliver(ANN, SHOP, "one")
    desk.carrier.deliver("+12125550124", SHOP, "somebody else's")
    desk.carrier.deliver(ANN.removeprefix("+"), SHOP, "two")  # as Kannel spells it
    for path in ("/phone/+12125550123", "/phone/12125550123", "/phone/%2B12125550123"):
        assert await desk.get(path) == {"number": ANN, "texts": ["one", "two"]}


@pytest.mark.parametrize(
    ("how", "body", "kind"),
    [
        ("curl -d STOP", "STOP", "application/x-www-form-urlencoded"),
        ("curl -d text=STOP", "text=STOP", "application/x-www-form-urlencoded"),
        ("plain text", "STOP\n", "text/plain"),
        ("JSON", '{"text": "STOP"}', "application/json"),
        ("JSON from curl -d", '{"text": "STOP"}', "application/x-www-form-urlencoded"),
    ],
)
async def test_a_reply_reaches_the_gateway_signed_from_the_handset_to_its_last_sender(
    desk: Desk, how: str, body: str, kind: str
) -> None:
    desk.carrier.deliver(ANN, OTHER, "older")
    desk.carrier.deliver(ANN, SHOP, "newer")
    status, _ = await desk.post("/phone/+12125550123/reply", body, kind)
    assert status == 200
    [form] = desk.webhook.believed
    assert (form["From"], form["To"], form["Body"]) == (ANN, SHOP, "STOP")


async def test_any_words_can_be_replied(desk: Desk) -> None:
    await desk.post("/phone/+12125550123/reply", "stop & go = 5 👋")
    assert desk.webhook.believed[0]["Body"] == "stop & go = 5 👋"


async def test_what_the_gateway_answers_arrives_as_a_text(desk: Desk) -> None:
    status, told = await desk.post("/phone/+12125550123/reply", "STOP")
    assert (status, told) == (200, {"gateway": 200, "answered": ["You are unsubscribed & gone."]})
    assert desk.carrier.texts_to(ANN) == ["You are unsubscribed & gone."]


@pytest.mark.parametrize("answer", ["", "<Response/>", "<Response><Mess", "no XML"])
async def test_an_answer_without_a_message_is_no_text(desk: Desk, answer: str) -> None:
    desk.webhook.answer, desk.webhook.status = answer, 503
    assert await desk.post("/phone/+12125550123/reply", "STOP") == (200, {"gateway": 503, "answered": []})
    assert desk.carrier.texts_to(ANN) == []


async def test_a_gateway_that_is_away_is_said() -> None:
    async with AsyncExitStack() as house, aiohttp.ClientSession() as session:
        carrier = Carrier(lambda: datetime.now(UTC))
        url = await _served(house, Sandbox(carrier, Phone("http://127.0.0.1:1/in", PUBLIC, TOKEN)).app())
        status, told = await Desk(url, Webhook(), carrier, session).post("/phone/+12125550123/reply", "STOP")
    assert status == 502
    assert "can't be reached" in str(told)


def test_the_webhooks_fields_are_twilios_own() -> None:
    captured = (CAPTURES / "webhooks" / "twilio-inbound-stop.http").read_text("utf-8").partition("\n\n")[2]
    names = parse_qs(captured.strip(), keep_blank_values=True)
    assert list(reply_form(ANN, SHOP, "STOP")) == list(names)


async def test_the_clock_is_seen_and_moved(desk: Desk) -> None:
    seen = await desk.get("/clock")
    assert isinstance(seen, dict)
    assert str(seen["new_york"]).startswith("Tuesday 2026-11-17 10:00")
    assert datetime.fromisoformat(str(seen["at"])).utcoffset() is not None
    for body in ("at=21:30", "at=2026-11-17T21:30:00-05:00", '{"at": "21:30"}', "21:30"):
        status, moved = await desk.post("/clock", body)
        assert status == 200
        assert str(moved["new_york"]).startswith("Tuesday 2026-11-17 21:30")  # type: ignore[index]
    _, ahead = await desk.post("/clock", "advance=3h")
    assert str(ahead["new_york"]).startswith("Wednesday 2026-11-18 00:30")  # type: ignore[index]


async def test_what_is_no_time_moves_nothing(desk: Desk) -> None:
    status, told = await desk.post("/clock", "at=teatime")
    assert status == 400
    assert "write 21:30" in str(told)


@pytest.mark.parametrize("path", ["/phone/+12125550123/reply", "/clock"])
async def test_a_carrier_alone_has_no_handset_to_answer_from_and_no_clock(port: int, path: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}{path}", data="x") as answer,
    ):
        assert answer.status == 404
