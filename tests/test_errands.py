"""Calls that we owe, by what becomes of them: made, put off, or given up on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from twilio.request_validator import RequestValidator

from gateway.audit.log import AuditAway, AuditLog
from gateway.delivery.releaser import CALLS_AT_ONCE, CALLS_RATE, Releaser
from gateway.delivery.settler import Settler
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.errands import FIRST, LONGEST, REST, WITHIN, Errands
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.policy.book import Book
from gateway.store.keyring import KeyRing
from gateway.store.links import Linker
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.telemetry import Meter
from gateway.words.held import Held
from gateway.words.wire import Call, Request, Response

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
ANN = read_number("+12125550100")
URL = "https://crm.example.com:8443/told?key=very-secret"
LANE = "calls:twilio/crm.example.com:8443"
FORM = ((b"Content-Type", b"application/x-www-form-urlencoded"),)
CALL = Call(URL, Request(b"POST", b"/told?key=very-secret", FORM, b"MessageStatus=failed"))


class Listener:
    """Whom we call. The last answer is for good."""

    def __init__(self) -> None:
        self.answers: list[Response | None] = [Response(204, ())]
        self.told: list[tuple[Request, str]] = []

    async def tell(self, request: Request, url: str) -> Response | None:
        self.told.append((request, url))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class House:
    """One worker that owes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOON
        vault = Vault(KeyRing.fresh())
        self.store = SqliteStore(folder / "store", vault)
        self.audit = AuditLog(folder / "audit", vault, lambda: self.now)
        clock, book = lambda: self.now, Book((), "none")
        means = Means(self.store, Settler(self.store), self.audit, Meter(), "w", clock, Linker(vault), lambda: book)
        self.upstream = Upstream("twilio", dialect_named("twilio"), None, callback_secret="old")  # type: ignore[arg-type]
        self.upstreams = {"twilio": self.upstream}
        self.own, self.named = Listener(), Listener()
        self.errands = Errands(means, self.upstreams, self.own, self.named, lambda: 0.5)  # type: ignore[arg-type]

    async def owe(self, key: str = "") -> None:
        await self.errands.owe(CALL, self.upstream, ANN, key)

    async def called(self) -> timedelta | None:
        """What is due is called, or is not; how long the lane rests."""
        [lane] = await self.store.lanes(self.now)
        [held] = await self.store.lease(lane.name, 1, "w", self.now, 100.0)
        return await self.errands.make(held)

    async def waits(self) -> list[tuple[str, timedelta]]:
        """The lanes, and how long from now until they are due."""
        return [(lane.name, lane.earliest - self.now) for lane in await self.store.outbox()]

    async def recorded(self) -> list[dict[str, object]]:
        await self.audit.append_durably()
        lines = [line for file in (self.folder / "audit").glob("*.jsonl") for line in file.read_bytes().splitlines()]
        return [told for line in lines if (told := orjson.loads(line))["kind"] == "call-given-up"]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.audit.open()
    await house.store.open()
    yield house
    await house.store.close()
    await house.audit.close()


async def test_a_call_that_is_taken_is_over_and_was_signed_for_its_url(house: House):
    await house.owe()
    assert await house.called() is None
    [(request, url)] = house.named.told
    signature = (request.header(b"x-twilio-signature") or b"").decode()
    assert url == URL
    assert RequestValidator("old").validate(URL, {"MessageStatus": "failed"}, signature)
    assert (await house.waits(), await house.recorded()) == ([], [])


