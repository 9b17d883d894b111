"""The gateway as the front's tests run it, on a clock that runs on, and with leases that a test can wait for."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import uvloop

from gateway import app, living, opening
from gateway.config import Config
from gateway.numbering.read import read_number
from gateway.store import redis, wire
from gateway.store.base import Store
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Happened
from gateway.words.program import Category

LEASE = 2.0  # seconds, instead of the product's 30
BEAT = 0.4
CAUGHT_UP_AFTER = wire.TIMEOUT + wire.BACK_OFF[1] + BEAT + 0.6
AREAS = {
    "America/New_York": (212, 332, 347, 646, 718, 917),
    "America/Chicago": (217, 224, 312, 773),
    "America/Los_Angeles": (209, 213, 310, 415),
}
RECIPIENTS = {f"+1{area}55501{last:02}": zone for zone, areas in AREAS.items() for area in areas for last in range(100)}


def run(path: Path, at: datetime, ready: Callable[[Sequence[int]], None]) -> None:
    """Until it is terminated; `ready` is told the ports of its three doors."""
    uvloop.run(_main(path, at, ready))


async def _main(path: Path, at: datetime, ready: Callable[[Sequence[int]], None]) -> None:
    opening.SqliteStore = partial(opening.SqliteStore, lease=LEASE)  # type: ignore[misc,assignment]
    redis.RedisStore = partial(redis.RedisStore, lease=LEASE)  # type: ignore[misc,assignment]
    living.Beats = partial(living.Beats, lease=LEASE)  # type: ignore[misc,assignment]
    living.BEAT = BEAT
    wire.CAUGHT_UP_AFTER = CAUGHT_UP_AFTER
    config = Config.load(path)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    sockets = app.Sockets.bound(config)
    async with app.serving(config, sockets, clock=lambda: shown(path.parent / "clock", at)) as serving:
        if not (agreed := path.parent / "agreed").exists():  # once for a site, before anything goes wrong there
            await _all_agree(serving.store, at)
            agreed.touch()
        ready([each.getsockname()[1] for each in (sockets.proxy, sockets.public, sockets.admin)])
        await stopped.wait()


def shown(file: Path, at: datetime) -> datetime:
    """The file holds an instant, and the second of the machine's clock at which it was that."""
    if not file.exists():
        return at
    instant, since = file.read_text().split()
    return datetime.fromisoformat(instant) + timedelta(seconds=time.time() - float(since))


async def _all_agree(store: Store, at: datetime) -> None:
    given = at - timedelta(days=60)
    agreed = Consent(ConsentKind.EXPRESS_WRITTEN, given, "web-form", "club", tuple(Category), confirmed=True)
    numbers = filter(None, map(read_number, RECIPIENTS))
    await asyncio.gather(*(store.enter(number, Entry(Happened.GIVEN, agreed)) for number in numbers))
