"""Double opt-in: who is asked, what an answer is, and what comes of it. On either store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.log import AuditLog
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.http1.client import Pool
from gateway.numbering.read import read_number
from gateway.optin import NotAsked, OptIn
from gateway.own import Said
from gateway.policy.book import Book
from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.errors import StoreAway
from gateway.words.facts import Consent, ConsentKind, Needs
from gateway.words.ledger import Entry, Evidence, Happened
from gateway.words.message import Inbound
from gateway.words.number import Number
from gateway.words.program import Category, DoubleOptIn, Program
from tests.policy.people import book
from tests.store.people import NOON

SHOP, DAY = "+18335550100", timedelta(hours=24)
CLUB = Program("club", double_opt_in=DoubleOptIn("Reply YES to join", ("YES", "Oui"), DAY, SHOP, "twilio"))
WANTED = Consent(ConsentKind.EXPRESS_WRITTEN, NOON, "web-form", "club", wording="Yes, text me")
SHOWN = Evidence("https://example.com/join", ip="192.0.2.7")


NOTHING_SAID = book()


def reminding(after: str, country: str = "US") -> Book:
    return book(f"policy: site\ncountry: {country}\nopt_in: {{remind_after: {after}, cite: our own terms}}\n")


def number(spelled: str) -> Number:
    found = read_number(spelled)
    assert found
    return found


ANN, BOB = number("+12125550101"), number("+12125550102")


def reply(text: str = "YES", to: str = SHOP, id_: str = "SM1") -> Inbound:
    return Inbound(id_, ANN.e164, to, text)


@dataclass
class Asker:
    """An OptIn with a clock to move, and what it has said: of one key once, as the outbox has it."""

    store: Store
    audit: AuditLog
    now: datetime = NOON
    said: dict[str, Said] = field(default_factory=dict)
    away: bool = False
    policies: Book = NOTHING_SAID

    def __post_init__(self) -> None:
        programs = {"club": CLUB, "bank": Program("bank")}
        upstreams = {"twilio": Upstream("twilio", dialect_named("twilio"), Pool("http://127.0.0.1:1"))}
        self.opt_in = OptIn(
            self.store, self.audit, self._say, programs, upstreams, lambda: self.now, lambda: self.policies
        )

    async def _say(self, said: Said) -> None:
        if self.away:
            raise StoreAway("away")
        self.said.setdefault(said.key, said)

    async def asks(self, key: str = "", recipient: Number = ANN) -> None:
        await self.opt_in.ask(recipient, WANTED, "token:shop", SHOWN, key)

    async def hears(self, inbound: Inbound, writer: Number = ANN) -> Entry | None:
        return await self.opt_in.confirmed(writer, inbound, self.now)

    async def consents(self, recipient: Number = ANN) -> tuple[Consent, ...]:
        [facts] = await self.store.look_up([Needs(recipient, "club")])
        return facts.consents


@pytest.fixture(params=["sqlite", "redis"])
async def asker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Asker]:
    vault = Vault(KeyRing.fresh())
    on_redis = request.param == "redis"
    store = (
        RedisStore(request.getfixturevalue("redis_url"), vault) if on_redis else SqliteStore(tmp_path / "store", vault)
    )
    audit = AuditLog(tmp_path / "audit", vault, lambda: NOON)
    await audit.open()
    await store.open()
    yield Asker(store, audit)
    await store.close()
    await audit.close()


async def test_the_number_is_asked_and_until_it_answers_nobody_has_agreed(asker):
    await asker.asks()
    [said] = asker.said.values()
    assert (said.recipient, said.sender.value, said.text) == (ANN, SHOP, "Reply YES to join")
    assert (said.program, said.category, said.within) == (CLUB, Category.CONSENT_REQUEST, DAY)
    assert said.upstream.name == "twilio"
    assert ANN.digits not in said.key
    assert await asker.consents() == ()


async def test_its_yes_is_a_confirmed_consent_with_the_proof_that_it_came_from_it(asker):
    await asker.asks()
    asker.now += timedelta(hours=23)
    confirmed = await asker.hears(reply("Yes!"))
    [requested, entry] = await asker.store.ledger(ANN)
    assert (requested.happened, requested.what, requested.evidence) == (Happened.REQUESTED, WANTED, SHOWN)
    assert entry == confirmed
    assert entry.what == replace(WANTED, at=asker.now, method="double-opt-in", confirmed=True)
    assert (entry.happened, entry.actor) == (Happened.CONFIRMED, "recipient")
    assert entry.evidence == replace(SHOWN, words="Yes!", inbound="SM1")
    assert await asker.consents() == (replace(entry.what, wording=""),)


@pytest.mark.parametrize(
    ("situation", "inbound", "later"),
    [
        ("a no", reply("no"), timedelta(0)),
        ("a yes and more", reply("yes but not now"), timedelta(0)),
        ("the yes to another sender's question", reply(to="+18335550199"), timedelta(0)),
        ("a yes when the time is over", reply(), DAY),
    ],
)
async def test_no_consent_comes_of(asker, situation, inbound, later):
    await asker.asks()
    asker.now += later
    assert await asker.hears(inbound) is None
    assert await asker.consents() == ()


async def test_a_yes_from_another_number_or_to_no_question_means_nothing(asker):
    assert await asker.hears(reply()) is None
    await asker.asks()
    assert await asker.hears(reply(), BOB) is None
    assert await asker.consents(BOB) == ()


@pytest.mark.parametrize("text", ["YES", "yes", " Yes. ", "YES!!", "oui", "OUI"])
async def test_a_word_counts_however_it_is_written(asker, text):
    await asker.asks()
    assert await asker.hears(reply(text))


async def test_the_same_yes_told_again_is_one_entry(asker):
    await asker.asks()
    assert await asker.hears(reply())
    assert await asker.hears(reply()) is None
    assert len(await asker.store.ledger(ANN)) == 2


async def test_who_ticks_a_box_again_and_again_has_nobody_texted_again(asker):
    """Somebody's number typed into a form a hundred times is one text; each tick is on record all the same."""
    for place in range(5):
        await asker.asks(f"form {place}")
    assert len(asker.said) == 1
    assert len(await asker.store.ledger(ANN)) == 5
    asker.now += DAY
    await asker.asks("the day after")
    assert len(asker.said) == 2


