"""How carriers are asked about attempts in doubt: by one worker at a time, paced, and what their answers come to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import orjson
import pytest

from gateway import reconcile as rooms
from gateway.reconcile import Reconciler
from gateway.store.base import OpenAttempt
from gateway.words.decision import State
from gateway.words.doubt import Inquiry, Listed
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Response
from tests.test_later import BUSY, MORNING, NIGHT, House, opened

OURS, OTHERS = "SM" + "1" * 32, "SM" + "2" * 32
GARBLED = Response(200, (), b"<html>")
FIRST, LAST = timedelta(minutes=5), timedelta(minutes=60)
ALL = FIRST + timedelta(minutes=1)  # since the first of several attempts


class Doubts(House):
    """One worker, and messages that it has in doubt."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.seconds = 0.0

    async def begin(self, count: int = 1) -> None:
        self.now = NIGHT
        for _ in range(count):
            await self.send()
        self.answers = [GARBLED]
        for _ in range(count):  # the first second's worth of each releaser is one
            await self.released(MORNING)
        assert len(await self.store.in_doubt()) == count
        self.sent.clear()

    def worker(self) -> Reconciler:
        return Reconciler(self.means, self.unpack, self.letters, lambda: self.seconds)

    async def after(self, passed: timedelta, *answers: Response, worker: Reconciler | None = None) -> Inquiry | None:
        """What is known of the first, if it is still in doubt, so long after its attempt. `answers`: the carrier's."""
        self.answers = list(answers or [page()])
        [first, *_] = await self.store.in_doubt()
        self.now = first.at + passed
        await (worker or self.worker()).look()
        left = await self.store.in_doubt()
        return left[0].inquiry if left else None


def page(*listed: tuple[str, datetime]) -> Response:
    text = "Sale Reply STOP to opt out"
    messages = [{"sid": sid, "body": text, "date_created": format_datetime(at)} for sid, at in listed]
    return Response(200, (), orjson.dumps({"messages": messages, "next_page_uri": None}))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Doubts]:
    async with opened(Doubts(tmp_path)) as house:
        yield house


async def attempt_of(house: Doubts) -> OpenAttempt:
    [attempt] = await house.store.in_doubt()
    return attempt


def minted_of(attempt: OpenAttempt) -> str:
    assert attempt.held
    return attempt.held.minted


async def test_nobody_is_asked_before_a_list_can_know(house: Doubts):
    await house.begin()
    assert await house.after(FIRST - timedelta(seconds=1)) is None
    assert house.sent == []


@pytest.mark.parametrize(
    ("situation", "passed", "listed", "again"),
    [
        ("soon", FIRST, Listed.NOT_YET, timedelta(minutes=15)),
        ("later", timedelta(minutes=15), Listed.NOT_YET, LAST),
        ("at last", LAST, Listed.ABSENT, None),
        ("the gateway was away for a day", timedelta(days=1), Listed.ABSENT, None),
    ],
)
async def test_what_is_not_listed_is_asked_for_again_after_longer_waits(house, situation, passed, listed, again):
    await house.begin()
    at = (await attempt_of(house)).at
    assert await house.after(passed) == Inquiry(listed, at + passed, at + again if again else None)
    assert len(house.sent) == 1


async def test_what_is_listed_once_was_sent(house: Doubts):
    await house.begin()
    attempt = await attempt_of(house)
    assert await house.after(FIRST, page((OURS, attempt.at))) is None
    tracked = await house.store.track(minted_of(attempt))
    assert tracked
    assert (tracked.state, tracked.carrier_id) == (State.SENT, OURS)


async def test_clocks_may_differ_by_minutes_but_what_is_older_is_another_message(house: Doubts):
    await house.begin()
    at = (await attempt_of(house)).at
    older = await house.after(FIRST, page((OURS, at - timedelta(minutes=6))))
    assert older
    assert older.listed is Listed.NOT_YET
    assert await house.after(LAST, page((OURS, at - timedelta(minutes=4)))) is None


