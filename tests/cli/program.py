"""`smsgate` as people run it: a process of its own, its exit status, and what it printed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import requests

from tests.nursery import ROOT, STDERR, STDOUT, born

SMSGATE = [sys.executable, "-m", "gateway"]
PATIENCE = 30.0  # seconds until a test gives up waiting; nothing depends on how long it really takes


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line that it ends with. More of them, or a stack trace, is a failure of its own."""
        assert "Traceback" not in self.err
        lines = self.err.splitlines()
        assert len(lines) == 1, lines
        return lines[0]


def smsgate(*words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ended:
    """Run a command to its end."""
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        process = born(partial(_command, [*map(str, words)]), {STDOUT: out, STDERR: err}, env, cwd)
        process.join(PATIENCE)
        status = process.exitcode
        process.kill()
        process.join()
        assert status is not None, "it does not end"
        return Ended(status, _read(out), _read(err))


def _command(words: list[str]) -> None:
    from gateway.cli import main  # noqa: PLC0415 - not before its environment is there

    main(words, prog_name="smsgate")


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


@contextmanager
def running(*words: str | Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command that serves; told to stop, and waited for, at the end."""
    process = subprocess.Popen(
        [*SMSGATE, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_env(env)
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def told_to_stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> int:
    """Its exit status."""
    process.send_signal(how)
    return process.wait(PATIENCE)


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether somebody answers there, whatever he says."""
    try:
        requests.get(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports that are free at this moment."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def _env(more: Mapping[str, str] | None) -> dict[str, str]:
    # Policies and the package are found from wherever a test runs.
    return {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}
