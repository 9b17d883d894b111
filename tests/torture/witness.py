"""What can be seen of a site from outside: its store, its record, and what the carrier has got."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from gateway.numbering.read import read_number
from gateway.store.base import OpenAttempt, Store
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from tests.front.world import World
from tests.torture.carrier import key_in
from tests.torture.checker import Doubted, Evidence, Taken
from tests.torture.clients import Wishes

OVER = frozenset({State.SENT, State.REFUSED, State.DROPPED, State.IN_DOUBT})


class Witness:
    """`folders` are the hosts'; `redis` is a URL, "" where the store is SQLite."""

    def __init__(self, folders: Sequence[Path], world: World, redis: str, wishes: Wishes) -> None:
        self._folders = folders
        self._world = world
        self._redis = redis
        self._wishes = wishes
        self._known = 0  # of the carrier's messages
        self._read = Counter[Path]()  # bytes of each file of the record

    def unfinished(self, seen: Evidence) -> list[str]:
        """Keys of those that clients know and that have no end yet; "" for others that wait."""

        async def ask(store: Store) -> list[str]:
            tracked = await asyncio.gather(*(store.track(each.sid) for each in seen.accepted))
            others = sum([lane.waiting for lane in await store.outbox()])
            found = zip(seen.accepted, tracked, strict=True)
            return [each.key for each, one in found if one and one.state not in OVER] or [""] * others

        with suppress(StoreAway):
            return self._asked(ask)
        return [each.key for each in seen.accepted]

    def forgotten(self) -> list[str]:
        """Of those who want nothing, whom the store does not know as such."""
        silent = [
            number for to in self._wishes.silent if to not in self._wishes.speaking and (number := read_number(to))
        ]

        async def ask(store: Store) -> list[str]:
            known = await asyncio.gather(*(store.suppressions(number) for number in silent))
            return [number.e164 for number, kept in zip(silent, known, strict=True) if not kept]

        return self._asked(ask)

    def doubted(self) -> list[Doubted]:
        def doubt(attempt: OpenAttempt) -> Doubted:
            return Doubted(key_in(orjson.loads(attempt.detail)[2]), int(attempt.worker.rsplit("-", 2)[1]))

        async def ask(store: Store) -> list[Doubted]:
            return [doubt(attempt) for attempt in await store.in_doubt()]

        return self._asked(ask)

    def taken(self) -> list[Taken]:
        """What the carrier has got since it was asked last."""
        new = self._world.carrier.messages[self._known :]
        self._known += len(new)
        return [Taken(key_in(each.text), each.to, each.at.timestamp()) for each in new]

    def audited(self) -> Iterator[dict[str, Any]]:
        """The lines in the record since it was read last; one that is still being written is none yet."""
        for file in chain.from_iterable((folder / "data" / "audit").glob("*.jsonl") for folder in self._folders):
            with file.open("rb") as lines:
                lines.seek(self._read[file])
                whole = lines.read().rpartition(b"\n")[0]
            self._read[file] += len(whole) + bool(whole)
            yield from map(json.loads, whole.splitlines())

    @cached_property
    def _vault(self) -> Vault:
        return Vault.load(self._folders[0] / "keys.yaml")

    def _asked(self, ask: Callable[[Store], Any]) -> Any:
        async def asked() -> Any:
            path = self._folders[0] / "data" / "store.sqlite"
            store = RedisStore(self._redis, self._vault) if self._redis else SqliteStore(path, self._vault)
            await store.open()
            try:
                return await ask(store)
            finally:
                await store.close()

        return asyncio.run(asked())
