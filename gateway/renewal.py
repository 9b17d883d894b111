"""Brings what is kept under the current keys, in the background, until nothing names an older one.

One worker of a host does it, whichever comes first; where it dies the next goes on. What several hosts do at the same
time, or what is begun anew, is harmless (Store.under_keys).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections import Counter
from pathlib import Path

from gateway.store.base import Store
from gateway.store.vault import Turn, Vault
from gateway.telemetry import Meter, log
from gateway.words.errors import StoreAway

LOOK = 1.0  # seconds
PAUSE = 0.05  # seconds between two pages of at most some hundred things: sending goes first
REST = 600.0  # seconds from one pass to the next, while something names an older key

LOCK = "renewal.lock"  # in data_dir


class Renewal:
    """One worker's share: all of it, or none."""

    def __init__(self, store: Store, vault: Vault, meter: Meter, data_dir: Path) -> None:
        self._store = store
        self._vault = vault
        self._meter = meter
        self._path = data_dir / LOCK
        self._lock = -1
        self._done: Turn | None = None  # the keys that were current when the last pass began
        self._not_before = 0.0

    async def run(self) -> None:
        """For a task of its own, until it is cancelled."""
        try:
            while True:
                await self._look()
                await asyncio.sleep(LOOK)
        finally:
            if self._lock >= 0:
                os.close(self._lock)

    async def _look(self) -> None:
        try:
            if self._is_needed and self._is_ours:
                await self._pass()
        except StoreAway as error:
            log.warning("what older keys hold can't be brought under the current ones", why=str(error))
        except Exception as error:  # noqa: BLE001 whatever it was, the next pass begins anew
            log.error("what older keys hold could not be brought under the current ones", exc_info=error)

    @property
    def _is_needed(self) -> bool:
        """At once when another key has taken over; else now and then."""
        ring, turn = self._vault.ring, self._vault.turn
        if not self._vault.superseded and len(ring.seal_keys) == 1:
            return False
        return turn != self._done or asyncio.get_running_loop().time() >= self._not_before

    @property
    def _is_ours(self) -> bool:
        """Held until the process ends."""
        if self._lock < 0:
            lock = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
                return False
            self._lock = lock
        return True

    async def _pass(self) -> None:
        self._done = self._vault.turn
        self._not_before = asyncio.get_running_loop().time() + REST
        await self._walked(renew=True)
        under = await self._walked(renew=False)
        self._meter.kept_under({id_: under[id_] for id_, use in self._vault.ring.uses.items() if use != "signing"})
        log.info("what is kept was brought under the current keys", under=dict(under))

    async def _walked(self, *, renew: bool) -> Counter[str]:
        under: Counter[str] = Counter()
        async for page in self._store.under_keys(renew=renew):
            under.update(page)
            await asyncio.sleep(PAUSE)
        return under