async def test_an_id_that_is_known_for_another_message_proves_nothing(house: Doubts):
    await house.send()
    await house.released(MORNING)  # the carrier's answer names it
    [real] = await house.store.minted_of(["SM" + "7" * 32])
    await house.begin()
    at = (await attempt_of(house)).at
    said = await house.after(LAST, page((real, at)))
    assert said
    assert said.listed is Listed.ABSENT


async def test_of_several_nobody_can_tell_and_the_carrier_is_asked_again_for_a_day(house: Doubts):
    await house.begin()
    at = (await attempt_of(house)).at
    several = page((OURS, at), (OTHERS, at))
    assert await house.after(FIRST, several) == Inquiry(Listed.ALIKE, at + FIRST, at + FIRST + rooms.AGAIN)
    day = timedelta(days=1)
    assert await house.after(day, several) == Inquiry(Listed.ALIKE, at + day)
    assert await house.after(2 * day, several) == Inquiry(Listed.ALIKE, at + day)
    assert len(house.sent) == 2


async def test_who_died_before_the_end_is_followed_by_another_that_ends_it(house: Doubts):
    await house.begin()
    attempt = await attempt_of(house)
    house.loses_answer("settle", done=False)
    with pytest.raises(Exception, match="lost"):
        await house.after(FIRST, page((OURS, attempt.at)))
    assert await house.after(FIRST + rooms.CLAIM, page((OURS, attempt.at))) is None
    tracked = await house.store.track(minted_of(attempt))
    assert tracked
    assert (tracked.state, tracked.carrier_id) == (State.SENT, OURS)


async def test_however_many_workers_there_are_one_asks(house: Doubts):
    await house.begin()
    house.answers = [page()]
    house.now = (await attempt_of(house)).at + FIRST
    await asyncio.gather(*(house.worker().look() for _ in range(5)))
    assert len(house.sent) == 1


async def test_what_a_person_has_decided_meanwhile_stands(house: Doubts, monkeypatch: pytest.MonkeyPatch):
    await house.begin()
    attempt = await attempt_of(house)
    assert attempt.held
    real = house.exchange

    async def retried_meanwhile(*given, **named):
        assert attempt.held
        await house.store.put_back(attempt.held, attempt.worker, attempt.held.due)
        return await real(*given, **named)

    monkeypatch.setattr(house, "exchange", retried_meanwhile)
    await house.after(FIRST, page((OURS, attempt.at)))
    assert (await house.waiting(), await house.store.minted_of([OURS])) == (1, {})


async def test_a_carrier_that_wants_to_be_left_in_peace_is(house: Doubts):
    await house.begin(2)
    worker = house.worker()
    said = await house.after(ALL, BUSY, worker=worker)
    assert said
    assert said.listed is Listed.UNTOLD
    assert len(house.sent) == 1, "the second was not asked about"
    house.seconds = 1.5
    await house.after(ALL, page(), worker=worker)
    assert len(house.sent) == 2


async def test_many_doubts_are_asked_about_a_few_at_a_time(house: Doubts):
    await house.begin(rooms.MOST + 2)
    worker = house.worker()
    await house.after(ALL, worker=worker)
    assert len(house.sent) == rooms.MOST
    await house.after(ALL, worker=worker)
    assert len(house.sent) == rooms.MOST + 2


async def test_a_carrier_that_gives_no_answer_tells_nothing(house: Doubts, monkeypatch: pytest.MonkeyPatch):
    await house.begin()

    async def away(*_, **__):
        raise UpstreamAway("gone", 504, maybe_sent=False)

    monkeypatch.setattr(house, "exchange", away)
    at = (await attempt_of(house)).at
    assert await house.after(FIRST) == Inquiry(Listed.UNTOLD, at + FIRST, at + FIRST + rooms.AGAIN)


async def test_where_nothing_is_left_to_ask_with_that_is_said_once(house: Doubts):
    await house.begin()
    house.upstreams.clear()
    at = (await attempt_of(house)).at
    assert await house.after(FIRST) == Inquiry(Listed.UNASKABLE, at + FIRST)
    assert await house.after(LAST) == Inquiry(Listed.UNASKABLE, at + FIRST)
    assert house.sent == []
