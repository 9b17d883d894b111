"""The gateway as it is served, on a clock that stands at noon in New York, so that the hour never refuses anybody."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from bench.load import SUPPRESSED, number
from gateway.app import Sockets, serving
from gateway.config import Config
from gateway.numbering.read import read_number
from gateway.store.base import Store
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.ledger import Entry, Happened

NOON = datetime(2026, 6, 10, 17, 0, tzinfo=UTC)


SHARE = 2000  # consents that are written at once


async def main(path: Path, bounds: list[int]) -> None:
    config = Config.load(path)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    async with serving(config, Sockets.bound(config), clock=lambda: NOON) as app:
        gone = Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", NOON)
        numbers = (read_number(number(count, suppressed=True)) for count in range(SUPPRESSED))
        await asyncio.gather(*(app.store.suppress(one, gone) for one in numbers if one))
        for first, last in zip(bounds[::2], bounds[1::2], strict=True):
            for start in range(first, last, SHARE):
                await agreed(app.store, range(start, min(start + SHARE, last)))
        print("ready", flush=True)
        await stopped.wait()


async def agreed(store: Store, counts: range) -> None:
    consent = Consent(ConsentKind.EXPRESS_WRITTEN, NOON - timedelta(days=60), "web-form")
    numbers = (read_number(number(count, suppressed=False)) for count in counts)
    await asyncio.gather(*(store.enter(one, Entry(Happened.GIVEN, consent)) for one in numbers if one))


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), [int(bound) for bound in sys.argv[2:]]))