@pytest.mark.parametrize(
    ("situation", "answer", "waits", "rests"),
    [
        ("it gives no answer", None, FIRST, REST),
        ("it is broken", Response(500, ()), FIRST, REST),
        ("it was too slow for itself", Response(408, ()), FIRST, REST),
        ("it is busy", Response(429, ()), FIRST, REST),
        ("it says when", Response(503, ((b"Retry-After", b"600"),)), timedelta(minutes=10), timedelta(minutes=10)),
        ("it says next month", Response(429, ((b"Retry-After", b"2592000"),)), LONGEST, LONGEST),
    ],
)
async def test_a_call_that_may_be_taken_later_is_put_off(
    house: House, situation: str, answer: Response | None, waits: timedelta, rests: timedelta
):
    await house.owe()
    house.named.answers = [answer]
    assert await house.called() == rests, situation
    assert (await house.waits(), await house.recorded()) == ([(LANE, waits)], [])


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
async def test_a_call_that_is_not_wanted_is_given_up_on_record_without_what_stands_in_its_url(
    house: House, status: int
):
    await house.owe()
    house.named.answers = [Response(status, ())]
    assert await house.called() is None
    [given_up] = await house.recorded()
    assert (given_up["lane"], given_up["status"], await house.waits()) == (LANE, status, [])
    assert b"secret" not in b"".join(file.read_bytes() for file in (house.folder / "audit").glob("*.jsonl"))


async def test_what_can_not_be_given_up_on_record_is_not_given_up(house: House, monkeypatch: pytest.MonkeyPatch):
    async def away(*_: object) -> None:
        raise AuditAway("the disk is full")

    await house.owe()
    house.named.answers = [Response(404, ())]
    monkeypatch.setattr(house.audit, "append_durably", away)
    assert await house.called() == REST
    assert await house.waits() != []


async def test_the_pauses_double_up_to_an_hour_and_after_three_days_it_is_given_up(house: House):
    await house.owe()
    house.named.answers = [None]
    pauses = []
    while not await house.recorded():
        await house.called()
        for _, pause in await house.waits():
            pauses.append(int(pause.total_seconds()))
            house.now += pause
    assert pauses[:11] == [5, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560]
    assert set(pauses[11:]) == {3600}
    assert WITHIN <= house.now - NOON < WITHIN + LONGEST
    assert len(house.named.told) == len(pauses)


async def test_the_same_call_again_is_owed_once(house: House):
    await house.owe("5f0c/dropped")
    await house.owe("5f0c/dropped")
    await house.called()
    await house.owe("5f0c/dropped")
    assert (len(house.named.told), await house.waits()) == (1, [])


async def test_a_reply_goes_to_where_the_legacy_system_is_by_then(house: House):
    reply = Request(b"POST", b"/in/twilio?tenant=7", FORM, b"Body=Hello")
    await house.errands.owe_legacy(reply, house.upstream, None)
    assert await house.waits() == [("calls:twilio", FIRST)]
    moved = replace(house.upstream, legacy_url="https://new.example.com/sms?a=b", callback_secret="new")
    house.upstreams["twilio"] = moved
    house.now += FIRST
    await house.called()
    [(request, url)] = house.own.told
    assert (url, request.body) == ("https://new.example.com/sms?a=b&tenant=7", b"Body=Hello")
    signature = (request.header(b"x-twilio-signature") or b"").decode()
    assert RequestValidator("new").validate(url, {"Body": "Hello"}, signature)


@pytest.mark.parametrize(("situation", "gone"), [("its upstream is gone", True), ("its webhook is gone", False)])
async def test_who_can_not_be_called_any_more_is_given_up(house: House, situation: str, gone: bool):
    await house.errands.owe_legacy(CALL.request, house.upstream, None)
    if gone:
        house.upstreams.clear()
    house.now += FIRST
    await house.called()
    [given_up] = await house.recorded()
    assert "any more" in str(given_up["why"]), situation
    assert (house.own.told, await house.waits()) == ([], [])


async def test_who_hangs_is_called_by_few_at_once_and_others_do_not_wait_for_it(house: House):
    begun: list[str] = []
    hang = asyncio.Event()

    async def make(held: Held) -> None:
        begun.append(held.lane)
        await hang.wait()

    for _ in range(3 * CALLS_AT_ONCE):
        await house.owe()
    releaser = Releaser(house.store, make, "w", lambda: house.now, lambda _: CALLS_RATE)
    for _ in range(5):
        await releaser.look()
    other = Call("https://other.example.com/", CALL.request)
    await house.errands.owe(other, house.upstream, ANN)
    await releaser.look()
    await releaser.look()
    hang.set()
    await releaser.close()
    assert begun.count(LANE) == CALLS_AT_ONCE
    assert begun.count("calls:twilio/other.example.com") == 1
