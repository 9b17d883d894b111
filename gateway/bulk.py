"""What operators bring in and take out by the thousand. Each import and export is on record: who, what, how many."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from getpass import getuser

from gateway.audit import record
from gateway.audit.log import AuditLog
from gateway.events import Telling
from gateway.store.base import Remembered, Store
from gateway.words.event import EventType
from gateway.words.facts import Suppression
from gateway.words.ledger import Entry
from gateway.words.number import Number

ROWS = 2000  # that are written together


class Bulk:
    """`begun` and `done` stand around whatever is written or told; one without the other broke off."""

    def __init__(
        self, store: Store, audit: AuditLog, clock: Callable[[], datetime], telling: Telling | None = None
    ) -> None:
        """`telling`: who tells others of an import; None: nobody is told."""
        self._store = store
        self._audit = audit
        self._telling = telling
        self.clock = clock

    async def begun(self, what: str, file: str = "") -> None:
        """`what`: "import of suppressions". On the disk before anything else happens. Raises AuditAway."""
        await self._audit.append_durably(record.bulk(what, "begun", {}, _user(), file, self.clock()))

    async def done(self, what: str, counts: dict[str, int], file: str = "") -> None:
        """Raises AuditAway."""
        await self._audit.append_durably(record.bulk(what, "done", counts, _user(), file, self.clock()))

    async def tell(
        self, type_: EventType, source: str, counts: dict[str, int], began: datetime, digest: str = ""
    ) -> None:
        """Others are owed that an import is through, as Telling.imported does; where nothing was taken there is
        nothing to tell. Raises StoreAway."""
        if self._telling and counts["taken"]:
            await self._telling.imported(type_, source, counts, began, digest)

    async def suppress(self, said: Sequence[tuple[Number, Suppression]]) -> int:
        """How many were new, or said once more. In the journal and in the store on return. Raises StoreAway."""
        return await self._store.suppress_all(said, self.clock())

    async def suppressions(self, number: Number) -> tuple[Suppression, ...]:
        """Raises StoreAway."""
        return await self._store.suppressions(number)

    async def enter(self, entries: Sequence[tuple[Number, Entry]]) -> int:
        """How many were new to the ledger. Raises StoreAway."""
        return await self._store.enter_all(entries)

    async def enlist(self, name: str, numbers: Sequence[Number]) -> int:
        """How many were not on the list before. Raises StoreAway."""
        return await self._store.enlist(name, numbers)

    async def unlist(self, name: str) -> int:
        """How many were on it. Raises StoreAway, AuditAway."""
        await self.begun(f"drop of list {name}")
        gone = await self._store.unlist(name)
        await self.done(f"drop of list {name}", {"taken": gone})
        return gone

    async def listed(self, name: str) -> int:
        """Raises StoreAway."""
        return await self._store.listed(name)

    async def everybody(self) -> AsyncIterator[list[Remembered]]:
        """Raises StoreAway."""
        async for some in self._store.everybody():
            yield some


def _user() -> str:
    """Whose process this is; in a container it may have a number only."""
    try:
        return getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
