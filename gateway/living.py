"""A worker's sign of life, and what it says of how things stand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from gateway.delivery.beats import Beats
from gateway.delivery.errand import is_of_calls
from gateway.gate import Gate
from gateway.means import Means
from gateway.telemetry import Meter, log
from gateway.words.errors import StoreAway
from gateway.words.held import Lane

BEAT = 5.0  # seconds between two signs of life


async def living(means: Means, gate: Gate, drilled: Path) -> None:
    """Say that this worker lives, find what dead ones left open, and measure. `drilled`: when a drill passed last."""
    store, meter, beats = means.store, means.meter, Beats(means.store, means.worker)
    while True:
        try:
            await beats.beat()
            meter.in_doubt(len(await store.in_doubt()))
            _measured(meter, await store.outbox(), means.clock())
            meter.open_attempts(gate.open_attempts)
            _drilled(meter, drilled)
        except StoreAway as error:
            log.warning("the store is away", why=str(error))
            meter.store_away()
        except Exception as error:  # noqa: BLE001 whatever it was, a worker that lives must go on saying so
            log.error("a beat failed", exc_info=error)
        await asyncio.sleep(BEAT)


def _drilled(meter: Meter, when: Path) -> None:
    """A command has left it there."""
    if when.exists():
        meter.drilled(float(when.read_text()))


def _measured(meter: Meter, lanes: Sequence[Lane], now: datetime) -> None:
    for what, calls in (("messages", False), ("calls", True)):
        some = [lane for lane in lanes if is_of_calls(lane.name) is calls]
        overdue = max((now - lane.earliest for lane in some), default=timedelta(0))
        meter.outbox(what, sum(lane.waiting for lane in some), max(0.0, overdue.total_seconds()))
