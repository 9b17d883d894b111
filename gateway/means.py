"""What the work on messages is done with, wherever it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from gateway.audit.log import AuditLog
from gateway.delivery.settler import Settler
from gateway.policy.book import Book
from gateway.store.base import Store
from gateway.store.links import Linker
from gateway.telemetry import Meter


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
