"""The gateway in a process of its own, as `smsgate serve` runs it, on a clock that stands where the test says."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path

import uvloop

from gateway.app import Sockets, serving
from gateway.config import Config


async def main(path: Path, at: datetime) -> None:
    config = Config.load(path)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    sockets = Sockets.bound(config)
    async with serving(config, sockets, clock=lambda: at):
        ports = [each.getsockname()[1] for each in (sockets.proxy, sockets.public, sockets.admin)]
        print("ready", *ports, flush=True)  # noqa: T201
        await stopped.wait()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
