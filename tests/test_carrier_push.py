"""Our opt-outs on a carrier's list, over HTTP: only what it lacks, and never more than was said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from aiohttp import web

from gateway.audit.log import AuditLog
from gateway.bulk import Bulk
from gateway.carrier_list import NoList
from gateway.carrier_push import Pushed, Pushing
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.optout_list import OptOutWriter, TheirOptOut
from gateway.dialects.telnyx.optouts import TelnyxOptOuts
from gateway.http1.client import Pool
from gateway.store.keyring import KeyRing
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number, Place
from gateway.words.program import Program
from gateway.words.wire import Credentials, Request, Response

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
SHOP, ALERTS = "+18335550100", "+18335550101"
ANN, BOB, CY, DEE = (f"+1212555010{last}" for last in range(4))
KEY = Credentials("", "KEY0123")
PROGRAMS = {
    "shop": Program("shop", brand="Acme", senders=(SHOP,)),
    "alerts": Program("alerts", brand="Acme", senders=(ALERTS,)),
}


class Writer(OptOutWriter):
    """Of a list in JSON."""

    most = 2

    def __init__(self, *, by_sender: bool) -> None:
        self.by_sender = by_sender

    def put(self, opt_outs: Sequence[TheirOptOut], credentials: Credentials) -> Request:
        return Request(b"POST", b"/put", (), orjson.dumps([[one.number, one.sender] for one in opt_outs]))

    def taken(self, opt_outs: Sequence[TheirOptOut], response: Response) -> list[bool]:
        return [code == 0 for code in orjson.loads(response.body)]


@dataclass
class Carrier:
    """Its list can be read, two entries a page, and written."""

    held: list[tuple[str, str]] = field(default_factory=list)
    put: list[list[list[str]]] = field(default_factory=list)  # each request's
    refuses: str = ""  # this number
    busy: int = 0  # how many requests are answered 429

    async def answer(self, asked: web.Request) -> web.Response:
        if self.busy:
            self.busy -= 1
            return web.Response(status=429)
        entries = await asked.json()
        self.put.append(entries)
        return web.json_response([int(number == self.refuses) for number, _ in entries])

    async def pages(self, _: web.Request) -> web.Response:
        data = [{"from": sender, "to": number} for number, sender in self.held]
        return web.json_response({"data": data, "meta": {"total_pages": 1, "page_number": 1}})


@pytest.fixture
async def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store", Vault(KeyRing.fresh()))
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def pushing(carrier: Carrier, store: SqliteStore, tmp_path: Path):
    app = web.Application()
    app.router.add_get("/v2/messaging_optouts", carrier.pages)
    app.router.add_post("/put", carrier.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    audit = AuditLog(tmp_path / "audit", Vault(KeyRing.fresh()), lambda: NOON)
    await audit.open()
    pool = Pool(f"http://127.0.0.1:{runner.addresses[0][1]}")

    async def at_once(_: float) -> None:
        pass

    def pushing(*, by_sender: bool, reads: bool = True) -> Pushing:
        dialect = Kannel()
        dialect.opt_out_writer = Writer(by_sender=by_sender)
        dialect.opt_outs = TelnyxOptOuts() if reads else None
        upstream = Upstream("there", dialect, pool, credentials=KEY)
        return Pushing(Bulk(store, audit, lambda: NOON), upstream, PROGRAMS, at_once)

    yield pushing
    pool.close()
    await audit.close()
    await runner.cleanup()


async def stop(store: SqliteStore, e164: str, scope: str, kind: SuppressionKind = SuppressionKind.OPT_OUT) -> None:
    await store.suppress(Number(e164, Place("US")), Suppression(kind, scope, "keyword", NOON))


def entries(carrier: Carrier) -> list[list[str]]:
    return sorted(entry for request in carrier.put for entry in request)


@pytest.mark.parametrize(
    ("scope", "blocked", "whole"),
    [
        (SCOPE_ALL, [SHOP, ALERTS], [""]),
        ("brand:Acme", [SHOP, ALERTS], []),
        ("program:alerts", [ALERTS], []),
        ("sender:+18335550199", ["+18335550199"], []),
        ("category:marketing", [], []),
    ],
)
async def test_a_carrier_is_told_what_a_scope_blocks_and_never_more(scope, blocked, whole, pushing, store, carrier):
    await stop(store, ANN, scope)
    await pushing(by_sender=True).push()
    assert entries(carrier) == [[ANN, sender] for sender in blocked]
    carrier.put.clear()
    await pushing(by_sender=False).push()
    assert entries(carrier) == [[ANN, sender] for sender in whole]


async def test_only_what_the_carrier_lacks_is_put_there_a_few_at_a_time(pushing, store, carrier):
    carrier.held, carrier.busy = [(BOB, SHOP), (CY, "")], 2
    for number in (ANN, BOB, CY):
        await stop(store, number, "program:shop")
        await stop(store, number, f"sender:{SHOP}")
    await stop(store, DEE, SCOPE_ALL)
    await stop(store, "+12125550109", SCOPE_ALL, SuppressionKind.BOUNCE)
    assert await pushing(by_sender=True).push() == Pushed(taken=3)
    assert entries(carrier) == [[ANN, SHOP], [DEE, SHOP], [DEE, ALERTS]]
    assert [len(request) for request in carrier.put] == [2, 1]


async def test_where_the_list_cannot_be_read_all_of_ours_are_put_there_and_a_refusal_is_counted(
    pushing, store, carrier
):
    carrier.refuses = BOB
    for number in (ANN, BOB, CY):
        await stop(store, number, SCOPE_ALL)
    assert await pushing(by_sender=False, reads=False).push() == Pushed(taken=2, refused=1)


async def test_a_carrier_that_never_leaves_off_is_given_up(pushing, store, carrier):
    carrier.busy = 100
    await stop(store, ANN, SCOPE_ALL)
    with pytest.raises(NoList, match="429"):
        await pushing(by_sender=True).push()


@pytest.mark.parametrize(
    ("situation", "dialect", "credentials", "why"),
    [
        ("Telnyx's list can only be read", "telnyx", KEY, "telnyx takes no opt-outs from others"),
        ("Kannel has none", "kannel", KEY, "kannel takes no opt-outs from others"),
        ("without credentials", "twilio", None, "no credentials"),
    ],
)
def test_where_nothing_can_be_pushed_it_is_said(situation, dialect, credentials, why):
    upstream = Upstream("carrier", dialect_named(dialect), None, credentials=credentials)  # type: ignore[arg-type]
    with pytest.raises(NoList, match=why):
        Pushing(None, upstream, PROGRAMS)  # type: ignore[arg-type]
