"""Takes changed keys up while the gateway runs: every worker of every host by itself, as with policies.

What can't be read, or is not what this worker works with and more, changes nothing.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from gateway.store import keyring
from gateway.store.key_source import BadKeys
from gateway.store.keyring import USES
from gateway.store.vault import Vault
from gateway.telemetry import Meter, log
from gateway.words.keys import KeysByCommand, KeySource

LOOK = 1.0  # seconds between two looks at a file
ASK = 60.0  # seconds after which a command is run again

_Mark = tuple[float, ...] | None


class Locksmith:
    """One worker's."""

    def __init__(self, source: KeySource, vault: Vault, meter: Meter) -> None:
        self._source = source
        self._vault = vault
        self._meter = meter
        self._seen: _Mark = None

    async def run(self) -> None:
        """For a task of its own, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Take what has changed, and count what is known."""
        mark = _mark(self._source)
        if mark != self._seen:
            self._seen = mark
            try:
                self._take(await asyncio.to_thread(keyring.load, self._source))
            except BadKeys as error:
                log.error("the keys can't be read again; those that were read stay", why=str(error))
        self._count()

    def _take(self, ring: keyring.KeyRing) -> None:
        known = self._vault.ring
        if ring == known:
            return
        if why := known.unlike(ring, datetime.now(UTC)):
            log.error("the changed keys are not taken; those that were read stay", why=why)
            return
        self._vault.take(ring)
        log.info("the changed keys are taken", ids=sorted(ring.uses))

    def _count(self) -> None:
        ring, now = self._vault.ring, datetime.now(UTC)
        current = {ring.current(use, now) for use in USES}
        self._meter.keys({id_: id_ in current for id_ in ring.uses})


def _mark(source: KeySource) -> _Mark:
    """Changes when there may be other keys. The environment of a process never does."""
    if isinstance(source, KeysByCommand):
        return (monotonic() // ASK,)
    if not isinstance(source, Path):
        return ()
    try:
        stat = source.stat()
    except OSError:
        return (0.0,)
    return (stat.st_mtime_ns, stat.st_size, stat.st_ino)
