"""What leaves later, on a store that does not answer: it is sent once all the same, or not at all, and on record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
import pytest

from gateway import release as rooms
from gateway.audit.log import AuditAway, AuditLog
from gateway.config.classify import Classifier
from gateway.delivery import releaser as releasing
from gateway.delivery.deferred import unpacked
from gateway.delivery.legacy import Legacy
from gateway.delivery.releaser import Releaser
from gateway.delivery.settler import Settler
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.errands import Errands
from gateway.gate import Gate
from gateway.later import Later
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.policy.parse import load_book
from gateway.release import Release
from gateway.store import outbox_table
from gateway.store.keyring import KeyRing
from gateway.store.links import Linker
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.telemetry import Meter
from gateway.words.errors import StoreAway
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.held import Held
from gateway.words.ledger import Entry, Happened
from gateway.words.message import Send
from gateway.words.wire import Request, Response

NIGHT, MORNING = datetime(2026, 6, 11, 3, tzinfo=UTC), datetime(2026, 6, 11, 13, tzinfo=UTC)
ANN = read_number("+12125550100")
assert ANN
HEADERS = ((b"Authorization", b"Basic eDp5"), (b"Content-Type", b"application/x-www-form-urlencoded"))
SEND = Request(
    b"POST",
    b"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json",
    HEADERS,
    b"To=%2B12125550100&From=%2B18335550100&Body=Sale",
)
SCHEDULED_AT = datetime(2026, 6, 11, 3, 45, tzinfo=UTC)
SCHEDULED = replace(
    SEND,
    body=b"To=%2B12125550100&MessagingServiceSid=MG00000000000000000000000000000000&Body=Sale"
    b"&SendAt=2026-06-11T03%3A45%3A00Z&ScheduleType=fixed",
)
ACCEPTED = Response(
    201, ((b"Content-Type", b"application/json"),), b'{"sid": "SM%s", "status": "queued"}' % (b"7" * 32)
)
AWAY = StoreAway("the answer is lost")
BUSY = Response(429, ((b"Retry-After", b"1"),), b"{}")


class House:
    """One worker: its gate, its outbox, and the carrier in place of connections."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NIGHT
        self.sent: list[Request] = []
        self.answers = [ACCEPTED]  # the last one for good
        vault = Vault(KeyRing.fresh())
        self.store = SqliteStore(folder / "store", vault)
        self.audit = AuditLog(folder / "audit", vault, lambda: self.now)
        self.settler = Settler(self.store)
        book, clock = load_book(Path(__file__).parents[1] / "policies"), lambda: self.now
        self.means = Means(self.store, self.settler, self.audit, Meter(), "w", clock, Linker(vault), lambda: book)
        self.upstream = Upstream("twilio", dialect_named("twilio"), self, rate=100.0)  # type: ignore[arg-type]
        self.upstreams = {"twilio": self.upstream}
        self.unpack = partial(unpacked, upstreams=self.upstreams, programs={})
        errands = Errands(self.means, self.upstreams, Legacy(), Legacy())
        outbox = self.means, errands, self.unpack, vault
        later = Later(*outbox)
        self.gate = Gate(self.means, Classifier(), later)
        self.later = later
        self.release = Release(*outbox)

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        self.sent.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def send(self, request: Request = SEND) -> Response:
        send = self.upstream.dialect.read(request)
        assert isinstance(send, Send)
        return await self.gate.handle(send, self.upstream)

    async def released(self, now: datetime) -> None:
        self.now = now
        releaser = Releaser(self.store, self.release.release, "w", lambda: now)
        await releaser.look()
        await releaser.close()

    async def waiting(self) -> int:
        return sum([lane.waiting for lane in await self.store.outbox()])

    def recorded(self) -> bytes:
        return b"".join(file.read_bytes() for file in (self.folder / "audit").glob("*.jsonl"))

    def loses_answer(self, name: str, *, done: bool, error: Exception = AWAY) -> None:
        """The next call of that name fails, before or after the store has done it."""
        real: Callable[..., Awaitable[Any]] = getattr(self.store, name)

        async def lost(*given: Any, **named: Any) -> Any:
            setattr(self.store, name, real)
            if done:
                await real(*given, **named)
            raise error

        setattr(self.store, name, lost)


