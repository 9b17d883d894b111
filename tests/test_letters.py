"""What whoever mailed a text hears of it after its mail was answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.delivery.letter import LANE, Letter
from gateway.numbering.read import read_number
from gateway.numbering.senders import sender_of
from gateway.reconcile import Reconciler
from gateway.words.mailed import Mailed
from gateway.words.message import Inbound, Message, Send
from gateway.words.outcome import Fate
from gateway.words.wire import Response
from tests.mail.values import ANN, parsed
from tests.test_later import MORNING, SEND, House, opened

NUMBER = read_number("+12125550100")
assert NUMBER
GARBLED = Response(200, (), b"<html>")
REFUSED = Response(400, (), b'{"code": 21211, "message": "no such number"}')
HEAD = b"From: Ann <ann@example.com>\r\nSubject: Keys\r\nX-Kind:\r\n alert\r\nMessage-ID: <keys@x>"
MAILED = Mailed("f" * 32, "ann@example.com", ANN, "nagios", "+18335550100", message_id="<keys@x>", head=HEAD)


class Mailing(House):
    """One worker, and a mail that came at night."""

    async def mail(self) -> Fate:
        send = self.upstream.dialect.read(SEND)
        assert isinstance(send, Send)
        taken = await self.gate.take(replace(send, mailed=MAILED), self.upstream, ("nagios",))
        [outcome] = taken.outcomes
        assert outcome.message.id == MAILED.id
        return outcome.fate

    async def owed(self) -> list[Letter]:
        leased = await self.store.lease(LANE, 10, "w", self.now, None)
        return [Letter.read(held.body) for held in leased]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Mailing]:
    async with opened(Mailing(tmp_path)) as house:
        yield house


@pytest.mark.parametrize(
    ("situation", "answer", "subject", "why"),
    [
        ("the carrier refuses it", REFUSED, "Your text was not sent", "the carrier refused it (21211)"),
        ("nobody knows", GARBLED, "Your text may have been sent", "the carrier gave no answer"),
    ],
)
async def test_who_mailed_what_waited_hears_of_its_end(
    house: Mailing, situation: str, answer: Response, subject: str, why: str
):
    assert await house.mail() is Fate.HELD
    house.answers = [answer]
    await house.released(MORNING)
    [letter] = await house.owed()
    report = parsed(letter.content)
    assert (letter.sender, letter.to, report["Subject"]) == ("", "ann@example.com", subject), situation
    assert why in next(report.iter_parts()).get_content()
    assert "Message-ID: <keys@x>" in list(report.iter_parts())[2].get_content()


async def test_what_was_sent_in_its_hour_needs_no_letter(house: Mailing):
    await house.mail()
    await house.released(MORNING)
    assert (len(house.sent), await house.owed()) == (1, [])


async def test_a_worker_that_dies_over_it_leaves_the_telling_to_others_who_tell_it_once(
    house: Mailing, monkeypatch: pytest.MonkeyPatch
):
    async def dies(*_: object) -> None:
        """Before it could owe anything."""

    await house.mail()
    house.answers = [GARBLED]
    with monkeypatch.context() as patched:
        patched.setattr(house.release, "_mail_left", dies)
        await house.released(MORNING)
    [attempt] = await house.store.in_doubt()
    house.now = attempt.at + timedelta(minutes=6)
    for _ in range(2):
        await Reconciler(house.means, house.unpack, house.letters, lambda: 0.0).look()
    [letter] = await house.owed()
    assert parsed(letter.content)["Subject"] == "Your text may have been sent"


POOL = "MG00000000000000000000000000000000"


@pytest.mark.parametrize(
    ("situation", "texted_from", "answers", "to"),
    [
        ("its own sender", ["+18335550100", "+18335550111"], "+18335550100", ["0@x.example"]),
        ("a number of a pool", ["+18335550100", POOL], "+18335550199", ["1@x.example"]),
        ("another sender of ours", ["+18335550100"], "+18335550111", []),
    ],
)
async def test_a_reply_goes_to_whoever_mailed_last_from_the_sender_that_it_answers(
    house: Mailing, situation: str, texted_from: list[str], answers: str, to: list[str]
):
    for place, sender in enumerate(texted_from):
        mailed = replace(MAILED, sender=f"{place}@x.example")
        await house.letters.left(mailed, Message("m", NUMBER, "Hi", sender_of(sender)))
    inbound = Inbound("SM1", "+12125550100", answers, "Yes")
    for _ in range(2):  # its carrier calls twice
        await house.letters.answer(inbound, NUMBER, sender_of(answers), "", "twilio SM1")
    assert [letter.to for letter in await house.owed()] == to, situation


def test_rules_see_the_fields_of_a_mail_unfolded():
    assert MAILED.fields == (
        (b"From", b"Ann <ann@example.com>"),
        (b"Subject", b"Keys"),
        (b"X-Kind", b"alert"),
        (b"Message-ID", b"<keys@x>"),
    )
