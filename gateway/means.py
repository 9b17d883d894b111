"""What the work on messages is done with, wherever it is done."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.log import AuditLog
from gateway.delivery.settler import Settler
from gateway.policy.book import Book
from gateway.store.base import Store
from gateway.store.links import Linker
from gateway.telemetry import Meter
from gateway.words.errors import StoreAway
from gateway.words.facts import LastSent
from gateway.words.number import Number


@dataclass(frozen=True, slots=True)
class Means:
    """One worker's. `worker` is the name under which it reserves and leases."""

    store: Store
    settler: Settler
    audit: AuditLog
    meter: Meter
    worker: str
    clock: Callable[[], datetime]
    linker: Linker
    book: Callable[[], Book]  # the policies that are in force whenever it is asked

    async def last_sent(self, number: Number, program: str) -> LastSent | None:
        """What somebody answers who opts out, if that can be told just now: no opt-out waits for it."""
        with suppress(StoreAway):
            return await self.store.last_sent(number, program)
        return None
