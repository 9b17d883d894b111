"""A gateway process forked off one that has loaded the program already: it starts in a tenth of the time."""

from __future__ import annotations

import multiprocessing
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from tests.front.house import House

STARTS_WITHIN = 30.0  # seconds; nothing depends on how long it really takes
_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["tests.torture.served"])


class Forked(House):
    """Its processes have nothing in common but what they have loaded; each is killed and paused by itself."""

    def start(self) -> None:
        ready, told = _NURSERY.Pipe(duplex=False)
        self.process = _NURSERY.Process(target=_serve, args=(self.folder / "house.yaml", self.at, told))
        self.process.start()
        told.close()
        with ready:
            assert ready.poll(STARTS_WITHIN), "a gateway does not start"
            self.ports = ready.recv()

    def _ended(self) -> None:
        self.process.join(20)
        assert self.process.exitcode is not None, "a gateway does not end"
        self.process.close()
        self.process = None


def _serve(path: Path, at: str, told: Connection) -> None:
    from tests.torture import served  # noqa: PLC0415 - the test's own process has no use for it

    served.run(path, datetime.fromisoformat(at), told.send)
