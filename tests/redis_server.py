"""A real redis-server for tests: started, killed as a crash would, and started again on the same data."""

from __future__ import annotations

import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from gateway.sandbox.redis import command

STARTS_WITHIN = 10.0  # seconds


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@dataclass
class RedisServer:
    """Keeps its data in `folder` as readiness wants it kept: append-only, every write synced."""

    folder: Path
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def words(self) -> list[str]:
        return command(self.folder, self.port)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(self.words(), stdout=subprocess.DEVNULL)
        end = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self.process.poll() is None, "redis-server ended"
            assert time.monotonic() < end, "redis-server does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """kill -9: nothing is flushed, nobody is told."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, *words: str) -> bytes:
        """The first bytes of the answer to a command without spaces in its words."""
        with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
            connection.sendall(" ".join(words).encode() + b"\r\n")
            return connection.recv(65_536)

    def _answers(self) -> bool:
        try:
            return self.ask("PING") == b"+PONG\r\n"
        except OSError:
            return False