Opened = TypeVar("Opened", bound=House)


@asynccontextmanager
async def opened(house: Opened) -> AsyncIterator[Opened]:
    """With what Ann has agreed to."""
    await house.audit.open()
    await house.store.open()
    agreed = Consent(ConsentKind.EXPRESS_WRITTEN, NIGHT - timedelta(days=60), "paper")
    await house.store.enter(ANN, Entry(Happened.GIVEN, agreed))
    yield house
    await house.store.close()
    await house.audit.close()


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(rooms, "RETRY", 0.0)
    async with opened(House(tmp_path)) as house:
        yield house


@pytest.mark.parametrize("done", [True, False])
async def test_where_nobody_says_whether_it_was_reserved_it_waits_and_then_leaves_once(house: House, done: bool):
    assert (await house.send()).status == 201
    house.loses_answer("reserve", done=done)
    await house.released(MORNING)
    assert (house.sent, await house.waiting()) == ([], 1)
    await house.released(MORNING)
    assert (len(house.sent), await house.waiting(), await house.store.in_doubt()) == (1, 0, [])


async def test_what_the_carrier_did_not_take_waits_though_the_store_is_away_just_then(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    await house.send()
    house.answers = [BUSY, ACCEPTED]
    house.loses_answer("put_back", done=False)
    await house.released(MORNING)
    assert (len(house.sent), await house.waiting()) == (1, 1)
    await house.released(MORNING + timedelta(seconds=2))
    assert len(house.sent) == 1, "its lane rests, by the store's clock"
    now = outbox_table.clock()
    monkeypatch.setattr(outbox_table, "clock", lambda: now + 2_000_000)
    await house.released(MORNING + timedelta(seconds=2))
    assert (len(house.sent), await house.waiting()) == (2, 0)


async def test_what_the_client_was_told_is_not_held_is_taken_out_again(house: House):
    house.loses_answer("hold", done=True)
    assert (await house.send()).status == 503
    assert await house.waiting() == 1
    await house.settler.close()
    assert await house.waiting() == 0


@pytest.mark.parametrize("away", [0, 60], ids=["for a moment", "for longer than a lease"])
async def test_what_was_recorded_as_dropped_while_the_store_was_away_is_not_sent_after_a_start(
    house: House, monkeypatch: pytest.MonkeyPatch, away: int
):
    await house.send()
    await house.store.suppress(ANN, Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", NIGHT))
    house.loses_answer("drop", done=False)
    await house.released(MORNING)
    assert (house.recorded().count(b'"fate":"dropped"'), await house.waiting()) == (1, 1)
    await house.store.lift(ANN, SuppressionKind.OPT_OUT, SCOPE_ALL, MORNING)
    back = outbox_table.clock() + away * 1_000_000
    monkeypatch.setattr(outbox_table, "clock", lambda: back)
    await house.settler.close()
    await house.released(MORNING)
    assert (house.sent, await house.waiting()) == ([], 0)


@pytest.mark.parametrize("name", ["amend", "drop"])
async def test_a_worker_that_dies_while_it_drops_leaves_it_to_be_dropped_whatever_the_recipient_says_then(
    house: House, monkeypatch: pytest.MonkeyPatch, name: str
):
    """Before it was on record, or after: it is decided once."""
    await house.send()
    await house.store.suppress(ANN, Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", NIGHT))
    house.loses_answer(name, done=name == "amend", error=asyncio.CancelledError("killed"))
    with suppress(asyncio.CancelledError):
        [lane] = await house.store.outbox()
        [held] = await house.store.lease(lane.name, 1, "w", MORNING, None)
        house.now = MORNING
        await house.release.release(held)
    await house.store.lift(ANN, SuppressionKind.OPT_OUT, SCOPE_ALL, MORNING)
    later = outbox_table.clock() + 60_000_000
    monkeypatch.setattr(outbox_table, "clock", lambda: later)
    await house.released(MORNING)
    assert (house.sent, await house.waiting()) == ([], 0)
    assert b"whoever was dropping it did not come to the end of that" in house.recorded()


async def test_what_is_dropped_is_on_record_before_it_is_gone(house: House):
    await house.send()
    await house.store.suppress(ANN, Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", NIGHT))
    drop, recorded = house.store.drop, []

    async def dropping(*given: Any, **how: Any) -> Held | None:
        recorded.append(house.recorded().count(b'"fate":"dropped"'))
        return await drop(*given, **how)

    house.store.drop = dropping  # type: ignore[method-assign]
    await house.released(MORNING)
    assert (recorded, await house.waiting(), house.sent) == ([1], 0, [])


async def minted(house: House) -> str:
    return str(orjson.loads((await house.send()).body)["sid"])


async def test_a_cancel_is_on_record_before_the_message_is_gone(house: House):
    sid = await minted(house)
    drop, recorded = house.store.drop, []

    async def dropping(*given: Any, **how: Any) -> Held | None:
        recorded.append(house.recorded().count(b'"kind":"cancel-asked"'))
        return await drop(*given, **how)

    house.store.drop = dropping  # type: ignore[method-assign]
    tracked = await house.store.track(sid)
    assert tracked
    assert await house.later.cancel(tracked, sid, keep=True)
    assert (recorded, await house.waiting()) == ([1], 0)


async def test_a_cancel_that_cannot_be_recorded_leaves_the_message(house: House, monkeypatch: pytest.MonkeyPatch):
    sid = await minted(house)
    tracked = await house.store.track(sid)
    assert tracked

    async def away(*_: Any) -> None:
        raise AuditAway("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(house.audit, "append_durably", away)
        with pytest.raises(AuditAway):
            await house.later.cancel(tracked, sid, keep=True)
    assert await house.waiting() == 1


async def test_who_was_told_that_nothing_is_held_and_sends_again_gets_one_text(house: House):
    """What the first try left in the store is no longer taken back, once the second was told that it waits."""
    house.upstream = replace(house.upstream, duplicates_within=timedelta(minutes=10))
    house.loses_answer("hold", done=True)
    assert (await house.send()).status == 503
    assert (await house.send()).status == 201
    await house.settler.close()
    assert await house.waiting() == 1


async def test_a_schedule_that_the_carrier_would_refuse_now_is_waited_for_here_and_left_out(house: House):
    await house.send(SCHEDULED)
    [lane] = await house.store.outbox()
    [held] = await house.store.lease(lane.name, 1, "w", MORNING, 100.0)
    house.now = SCHEDULED_AT - timedelta(minutes=2)
    await house.release.release(held)
    [lane] = await house.store.outbox()
    assert (house.sent, lane.waiting, lane.earliest) == ([], 1, SCHEDULED_AT)
    await house.released(MORNING)
    [sent] = house.sent
    assert b"SendAt" not in sent.body
    assert b"ScheduleType" not in sent.body


async def test_a_message_on_its_way_is_not_begun_twice_though_it_is_leased_again(house: House):
    begun, done = [], asyncio.Event()

    async def release(held: Held) -> None:
        begun.append(held.id)
        await done.wait()

    await house.send()
    house.store._lease = 0.0
    releaser = Releaser(house.store, release, "w", lambda: MORNING)
    assert await releaser.look()
    assert await releaser.look()
    await asyncio.sleep(0)
    assert len(begun) == 1
    done.set()
    await releaser.close()


async def test_closing_does_not_wait_for_a_store_that_stays_away(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(releasing, "CLOSES", 0.01)
    ended = []

    async def release(held: Held) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(held.id)

    await house.send()
    releaser = Releaser(house.store, release, "w", lambda: MORNING)
    assert await releaser.look()
    await releaser.close()
    assert len(ended) == 1


async def test_an_outbox_that_failed_once_is_looked_at_again(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(releasing, "LOOK", 0.0)
    begun: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def release(held: Held) -> None:
        begun.set_result(held.id)

    await house.send()
    house.loses_answer("lanes", done=False, error=ValueError("no lane at all"))
    releaser = Releaser(house.store, release, "w", lambda: MORNING)
    running = asyncio.create_task(releaser.run())
    assert await asyncio.wait_for(begun, 10)
    running.cancel()
    await asyncio.wait([running])
