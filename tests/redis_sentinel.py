"""A real Redis with two replicas and three Sentinels, which promote one of them when the primary is away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.sandbox.redis import command, executable
from tests.redis_server import RedisServer

NAME = "torture"
DOWN_AFTER = 1000  # milliseconds: less, and on a busy machine they promote another one for nothing
PROMOTES_WITHIN = 20.0  # seconds
REPLICATION = [
    "min-replicas-to-write 1",
    "min-replicas-max-lag 2",
    "repl-diskless-sync-delay 0",
    "repl-ping-replica-period 1",
]


class Node(RedisServer):
    """Remembers in a file whom it follows, as Sentinel tells it to."""

    settings: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        return self.folder / "redis.conf"

    def words(self) -> list[str]:
        if not self.file.exists():
            words = command(self.folder, self.port)[1:]
            pairs = [
                f'{name.removeprefix("--")} "{value}"' for name, value in zip(words[::2], words[1::2], strict=True)
            ]
            self.file.write_text("\n".join([*pairs, *self.settings, ""]))
        return [executable(), str(self.file)]

    def follow(self, other: Node) -> None:
        """From its next start on: what it was before is over."""
        with self.file.open("a") as file:
            file.write(f"\nreplicaof 127.0.0.1 {other.port}\n")


class Sentinel(RedisServer):
    """Asks the others before it promotes anybody."""

    primary: int = 0  # port of the first one

    def words(self) -> list[str]:
        file = self.folder / "sentinel.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            f"sentinel monitor {NAME} 127.0.0.1 {self.primary} 2",
            f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER}",
            f"sentinel failover-timeout {NAME} 2000",
            f"sentinel parallel-syncs {NAME} 2",
            "loglevel warning",
            "",
        ]
        file.write_text("\n".join(lines))
        return [executable(), str(file), "--sentinel"]


@dataclass
class RedisWithSentinel:
    """The primary at first is `nodes[0]`."""

    folder: Path
    nodes: list[Node] = field(default_factory=list)
    sentinels: list[Sentinel] = field(default_factory=list)

    @property
    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{each.port}" for each in self.sentinels)
        return f"redis+sentinel://{places}/0?primary={NAME}&replicas=1"

    def start(self) -> None:
        self.nodes = [Node(self.folder / f"node{n}") for n in range(3)]
        self.sentinels = [Sentinel(self.folder / f"sentinel{n}") for n in range(3)]
        for node in self.nodes:
            following = [f"replicaof 127.0.0.1 {self.nodes[0].port}"] if node is not self.nodes[0] else []
            node.settings = (*REPLICATION, *following)
            node.start()
        for sentinel in self.sentinels:
            sentinel.primary = self.nodes[0].port
            sentinel.start()
        self.wait()

    def wait(self) -> None:
        """Until it is whole."""
        _until(self.whole)

    def whole(self) -> bool:
        """Two replicas follow the primary, and all Sentinels know them and each other."""
        primary = self.primary()
        known = [each.ask("SENTINEL", "MASTER", NAME) for each in self.sentinels]
        peers = all(_value(one, "num-other-sentinels") == "2" and _value(one, "num-slaves") == "2" for one in known)
        return peers and primary.ask("INFO", "replication").count(b"state=online") == 2

    def primary(self) -> Node:
        """As most Sentinels say; the one that was promoted last."""
        ports = [int(_value(each.ask("SENTINEL", "MASTER", NAME), "port")) for each in self.sentinels]
        port = max(ports, key=ports.count)
        return next(node for node in self.nodes if node.port == port)

    def promoted(self, instead_of: Node) -> None:
        """Wait until there is another primary, which knows that it is one."""
        _until(lambda: self.primary() is not instead_of and b"role:master" in self.primary().ask("INFO", "replication"))

    def stop(self) -> None:
        for each in (*self.sentinels, *self.nodes):
            if each.process:
                os.kill(each.process.pid, signal.SIGCONT)
            each.kill()


def _value(reply: bytes, name: str) -> str:
    words = reply.decode().split("\r\n")
    return words[words.index(name) + 2]


def _until(good: Callable[[], bool]) -> None:
    end = time.monotonic() + PROMOTES_WITHIN
    while True:
        with suppress(OSError, ValueError):
            if good():
                return
        assert time.monotonic() < end, "Sentinel does not come to terms"
        time.sleep(0.05)
