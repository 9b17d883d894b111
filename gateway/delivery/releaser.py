"""Takes what is due out of the outbox, at the pace that the store keeps: lanes in turn, the oldest of each first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from gateway.store.base import Store
from gateway.telemetry import log
from gateway.words.errors import StoreAway
from gateway.words.held import Held

LOOK = 0.5  # seconds between two looks while nothing is due
CLOSES = 10.0  # seconds that what is on its way has to end
AT_ONCE = 16  # messages of this worker that are on their way from the outbox; live ones are not held up by them
RATE = 10.0  # messages a second of a lane, where the upstream says nothing else

Release = Callable[[Held], Awaitable[timedelta | None]]


class Releaser:
    """One worker's share. Any number of workers and hosts do the same without a leader: the store leases."""

    def __init__(
        self,
        store: Store,
        release: Release,
        worker: str,
        clock: Callable[[], datetime],
        rate_of: Callable[[str], float] = lambda _: RATE,
    ) -> None:
        """`rate_of`: messages a second of a lane, of all workers together."""
        self._store = store
        self._release = release
        self._worker = worker
        self._clock = clock
        self._rate_of = rate_of
        self._under_way: dict[str, asyncio.Task[None]] = {}  # by message

    async def run(self) -> None:
        """For a task of its own, until it is cancelled; what is on its way then is finished by `close`."""
        while True:
            try:
                busy = await self.look()
            except StoreAway as error:
                log.warning("the outbox can't be read", why=str(error))
                busy = False
            except Exception as error:  # noqa: BLE001 whatever it was, what else is due must leave
                log.error("the outbox failed", exc_info=error)
                busy = False
            await asyncio.sleep(LOOK / 10 if busy else LOOK)

    async def look(self) -> bool:
        """Begin with what is due and has room; whether anything was."""
        began = False
        for lane in await self._store.lanes(self._clock()):
            room = self._fair(AT_ONCE - len(self._under_way))
            if room <= 0:
                break
            rate = self._rate_of(lane.name)
            leased = await self._store.lease(lane.name, room, self._worker, self._clock(), rate)
            for held in leased:
                self._begin(lane.name, held)
            began = began or bool(leased)
        return began

    async def close(self) -> None:
        """Wait for what is on its way, but not for a store that stays away: then it is in doubt."""
        tasks = list(self._under_way.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=CLOSES)
        for task in late:
            task.cancel()
        await asyncio.wait(tasks)

    def _fair(self, free: int) -> int:
        """No lane takes all of the room that is left: the next one finds some, too."""
        return (free + 1) // 2

    def _begin(self, lane: str, held: Held) -> None:
        """One that is still on its way goes on with this lease."""
        if held.id in self._under_way:
            return
        task = asyncio.create_task(self._released(lane, held))
        self._under_way[held.id] = task
        task.add_done_callback(lambda _: self._under_way.pop(held.id))

    async def _released(self, lane: str, held: Held) -> None:
        try:
            pause = await self._release(held)
            if pause is not None:
                await self._store.rest(lane, pause.total_seconds())
        except StoreAway as error:
            log.warning("a message of the outbox has to wait for the store", message=held.id, why=str(error))
        except Exception as error:  # noqa: BLE001 one that fails must not hold up the others
            log.error("a message of the outbox failed", message=held.id, exc_info=error)
