"""A request's way through the gate, on a real store: what is reserved, sent, settled, refused, and given back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from gateway.audit.log import AuditLog
from gateway.config.classify import Classifier
from gateway.delivery.deferred import unpacked
from gateway.delivery.legacy import Legacy
from gateway.delivery.settler import Settler
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.errands import Errands
from gateway.gate import Gate
from gateway.later import Later
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.policy.parse import load_book
from gateway.store.base import Store
from gateway.store.journal import Journal
from gateway.store.keyring import KeyRing
from gateway.store.links import Linker
from gateway.store.optouts import OptOuts
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.telemetry import Meter
from gateway.words.errors import UpstreamAway
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.ledger import Entry, Happened
from gateway.words.message import Send
from gateway.words.number import Number
from gateway.words.wire import Request, Response

SHIPPED = Path(__file__).parents[1] / "policies"
NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
NIGHT = datetime(2026, 6, 11, 3, tzinfo=UTC)
ANN, BOB, CY, DEE, EVE = (f"1212555010{last}" for last in range(5))
FLORIDIAN = "13055550123"
ACCEPTED = Response(202, ((b"Content-Type", b"text/plain"),), b"0: Accepted for delivery")

Answer = Callable[[Request], Response]


class Pool:
    """In place of the carrier's connections: what was sent, and what comes back."""

    def __init__(self, answer: Answer) -> None:
        self.sent: list[Request] = []
        self.answer = answer

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        self.sent.append(request)
        return self.answer(request)


