"""One site under torture: two gateways on one store, a carrier, a legacy webhook, and what can befall them."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.front.house import House
from tests.front.world import World
from tests.redis_sentinel import RedisWithSentinel
from tests.redis_server import RedisServer
from tests.torture.carrier import MOODS, Moody
from tests.torture.checker import Evidence, Moved
from tests.torture.clients import Wishes
from tests.torture.served import LEASE
from tests.torture.witness import Witness

PAST_LEASE = LEASE + 0.5  # seconds
ANY_PAUSE = (0.1, LEASE / 2)
LOCKED = (0.2, 1.0)  # seconds that somebody else writes to the SQLite file
AWAY = (1.0, 3.0)  # the same, or without Redis, where that is part of each round
SLOW = (0.3, 4.0)  # seconds until the legacy system answers
REPLICATES_WITHIN = 1.0  # seconds
HOUR = timedelta(hours=1)
PROGRAM = "tests.torture.served"
RATE = "    dialect: twilio\n    release_rate: 50\n"


@dataclass
class Site:
    """`redis` None: the store is SQLite. With Sentinel the two gateways are two hosts, each with its own journal."""

    folder: Path
    world: World
    redis: RedisServer | RedisWithSentinel | None
    seed: int
    houses: list[House] = field(default_factory=list)
    away: bool = False  # the store is, for a while, in each round
    rounds: list[Evidence] = field(default_factory=list)
    wishes: Wishes = field(default_factory=Wishes)
    done: Counter[str] = field(default_factory=Counter)  # how often which fault

    def __post_init__(self) -> None:
        self._behind = float("inf")  # since when not all of Redis's nodes have all that is written
        self.chance = Random(self.seed)
        self.moody = Moody(Random(self.seed))  # of its own: when it is asked is for threads to say

    def open(self, at: datetime) -> None:
        store = f'{{redis: "{self.redis.url}"}}' if self.redis else "sqlite"
        folders = [self.folder / "one", self.folder / "two"] if self._hosts else [self.folder] * 2
        for folder in folders:
            house = House(folder, store, self.world.url, self.world.legacy, at.isoformat(), program=PROGRAM)
            self.houses.append(house)
        for host in {house.folder: house for house in self.houses}.values():
            path = host.write_config()
            path.write_text(path.read_text().replace("    dialect: twilio\n", RATE))
            (host.folder / "keys.yaml").write_bytes((folders[0] / "keys.yaml").read_bytes())
        self.moody.plague(self.world.carrier)
        self.houses[0].start()
        for folder in self._folders:
            (folder / "agreed").touch()  # in their store, which is one
        self.houses[1].start()
        self.witness = Witness(self._folders, self.world, self.redis.url if self.redis else "", self.wishes)

    @property
    def _hosts(self) -> bool:
        return isinstance(self.redis, RedisWithSentinel)

    @property
    def _folders(self) -> list[Path]:
        """Of the hosts."""
        return list(dict.fromkeys(house.folder for house in self.houses))

    def close(self) -> None:
        for house in self.houses:
            house.stop()

    def move_clock(self, at: datetime, seen: Evidence) -> None:
        now = time.time()
        for house in self.houses:
            house.move_clock(f"{at.isoformat()} {now}")
        seen.moves.append(Moved(now, at))

    def befall(self, seen: Evidence) -> None:
        """Something, by chance."""
        faults = [self._killed, self._paused, self._moody, self._legacy_away, self._legacy_slow, self._clock_back]
        faults += self._of_store()
        self._befalls(self.chance.choice(faults), seen)

    def lose_store(self, seen: Evidence) -> None:
        """For a while, in which clients go on."""
        self._befalls(self._redis_away if self.redis else self._file_away, seen)

    def _befalls(self, fault: Callable[[Evidence], None], seen: Evidence) -> None:
        self.done[fault.__name__.strip("_")] += 1
        fault(seen)

    def _of_store(self) -> list[Callable[[Evidence], None]]:
        if self._hosts:
            return [self._primary_killed, self._primary_paused, self._replica_killed]
        return [self._redis_killed, self._redis_paused, self._cut_off] if self.redis else [self._locked]

    def heal(self) -> None:
        self.moody.mood = ""
        self.world.legacy_away, self.world.legacy_takes = False, 0.0
        if isinstance(self.redis, RedisWithSentinel):
            self.redis.wait()
            self._behind = float("inf")

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

    def _legacy_slow(self, seen: Evidence) -> None:
        self.world.legacy_takes = self.chance.choice(SLOW)

    def _clock_back(self, seen: Evidence) -> None:
        """By an hour, on all hosts."""
        last = seen.moves[-1]
        self.move_clock(last.to + timedelta(seconds=time.time() - last.at) - HOUR, seen)

    def _primary_killed(self, seen: Evidence) -> None:
        """Until a replica is promoted; then it follows that one."""
        assert isinstance(self.redis, RedisWithSentinel)
        primary, lost = self.redis.primary(), time.time()
        primary.kill()
        self.redis.promoted(instead_of=primary)
        self._promoted(lost, seen)
        primary.follow(self.redis.primary())
        primary.start()

    def _primary_paused(self, seen: Evidence) -> None:
        """Until a replica is promoted; then it wakes, and takes itself for the primary until Sentinel tells it."""
        assert isinstance(self.redis, RedisWithSentinel)
        primary, lost = self.redis.primary(), time.time()
        assert primary.process is not None
        os.kill(primary.process.pid, signal.SIGSTOP)
        self.redis.promoted(instead_of=primary)
        os.kill(primary.process.pid, signal.SIGCONT)
        self._promoted(lost, seen)

    def _promoted(self, lost: float, seen: Evidence) -> None:
        """Which one was, nobody can foretell: it may be one that was away itself, and has not caught up."""
        self._behind = min(self._behind, lost)
        seen.promoted.append((self._behind - REPLICATES_WITHIN, time.time()))

    def _replica_killed(self, seen: Evidence) -> None:
        assert isinstance(self.redis, RedisWithSentinel)
        primary = self.redis.primary()
        replica = self.chance.choice([node for node in self.redis.nodes if node is not primary])
        self._behind = min(self._behind, time.time())
        replica.kill()
        time.sleep(self._pause())
        replica.start()

    def _redis_killed(self, seen: Evidence) -> None:
        self._without_redis(self._pause())

    def _redis_away(self, seen: Evidence) -> None:
        self._without_redis(self.chance.uniform(*AWAY))

    def _without_redis(self, seconds: float) -> None:
        assert isinstance(self.redis, RedisServer)
        self.redis.kill()
        time.sleep(seconds)
        self.redis.start()

    def _redis_paused(self, seen: Evidence) -> None:
        assert isinstance(self.redis, RedisServer)
        assert self.redis.process is not None
        self._stand_still(self.redis.process.pid)

    def _cut_off(self, seen: Evidence) -> None:
        """All connections to Redis break, at once."""
        assert isinstance(self.redis, RedisServer)
        self.redis.ask("CLIENT", "KILL", "TYPE", "normal")

    def _locked(self, seen: Evidence) -> None:
        self._without_file(self.chance.uniform(*LOCKED))

    def _file_away(self, seen: Evidence) -> None:
        self._without_file(self.chance.uniform(*AWAY))

    def _without_file(self, seconds: float) -> None:
        """Somebody else writes to it."""
        with closing(sqlite3.connect(self.folder / "data" / "store.sqlite", isolation_level=None)) as other:
            other.execute("PRAGMA busy_timeout = 5000")
            other.execute("BEGIN IMMEDIATE")
            time.sleep(seconds)

    def _pause(self) -> float:
        """Seconds: one in three outlasts a lease."""
        return self.chance.choice((PAST_LEASE, self.chance.uniform(*ANY_PAUSE), self.chance.uniform(*ANY_PAUSE)))

    def _stand_still(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        time.sleep(self._pause())
        os.kill(pid, signal.SIGCONT)
