"""A reminder of a double opt-in leaves at its hour, by the facts of that hour, and while its question is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.numbering.senders import sender_of
from gateway.own import Own, Said
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.program import DEFAULT_PROGRAM, Category
from gateway.words.question import Question, QuestionKind
from gateway.words.wire import Credentials
from tests.policy.people import book, policy
from tests.test_later import ANN, House, opened

ASKED = datetime(2026, 6, 10, 16, tzinfo=UTC)  # noon where she is
HOUR = ASKED + timedelta(hours=4)
DAY = timedelta(days=1)
ACCOUNT = Credentials("AC" + "0" * 32, "x")
QUESTION = Question(QuestionKind.DOUBLE_OPT_IN, DEFAULT_PROGRAM.name, ASKED, ASKED + DAY)
HOURS = policy('  - {id: hours, for: [consent_request], hours: {from: "08:00", to: "21:00"}}\n')


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """Ann was asked, and a reminder waits for its hour."""
    monkeypatch.setattr("tests.test_later.shipped", lambda: book(HOURS))
    async with opened(House(tmp_path)) as house:
        house.now = ASKED
        house.upstreams["twilio"] = replace(house.upstream, credentials=ACCOUNT)
        await house.store.ask(ANN, QUESTION)
        await remind(house)
        yield house


async def remind(house: House, at: datetime = HOUR) -> None:
    said = Said(
        "request\nreminder",
        ANN,
        sender_of("+18335550100"),
        "Reply YES to join",
        DEFAULT_PROGRAM,
        Category.CONSENT_REQUEST,
        house.upstreams["twilio"],
        QUESTION.until - house.now,
        at - house.now,
        ASKED,
    )
    await Own(house.store, lambda: house.now).say(said)


async def test_it_waits_for_its_hour_and_is_sent_once(house: House):
    await house.released(HOUR - timedelta(minutes=1))
    assert (len(house.sent), await house.waiting()) == (0, 1)
    await house.released(HOUR)
    assert (len(house.sent), await house.waiting()) == (1, 0)
    await remind(house)  # the same form once more
    await house.released(HOUR + timedelta(minutes=1))
    assert len(house.sent) == 1


async def answered(house: House) -> None:
    await house.store.answered(ANN, QUESTION)


async def asked_anew(house: House) -> None:
    await house.store.ask(ANN, replace(QUESTION, asked=ASKED + timedelta(hours=1)))


async def opted_out(house: House) -> None:
    said = Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", ASKED)
    await house.store.suppress(ANN, said)


@pytest.mark.parametrize(
    ("happened", "rule"),
    [(answered, b"gateway/answered"), (asked_anew, b"gateway/answered"), (opted_out, b"gateway/suppressed")],
)
async def test_it_is_never_sent_once_its_recipient_has(house: House, happened, rule):
    await happened(house)
    await house.released(HOUR)
    assert (house.sent, await house.waiting()) == ([], 0)
    assert rule in house.recorded()


async def test_it_keeps_the_hours_of_its_recipient_and_is_dropped_when_the_question_is_over(house: House):
    night, day_after = ASKED + timedelta(hours=12), ASKED + DAY
    await house.released(night)
    assert (len(house.sent), await house.waiting()) == (0, 1)
    await house.released(day_after)
    assert (house.sent, await house.waiting()) == ([], 0)
    assert b"gateway/expired" in house.recorded()
