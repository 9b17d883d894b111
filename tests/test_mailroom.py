"""A mail's answer is true of every text in it, whatever the carrier says and whenever the store is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.config import MailSender
from gateway.config.terms import LOOPBACK
from gateway.delivery.letter import LANE
from gateway.mail.addresses import Addressing
from gateway.mail.answer import Answer
from gateway.mail.model import Envelope
from gateway.mail.profiles import PROFILES
from gateway.mail.read import Settings
from gateway.mailroom import Mailroom
from gateway.numbering.senders import sender_of
from gateway.store.keyring import KeyRing
from gateway.store.vault import Vault
from gateway.words.errors import UpstreamAway
from gateway.words.program import Program
from gateway.words.wire import Credentials, Request, Response
from tests.test_later import ACCEPTED, AWAY, BUSY, MORNING, NIGHT, House, opened

ANN, NOBODY = "12125550100@sms.example.com", "12125550133@sms.example.com"
SHOP = "+18335550100"
SETTINGS = Settings(Addressing(("sms.example.com",), "US"))
CLIENT = MailSender("shop", "", LOOPBACK, Program("default", senders=(SHOP,)), sender_of(SHOP), "twilio", SETTINGS)
RAW = b"From: a@b.example\r\nSubject: x\r\nMessage-ID: <m@b.example>\r\n\r\nSale\r\n"
GARBLED = Response(200, (), b"<html>")


def coded(status: int, code: int) -> Response:
    return Response(status, ((b"Content-Type", b"application/json"),), b'{"code": %d}' % code)


class Desk(House):
    """One worker, its mailroom, and a carrier that may not be there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now = MORNING
        self.away: UpstreamAway | None = None
        self.upstreams["twilio"] = replace(self.upstream, credentials=Credentials("AC" + "0" * 32, "x"))
        self.room = Mailroom(self.means, self.gate, self.letters, self.upstreams, Vault(KeyRing.fresh()))

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        if self.away:
            raise self.away
        return await super().exchange(request, start_within)

    async def mailed(self, *to: str, raw: bytes = RAW, client: MailSender = CLIENT) -> Answer:
        return await self.room.take(raw, Envelope("a@b.example", to or (ANN,)), client, "127.0.0.1")

    async def store_is_back(self) -> None:
        await self.settler.close()

    async def letters_owed(self) -> int:
        return len(await self.store.lease(LANE, 10, "w", self.now, None))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(Desk(tmp_path)) as house:
        yield house


@pytest.mark.parametrize(
    ("situation", "carrier", "answer", "again"),
    [
        ("it takes it", ACCEPTED, "250 2.0.0 the carrier has it", "250 2.0.0 it was taken before"),
        ("busy", BUSY, "451 4.3.0 the carrier wants it later", "250 2.0.0 the carrier has it"),
        (
            "no such number",
            coded(400, 21211),
            "550 5.3.0 the carrier refused it (21211)",
            "250 2.0.0 the carrier has it",
        ),
        ("opted out there", coded(400, 21610), "550 5.7.1 the carrier refused it (21610)", "550 5.7.1 opt-out since"),
        ("nobody knows", GARBLED, "250 2.0.0 it may have been sent", "250 2.0.0 it may have been sent"),
    ],
)
async def test_a_carriers_answer_is_told_in_smtps_words_and_the_same_mail_again_is_answered_by_what_became_of_it(
    house: Desk, situation: str, carrier: Response, answer: str, again: str
):
    house.answers = [carrier, ACCEPTED]
    assert str(await house.mailed()).startswith(answer), situation
    assert str(await house.mailed()).startswith(again), situation


@pytest.mark.parametrize(("maybe_sent", "answer", "calls"), [(False, 451, 2), (True, 250, 1)])
async def test_a_carrier_that_is_away_may_be_tried_again_unless_it_may_have_the_text(
    house: Desk, maybe_sent: bool, answer: int, calls: int
):
    house.away = UpstreamAway("gone", 502, maybe_sent=maybe_sent)
    assert (await house.mailed()).code == answer
    house.away = None
    assert (await house.mailed()).code == 250
    assert (len(house.sent), await house.letters_owed()) == (calls - 1, int(maybe_sent))


@pytest.mark.parametrize("done", [True, False])
async def test_a_store_that_goes_away_before_it_is_begun_leaves_the_mail_as_if_it_had_never_come(
    house: Desk, done: bool
):
    house.loses_answer("once", done=done)
    assert str(await house.mailed()).startswith("451 4.3.0")
    await house.store_is_back()
    assert str(await house.mailed()) == "250 2.0.0 the carrier has it"
    assert len(house.sent) == 1


async def test_a_notification_that_can_not_be_owed_is_asked_for_again_and_what_has_left_is_not_sent_again(house: Desk):
    house.loses_answer("hold", done=False, error=AWAY)
    assert (await house.mailed(ANN, NOBODY)).code == 451
    assert str(await house.mailed(ANN, NOBODY)) == "250 2.0.0 1 of 2 texts are taken"
    assert (len(house.sent), await house.letters_owed()) == (1, 1)


async def test_the_same_mail_twice_at_once_is_texted_once(house: Desk):
    answers = await asyncio.gather(house.mailed(), house.mailed())
    assert sorted(answer.code for answer in answers) == [250, 451]
    assert len(house.sent) == 1


async def test_at_night_it_is_kept_once(house: Desk):
    house.now = NIGHT
    assert str(await house.mailed()) == "250 2.0.0 it waits until it may leave"
    assert str(await house.mailed()).startswith("250 2.0.0 it was taken before")
    assert (await house.waiting(), house.sent) == (1, [])


@pytest.mark.parametrize(
    ("situation", "says", "code"), [("its program's", "18335550100", 250), ("somebody else's", "Example Bank", 550)]
)
async def test_a_mail_may_name_a_sender_of_its_program_and_no_other(house: Desk, situation: str, says: str, code: int):
    addressing = replace(SETTINGS.addressing, profile=PROFILES["tm4b"])
    client = replace(CLIENT, settings=replace(SETTINGS, addressing=addressing))
    raw = f"From: a@b.example\r\n\r\nPassword: pw\nFrom: {says}\nTo: 12125550100\nMsg: Sale\n".encode()
    assert (await house.mailed("sms@sms.example.com", raw=raw, client=client)).code == code, situation


@pytest.mark.parametrize(
    ("situation", "change", "answer"),
    [
        ("nothing to text", lambda raw: raw.replace(b"Sale", b"").replace(b"Subject: x\r\n", b""), "550 5.6.0"),
        ("an automatic answer", lambda raw: b"Auto-Submitted: auto-replied\r\n" + raw, "550 5.7.1"),
    ],
)
async def test_a_mail_that_becomes_no_text_is_on_record_without_what_it_says(
    house: Desk, situation: str, change: Callable[[bytes], bytes], answer: str
):
    assert str(await house.mailed(raw=change(RAW))).startswith(answer), situation
    await house.audit.append_durably()
    assert b'"kind":"unreadable"' in house.recorded()
    assert b"5550100" not in house.recorded()


async def test_where_nothing_has_left_one_that_may_be_tried_again_is_reason_enough_to_try_again(house: Desk):
    house.answers = [BUSY]
    assert (await house.mailed(ANN, NOBODY)).code == 451