class House:
    def __init__(self, store: Store, settler: Settler, gate: Gate, answer: Answer = lambda _: ACCEPTED) -> None:
        self.store, self.settler, self.gate = store, settler, gate
        self.pool = Pool(answer)
        self.kannel = dialect_named("kannel")
        self.upstream = Upstream("kannel", self.kannel, self.pool)  # type: ignore[arg-type]

    async def send(self, *recipients: str, text: str = "Sale") -> Response:
        target = f"/cgi-bin/sendsms?username=u&password=p&from=18335550100&to={'+'.join(recipients)}&text={text}"
        send = self.kannel.read(Request(b"GET", target.encode(), ((b"Host", b"gateway"),)))
        assert isinstance(send, Send)
        return await self.gate.handle(send, self.upstream)

    async def stop(self, number: str) -> None:
        await self.store.suppress(_number(number), Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", NOON))

    async def in_doubt(self) -> int:
        await self.settler.close()
        return len(await self.store.in_doubt())


def _number(spelled: str) -> Number:
    found = read_number(spelled)
    assert found
    return found


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def stored() -> str:
    """The URL of a Redis; empty: SQLite."""
    return ""


@pytest.fixture
def policies() -> Path:
    return SHIPPED


@pytest.fixture
async def house(tmp_path: Path, now: datetime, stored: str, policies: Path) -> AsyncIterator[House]:
    vault = Vault(KeyRing.fresh())
    audit = AuditLog(tmp_path / "audit", vault, lambda: now)
    await audit.open()
    kept = RedisStore(stored, vault) if stored else SqliteStore(tmp_path / "store", vault)
    store = OptOuts(kept, Journal(tmp_path / "journal", vault))
    await store.open()
    for spelled in (ANN, BOB, CY, DEE, EVE, FLORIDIAN):
        await store.enter(
            _number(spelled),
            Entry(Happened.GIVEN, Consent(ConsentKind.EXPRESS_WRITTEN, NOON - timedelta(days=60), "paper")),
        )
    settler = Settler(store)
    book = load_book(policies)
    means = Means(store, settler, audit, Meter(), "w", lambda: now, Linker(vault), lambda: book)
    unpack = partial(unpacked, upstreams={}, programs={})
    later = Later(means, Errands(means, {}, Legacy(), Legacy()), unpack, vault)
    gate = Gate(means, Classifier(), later)
    yield House(store, settler, gate)
    await settler.close()
    await store.close()
    await audit.close()


async def test_of_five_recipients_two_are_withheld_and_the_rest_go_on(house: House) -> None:
    await house.stop(BOB)
    await house.stop(DEE)
    answer = await house.send(ANN, BOB, CY, DEE, EVE)
    [sent] = house.pool.sent
    assert f"to={ANN}+{CY}+{EVE}&".encode() in sent.target
    assert answer.status == 202
    assert answer.body == f"Sent. Denied receivers are: {BOB} {DEE}".encode()
    assert answer.header(b"x-gateway-decision") == b"rewrite, block, rewrite, block, rewrite"
    assert await house.in_doubt() == 0


class TestTextsThatDiffer:
    """New York and Florida ask for words that no single text can hold."""

    @pytest.fixture
    def policies(self, tmp_path: Path) -> Path:
        said = {"US-NY": "Text END to quit", "US-FL": "Text QUIT to end"}
        rules = [
            f"  - {{id: opt-out-{region[-2:].lower()}, cite: none, for: marketing, when: {{region: {region}}}, "
            f"instruct: {{text: {{en: {words}}}, on: every}}}}"
            for region, words in said.items()
        ]
        head = "policy: states\ncountry: US\ntitle: Two states\nreviewed: 2026-06-01\nrules:"
        folder = tmp_path / "policies"
        folder.mkdir()
        (folder / "states.yaml").write_text("\n".join([head, *rules]))
        shutil.copy(SHIPPED / "world.yaml", folder)
        return folder

    async def test_leave_in_a_request_each(self, house: House) -> None:
        answer = await house.send(ANN, FLORIDIAN, BOB)
        first, second = house.pool.sent
        assert f"to={ANN}+{BOB}&".encode() in first.target
        assert b"END+to+quit" in first.target
        assert f"to={FLORIDIAN}&".encode() in second.target
        assert b"QUIT+to+end" in second.target
        assert answer.body == ACCEPTED.body
        assert answer.header(b"x-gateway-decision") == b"rewrite, rewrite, rewrite"
        assert await house.in_doubt() == 0

    async def test_that_fail_are_told_among_those_that_left(self, house: House) -> None:
        """The client is not told to send again what has left already."""
        busy = Response(503, (), b"Temporal failure, try again later.")
        house.pool.answer = lambda request: busy if FLORIDIAN.encode() in request.target else ACCEPTED
        answer = await house.send(FLORIDIAN, ANN)
        assert answer.status == 202
        assert answer.body == f"Sent. Denied receivers are: {FLORIDIAN}".encode()


async def test_where_all_have_opted_out_the_refusal_says_so(house: House) -> None:
    await house.stop(ANN)
    await house.stop(BOB)
    answer = await house.send(ANN, BOB)
    assert answer.status == 400
    assert answer.body.startswith(b"Number(s) has/have been denied")
    assert house.pool.sent == []


@pytest.mark.parametrize("now", [NIGHT])
async def test_one_opt_out_among_others_is_not_told_as_an_opt_out_of_all(house: House) -> None:
    """Legacy systems unsubscribe people on that answer."""
    house.upstream = replace(house.upstream, holds=False)
    await house.stop(ANN)
    answer = await house.send(ANN, BOB)
    assert answer.status == 403
    assert b"not before 2026-06-11T12:00:00Z" in answer.body


@pytest.mark.parametrize("now", [NIGHT])
async def test_what_may_leave_later_is_held_beside_what_may_not_leave_at_all(house: House) -> None:
    await house.stop(ANN)
    answer = await house.send(ANN, BOB)
    assert answer.status == 202
    assert answer.header(b"x-gateway-decision") == b"block, defer"
    assert answer.body == f"Sent. Denied receivers are: {ANN}".encode()
    assert [(lane.name, lane.waiting) for lane in await house.store.outbox()] == [("kannel/default/18335550100", 1)]


async def test_a_stop_between_decision_and_reservation_is_noticed(house: House) -> None:
    """The facts move on under the gate: it looks again, and refuses."""
    reserve = house.store.reserve

    async def late(reservations, worker):
        house.store.reserve = reserve  # type: ignore[method-assign]
        await house.stop(ANN)
        return await reserve(reservations, worker)

    house.store.reserve = late  # type: ignore[method-assign]
    answer = await house.send(ANN)
    assert answer.body.startswith(b"Number(s) has/have been denied")
    assert house.pool.sent == []


async def test_where_facts_never_rest_the_client_is_told_to_try_again(house: House) -> None:
    async def never(reservations, worker):
        return [False] * len(reservations)

    house.store.reserve = never  # type: ignore[method-assign]
    answer = await house.send(ANN)
    assert answer.status == 503
    assert house.pool.sent == []


@pytest.mark.parametrize(
    ("situation", "away", "status", "doubtful"),
    [
        ("nobody takes the connection", UpstreamAway("no connection", 502, maybe_sent=False), 502, 0),
        ("it takes none in time", UpstreamAway("too slow", 504, maybe_sent=False), 504, 0),
        ("it hangs up after it had the request", UpstreamAway("hung up", 502, maybe_sent=True), 502, 1),
        ("its answer never comes", UpstreamAway("no answer", 504, maybe_sent=True), 504, 1),
    ],
)
async def test_a_carrier_that_is_away(
    house: House, situation: str, away: UpstreamAway, status: int, doubtful: int
) -> None:
    def gone(_: Request) -> Response:
        raise away

    house.pool.answer = gone
    answer = await house.send(ANN)
    assert answer.status == status
    assert await house.in_doubt() == doubtful


@pytest.mark.parametrize(
    ("situation", "carrier", "doubtful"),
    [
        ("it refuses", Response(403, (), b"Authorization failed for sendsms"), 0),
        ("it took nothing", Response(503, (), b"Temporal failure, try again later."), 0),
        ("it broke, and who knows when", Response(500, (), b"Internal error"), 1),
    ],
)
async def test_the_carriers_own_answer_comes_back_and_settles_the_attempt(
    house: House, situation: str, carrier: Response, doubtful: int
) -> None:
    house.pool.answer = lambda _: carrier
    answer = await house.send(ANN)
    assert (answer.status, answer.body) == (carrier.status, carrier.body)
    assert await house.in_doubt() == doubtful


async def test_a_process_that_was_paused_after_it_reserved_reserves_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two seconds from the reservation to the first byte: a STOP may have come meanwhile."""
    ticks = iter([0.0, 9.0])
    monkeypatch.setattr("gateway.gate.monotonic", lambda: next(ticks, 9.0))
    asked = []
    reserve = house.store.reserve

    async def counted(reservations, worker):
        asked.append(len(reservations))
        return await reserve(reservations, worker)

    house.store.reserve = counted  # type: ignore[method-assign]
    assert (await house.send(ANN)).status == 202
    assert asked == [1, 1]
    assert len(house.pool.sent) == 1


@pytest.fixture(params=["sqlite", "redis"])
def either(request: pytest.FixtureRequest) -> str:
    return "" if request.param == "sqlite" else str(request.getfixturevalue("redis_url"))


class TestUnderACap:
    """Florida: three within 24 hours."""

    @pytest.fixture
    def stored(self, either: str) -> str:
        return either

    async def test_of_a_thousand_sends_at_once_exactly_three_leave(self, house: House) -> None:
        answers = await asyncio.gather(*(house.send(FLORIDIAN) for _ in range(1000)))
        assert len(house.pool.sent) == 3
        assert sorted(answer.status for answer in answers) == [202] * 3 + [403] * 997
        refusals = {answer.header(b"x-gateway-rule") for answer in answers if answer.status == 403}
        assert refusals == {b"us-fl/cap"}

    async def test_what_the_carrier_did_not_take_does_not_count(self, house: House) -> None:
        house.pool.answer = lambda _: Response(400, (), b"Missing receiver number, rejected.")
        for _ in range(4):
            await house.send(FLORIDIAN)
            await house.settler.close()
        house.pool.answer = lambda _: ACCEPTED
        answers = [await house.send(FLORIDIAN) for _ in range(4)]
        assert [answer.status for answer in answers] == [202, 202, 202, 403]


async def test_while_the_audit_takes_no_more_lines_nothing_is_sent_or_held(house: House, monkeypatch) -> None:
    """Every decision can be explained: what could not be put on record does not leave."""
    monkeypatch.setattr("gateway.audit.log.HELD_BYTES", -1)
    assert (await house.send(ANN)).header(b"x-gateway-rule") == b"gateway/audit"
    assert house.pool.sent == []
    monkeypatch.undo()
    assert (await house.send(ANN)).status == 202


async def test_a_store_that_takes_no_settlements_is_asked_for_no_more_attempts(house: House, monkeypatch) -> None:
    """What waits to be settled stays bounded, however long the store takes nothing."""
    monkeypatch.setattr("gateway.delivery.settler.MOST", 0)
    assert (await house.send(ANN)).header(b"x-gateway-rule") == b"gateway/store"
    assert house.pool.sent == []
    monkeypatch.undo()
    assert (await house.send(ANN)).status == 202
