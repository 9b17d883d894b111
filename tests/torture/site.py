"""One site under torture: two gateways on one store, a carrier, a legacy webhook, and what can befall them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import orjson

from gateway.store.base import OpenAttempt, Store
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from tests.front.house import House
from tests.front.world import World
from tests.redis_server import RedisServer
from tests.torture.carrier import MOODS, Moody, key_in
from tests.torture.checker import Doubted, Evidence, Moved, Taken
from tests.torture.served import LEASE

PAST_LEASE = LEASE + 0.5  # seconds
ANY_PAUSE = (0.1, PAST_LEASE)
LOCKED = (0.2, 1.5)  # seconds that somebody else writes to the SQLite file
RATE = "    dialect: twilio\n    release_rate: 50\n"
OVER = frozenset({State.SENT, State.REFUSED, State.DROPPED, State.IN_DOUBT})


@dataclass
class Site:
    """`redis` None: the store is SQLite."""

    folder: Path
    world: World
    redis: RedisServer | None
    seed: int
    houses: list[House] = field(default_factory=list)
    rounds: list[Evidence] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)  # how often which fault

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.moody = Moody(Random(self.seed))  # of its own: when it is asked is for threads to say

    def open(self, at: datetime) -> None:
        store = f'{{redis: "{self.redis.url}"}}' if self.redis else "sqlite"
        for _ in range(2):
            house = House(self.folder, store, self.world.url, self.world.legacy, at.isoformat())
            house.program = "tests.torture.served"
            self.houses.append(house)
        path = self.houses[0].write_config()
        path.write_text(path.read_text().replace("    dialect: twilio\n", RATE))
        self.moody.plague(self.world.carrier)
        for house in self.houses:
            house.start()

    def close(self) -> None:
        for house in self.houses:
            house.stop()

    def move_clock(self, at: datetime, seen: Evidence) -> None:
        now = time.time()
        self.houses[0].move_clock(f"{at.isoformat()} {now}")
        seen.moves.append(Moved(now, at))

    def befall(self, seen: Evidence) -> None:
        """Something, by chance."""
        faults = [self._killed, self._paused, self._moody, self._legacy_away]
        faults += [self._redis_killed, self._redis_paused, self._cut_off] if self.redis else [self._locked]
        fault: Callable[[Evidence], None] = self.chance.choice(faults)
        self.done[fault.__name__.strip("_")] += 1
        fault(seen)

    def heal(self) -> None:
        self.moody.mood = ""
        self.world.legacy_away = False

    def _killed(self, seen: Evidence) -> None:
        house = self.chance.choice(self.houses)
        seen.hurt.add(house.pid)
        house.kill()
        house.start()

    def _paused(self, seen: Evidence) -> None:
        house = self.chance.choice(self.houses)
        seen.hurt.add(house.pid)
        self._stand_still(house.pid)

    def _moody(self, seen: Evidence) -> None:
        self.moody.mood = self.chance.choice(MOODS)
        self.done[f"carrier {self.moody.mood}"] += 1

    def _legacy_away(self, seen: Evidence) -> None:
        self.world.legacy_away = not self.world.legacy_away

    def _redis_killed(self, seen: Evidence) -> None:
        assert self.redis is not None
        self.redis.kill()
        time.sleep(self.chance.uniform(*ANY_PAUSE))
        self.redis.start()

    def _redis_paused(self, seen: Evidence) -> None:
        assert self.redis is not None
        assert self.redis.process is not None
        self._stand_still(self.redis.process.pid)

    def _cut_off(self, seen: Evidence) -> None:
        """All connections to Redis break, at once."""
        assert self.redis is not None
        self.redis.ask("CLIENT", "KILL", "TYPE", "normal")

    def _locked(self, seen: Evidence) -> None:
        with closing(sqlite3.connect(self.folder / "data" / "store.sqlite", isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 5000")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(self.chance.uniform(*LOCKED))

    def _stand_still(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(self.chance.choice((self.chance.uniform(*ANY_PAUSE), PAST_LEASE)))
        os.kill(pid, signal.SIGCONT)

    def unfinished(self, seen: Evidence) -> list[str]:
        """Keys of those that clients know and that have no end yet; "" for others that wait."""

        async def ask(store: Store) -> list[str]:
            tracked = [(each.key, await store.track(each.sid)) for each in seen.accepted]
            others = sum([lane.waiting for lane in await store.outbox()])
            return [key for key, one in tracked if one and one.state not in OVER] or [""] * others

        with suppress(StoreAway):
            return self._asked(ask)
        return [each.key for each in seen.accepted]

    def doubted(self) -> list[Doubted]:
        def doubt(attempt: OpenAttempt) -> Doubted:
            return Doubted(key_in(orjson.loads(attempt.detail)[2]), int(attempt.worker.rsplit("-", 2)[1]))

        async def ask(store: Store) -> list[Doubted]:
            return [doubt(attempt) for attempt in await store.in_doubt()]

        return self._asked(ask)

    def taken(self) -> list[Taken]:
        return [Taken(key_in(each.text), each.to, each.at.timestamp()) for each in self.world.carrier.messages]

    def audited(self) -> list[dict[str, Any]]:
        """The lines in the record so far; a last one that is still being written is none yet."""
        files = (self.folder / "data" / "audit").glob("*.jsonl")
        return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1]]

    def _asked(self, ask: Callable[[Store], Any]) -> Any:
        async def asked() -> Any:
            vault = Vault.load(self.folder / "keys.yaml")
            path = self.folder / "data" / "store.sqlite"
            store = RedisStore(self.redis.url, vault) if self.redis else SqliteStore(path, vault)
            await store.open()
            try:
                return await ask(store)
            finally:
                await store.close()

        return asyncio.run(asked())
