"""The gateway in a process of its own, as `smsgate serve` runs it, on a clock that stands where the test says."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import uvloop

from gateway.app import Sockets, serving
from gateway.config import Config
from gateway.numbering.read import read_number
from gateway.store.base import Store
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Happened
from gateway.words.program import Category

AGREED = (
    "+12125550100",
    "+12125550101",
    "+12025550100",
    "+12025550123",
    "+16175550142",
    "+447700900123",
    "+12125550177",
)


def run(path: Path, at: datetime, ready: Callable[[Sequence[int]], None]) -> None:
    """Until it is terminated; `ready` is told the ports of its three doors."""
    uvloop.run(_main(path, at, ready))


async def _main(path: Path, at: datetime, ready: Callable[[Sequence[int]], None]) -> None:
    config = Config.load(path)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    sockets = Sockets.bound(config)
    async with serving(config, sockets, clock=lambda: moved(path.parent / "clock", at)) as app:
        await _all_agree(app.store, at)
        main, *others = sockets.proxies.values()
        ready([each.getsockname()[1] for each in (main, sockets.public, sockets.admin, *others)])
        await stopped.wait()


def moved(file: Path, at: datetime) -> datetime:
    """Where a test has moved the clock to, if it has."""
    return datetime.fromisoformat(file.read_text()) if file.exists() else at


async def _all_agree(store: Store, at: datetime) -> None:
    """The recipients of these tests have agreed to everything, in writing, to both programs."""
    for spelled in AGREED:
        number = read_number(spelled)
        assert number
        for program in ("default", "club"):
            agreed = Consent(
                ConsentKind.EXPRESS_WRITTEN,
                at - timedelta(days=60),
                "web-form",
                program,
                tuple(Category),
                confirmed=True,
            )
            await store.enter(number, Entry(Happened.GIVEN, agreed))