async def test_a_request_that_broke_off_in_the_middle_is_finished_by_its_repetition(asker):
    asker.away = True
    with pytest.raises(StoreAway):
        await asker.asks("form 1")
    asker.away = False
    await asker.asks("form 1")
    await asker.asks("form 1")
    assert len(asker.said) == 1
    assert [entry.happened for entry in await asker.store.ledger(ANN)] == [Happened.REQUESTED]


async def test_a_repeated_request_that_was_answered_meanwhile_asks_nobody_again(asker):
    await asker.asks("form 1")
    assert await asker.hears(reply())
    await asker.asks("form 1")
    assert len(asker.said) == 1
    assert await asker.store.questions(ANN, asker.now) == ()


async def test_where_the_policy_says_so_the_same_question_waits_for_its_hour_once_more(asker):
    asker.policies = reminding("12 hours")
    await asker.asks("form 1")
    asker.now += timedelta(hours=1)
    await asker.asks("form 2")
    request, reminder = asker.said.values()
    assert reminder == replace(request, key=reminder.key, after=timedelta(hours=12))
    assert (request.after, request.question, request.within) == (timedelta(0), NOON, DAY)


@pytest.mark.parametrize(
    ("situation", "policies"),
    [
        ("no policy says so", NOTHING_SAID),
        ("one says never", reminding("never")),
        ("it would come when the question is over", reminding("24 hours")),
        ("it is the policy of another country", reminding("12 hours", "FR")),
    ],
)
async def test_nobody_is_reminded_where(asker, situation, policies):
    asker.policies = policies
    await asker.asks()
    assert len(asker.said) == 1


async def test_a_program_that_has_no_question_asks_nobody(asker):
    with pytest.raises(NotAsked, match="`bank` asks nobody"):
        await asker.opt_in.ask(ANN, replace(WANTED, program="bank"), "cli", SHOWN)
    assert await asker.store.ledger(ANN) == ()
