"""What still names each key: in the store, in this host's journal, in its audit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gateway.audit.keys import named_in as named_in_audit
from gateway.config import Config
from gateway.opening import AUDIT, JOURNAL, kept
from gateway.store.journal import named_in as named_in_journal


@dataclass(frozen=True, slots=True)
class Needed:
    """How many things name each key, by its id."""

    store: Counter[str]
    journal: Counter[str]
    audit: Counter[str]

    def of(self, id_: str) -> list[str]:
        """For people; none: nothing needs it."""
        told = (
            (self.store[id_], "{:,} in the store"),
            (self.journal[id_], "{:,} in the journal"),
            (self.audit[id_], "{:,} in the audit"),
        )
        return [words.format(count) for count, words in told if count]


async def needed(config: Config) -> Needed:
    """Raises GatewayError, OSError."""
    store: Counter[str] = Counter()
    async with kept(config) as opened:
        async for page in opened.under_keys():
            store.update(page)
    return Needed(store, named_in_journal(config.data_dir / JOURNAL), named_in_audit(config.data_dir / AUDIT))
