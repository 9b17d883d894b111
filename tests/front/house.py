"""A gateway to talk to: its configuration, its process, and the addresses of its doors."""

from __future__ import annotations

import atexit
import json
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO, Any

import requests

from tests.cli.program import smsgate
from tests.nursery import STDERR, born

NOON = "2026-06-10T12:00:00-04:00"  # a Wednesday, in New York
NIGHT = "2026-06-10T23:30:00-04:00"
STARTS_WITHIN, ENDS_WITHIN = 30.0, 20.0  # seconds; nothing depends on how long it really takes

CONFIG = """
data_dir: {folder}/data
keys: {folder}/keys.yaml
store: {store}
listen: {{proxy: "127.0.0.1:0", public: "127.0.0.1:0", admin: "127.0.0.1:0"}}
upstreams:
  - name: twilio
    deferred: {deferred}
    duplicates_within: {duplicates_within}
    dialect: twilio
    url: {carrier}
    webhook:
      path: /in/twilio
      public_url: {public_url}
      auth_token: {{file: {folder}/token}}
      legacy_url: {legacy}
      legacy_auth_token: {{file: {folder}/token}}
  - {{name: kannel, dialect: kannel, prefix: /kannel, url: {carrier}}}
programs:
  - {{name: club, senders: ["+18335550100"], category: marketing}}
classify:
  - {{when: {{text: "^Your code is "}}, category: otp}}
  - {{when: {{text: "^Your appointment"}}, category: transactional}}
policies: {{folder: {policies}}}
"""
TOKEN = "test-token"
PUBLIC_URL = "https://gateway.example.com"
POLICIES = Path(__file__).parents[2] / "policies"


@cache
def _site() -> Path:
    """What `smsgate init` writes: once for all houses, which write their own configuration beside it."""
    folder = Path(tempfile.mkdtemp(prefix="smsgate-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    assert smsgate("init", folder / "site").status == 0
    return folder / "site"


@dataclass
class House:
    """One gateway process. `start` it, `kill` it as the machine would, `start` it again."""

    folder: Path
    store: str
    carrier: str
    legacy: str = "null"
    at: str = NOON
    policies: Path = POLICIES
    deferred: str = "hold"
    duplicates_within: str = "null"
    program: str = "tests.front.served"
    log: IO[Any] | None = None  # None: the test's own
    env: dict[str, str] = field(default_factory=dict)  # added to the test's own
    process: BaseProcess | None = None
    ports: list[int] = field(default_factory=list)

    def write_config(self) -> Path:
        shutil.copytree(_site(), self.folder, dirs_exist_ok=True)
        (self.folder / "token").write_text(TOKEN)
        path = self.folder / "house.yaml"
        path.write_text(
            CONFIG.format(
                folder=self.folder,
                public_url=PUBLIC_URL,
                store=self.store,
                carrier=self.carrier,
                legacy=self.legacy,
                policies=self.policies,
                deferred=self.deferred,
                duplicates_within=self.duplicates_within,
            )
        )
        return path

    def start(self) -> None:
        path = self.folder / "house.yaml"
        if not path.exists():
            self.write_config()
        ready, told = multiprocessing.Pipe(duplex=False)
        shown = {STDERR: self.log} if self.log else {}
        self.process = born(partial(_serve, self.program, path, self.at, told), shown, self.env, daemon=True)
        told.close()
        with ready:
            assert ready.poll(STARTS_WITHIN), "a gateway does not start"
            self.ports = ready.recv()

    @property
    def pid(self) -> int:
        """0 where it does not run."""
        return (self.process and self.process.pid) or 0

    def fill_disk(self) -> None:
        """From now on no file of this process's takes a byte, as on a disk that is full."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def readiness(self) -> dict[str, str]:
        """The parts that are not ready, each with its reason."""
        parts = requests.get(f"{self.admin}/readyz", timeout=10).json()["parts"]
        return {part["name"]: part["why"] for part in parts if not part["ready"]}

    def move_clock(self, at: str) -> None:
        """From now on it is `at`, for every worker of this house."""
        beside = self.folder / ".clock"
        beside.write_text(at)
        beside.replace(self.folder / "clock")

    def kill(self) -> None:
        """As a crash or the kernel does: nothing is flushed, nobody is told."""
        assert self.pid
        os.kill(self.pid, signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self._ended()

    def _ended(self) -> None:
        assert self.process is not None
        self.process.join(ENDS_WITHIN)
        assert self.process.exitcode is not None, "a gateway does not end"
        self.process.close()
        self.process = None

    def audited(self) -> list[dict[str, Any]]:
        """The lines of the record, once the gateway has written what it gathered; the gateway goes on."""
        end = time.monotonic() + 10
        seen = -1
        while time.monotonic() < end:
            files = sorted((self.folder / "data" / "audit").glob("*.jsonl"))
            lines = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
            for line in lines:
                line.pop("sealed", None)
            if len(lines) == seen and seen > 1:
                return lines
            seen = len(lines)
            time.sleep(0.4)
        raise AssertionError("nothing is recorded")

    @property
    def proxy(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def public(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    @property
    def admin(self) -> str:
        return f"http://127.0.0.1:{self.ports[2]}"


def _serve(program: str, path: Path, at: str, told: Connection) -> None:
    import_module(program).run(path, datetime.fromisoformat(at), told.send)
