"""Our opt-outs beside a carrier's own list, over HTTP: paged, with a carrier that wants to be left in peace."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from gateway.audit.log import AuditLog
from gateway.bulk import Bulk
from gateway.carrier_list import CarrierList, Comparison, NoList
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.telnyx.optouts import TelnyxOptOuts
from gateway.http1.client import Pool
from gateway.store.keyring import KeyRing
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number, Place
from gateway.words.wire import Credentials

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
SHOP, OTHER = "+18335550100", "+18335550199"
ANN, BOB, CY, DEE = (f"+1212555010{last}" for last in range(4))
KEY = Credentials("", "KEY0123")


class Listing(Kannel):
    """A dialect whose carrier has a list, as Telnyx has."""

    opt_outs = TelnyxOptOuts()


@dataclass
class Carrier:
    """Answers as Telnyx's reference shows, two entries a page."""

    numbers: list[str]
    busy: list[int] = field(default_factory=list)  # pages that are answered 429 once
    status: int = 200
    waited: list[float] = field(default_factory=list)

    async def answer(self, asked: web.Request) -> web.Response:
        page = int(asked.query["page[number]"])
        assert asked.headers["Authorization"] == "Bearer KEY0123"
        if page in self.busy:
            self.busy.remove(page)
            return web.json_response({"errors": [{"code": "10011"}]}, status=429, headers={"x-ratelimit-reset": "2"})
        entries = [
            {"from": SHOP, "to": number, "keyword": "STOP", "created_at": "2025-04-28 12:00:38+00:00"}
            for number in self.numbers[2 * page - 2 : 2 * page]
        ]
        meta = {"total_pages": (len(self.numbers) + 1) // 2, "page_number": page, "page_size": 2}
        return web.json_response({"data": entries, "meta": meta}, status=self.status)

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)


@pytest.fixture
async def carrier() -> Carrier:
    return Carrier([ANN, BOB, CY, "+1212****", DEE])


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(tmp_path / "store", Vault(KeyRing.fresh()))
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def comparison(carrier: Carrier, store: SqliteStore, tmp_path: Path) -> AsyncIterator[Comparison]:
    app = web.Application()
    app.router.add_get("/v2/messaging_optouts", carrier.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    audit = AuditLog(tmp_path / "audit", Vault(KeyRing.fresh()), lambda: NOON)
    await audit.open()
    pool = Pool(f"http://127.0.0.1:{runner.addresses[0][1]}")
    theirs = CarrierList(Upstream("telnyx", Listing(), pool, credentials=KEY), carrier.sleep)
    yield Comparison(Bulk(store, audit, lambda: NOON), theirs, None)
    pool.close()
    await audit.close()
    await runner.cleanup()


async def stop(store: SqliteStore, e164: str, scope: str) -> None:
    said = Suppression(SuppressionKind.OPT_OUT, scope, "keyword", NOON)
    await store.suppress(Number(e164, Place("US")), said)


async def test_both_lists_are_compared_by_number_and_sender_and_pulling_makes_them_agree(comparison, store, carrier):
    carrier.busy = [2, 3]
    await stop(store, ANN, SCOPE_ALL)
    await stop(store, BOB, f"sender:{SHOP}")
    await stop(store, CY, f"sender:{OTHER}")
    await stop(store, "+12125550177", SCOPE_ALL)
    found = await comparison.compared(10)
    assert carrier.waited == [2.0, 2.0]
    assert (found.theirs, found.unreadable, found.ours, found.only_ours) == (5, 1, 4, 1)
    assert found.some_of_ours == ["+12125550177"]
    assert [number.e164 for number, _ in found.only_theirs] == [CY, DEE]

    await comparison.pull(found.only_theirs)
    [pulled] = await store.suppressions(Number(DEE, Place("US")))
    assert (pulled.kind, pulled.scope, pulled.source) == (SuppressionKind.OPT_OUT, f"sender:{SHOP}", "carrier")
    assert pulled.at == datetime(2025, 4, 28, 12, 0, 38, tzinfo=UTC)
    assert (await comparison.compared(10)).only_theirs == []


async def test_a_carrier_that_never_leaves_off_is_given_up(comparison, carrier):
    carrier.busy = [1] * 100
    with pytest.raises(NoList, match="429"):
        await comparison.compared(10)
    assert len(carrier.waited) == 6


async def test_a_carrier_that_refuses_is_not_taken_for_one_with_an_empty_list(comparison, carrier):
    carrier.status = 401
    with pytest.raises(NoList, match="401"):
        await comparison.compared(10)


@pytest.mark.parametrize(
    ("situation", "dialect", "credentials", "why"),
    [
        ("Twilio has none that can be read", dialect_named("twilio"), KEY, "no list of opt-outs"),
        ("Kannel has none", dialect_named("kannel"), KEY, "no list of opt-outs"),
        ("without credentials", Listing(), None, "no credentials"),
    ],
)
def test_where_there_is_no_list_to_read_it_is_said(situation, dialect, credentials, why):
    with pytest.raises(NoList, match=why):
        CarrierList(Upstream("carrier", dialect, None, credentials=credentials))  # type: ignore[arg-type]
