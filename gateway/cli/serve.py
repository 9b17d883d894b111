"""`smsgate serve`: the gateway, in one process or several that share its addresses."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import click
import uvloop

from gateway.app import Sockets, serving
from gateway.cli.ending import one_clear_line
from gateway.config import Config
from gateway.listeners import GRACE

FORK = multiprocessing.get_context("fork")  # the sockets and all that is loaded are shared
LOOK_AGAIN = 0.5  # seconds
PAUSE = 1.0  # seconds before one that could not start is followed by another


@click.command()
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("config/gateway.yaml"),
    show_default=True,
    help="What `smsgate init` wrote.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes: one a core.")
def serve(path: Path, workers: int) -> None:
    """Serve until Ctrl-C or SIGTERM; what is in progress is finished first.

    \b
      smsgate serve -c my-site/gateway.yaml
      smsgate serve -c my-site/gateway.yaml --workers 4
    """
    config = Config.load(path)
    sockets = Sockets.bound(config)
    if workers == 1:
        _work(config, sockets)
    else:
        _supervise(config, sockets, workers)


def _work(config: Config, sockets: Sockets) -> None:
    uvloop.run(_served(config, sockets))


async def _served(config: Config, sockets: Sockets) -> None:
    stop = stop_asked()
    async with serving(config, sockets):
        await stop.wait()


def stop_asked() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; from now on neither ends the process by itself."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked


def _supervise(config: Config, sockets: Sockets, workers: int) -> None:
    """Keep so many workers alive: one that dies is followed by another, and its open attempts are found in doubt.

    One that ends by itself could not start. Among the first that is the end of all, with its exit status; of those
    that follow it may be the store that is away for a while.
    """
    stopping: list[bool] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(True))
    first = running = [_started(config, sockets) for _ in range(workers)]
    while not stopping and not _status(first):
        wait([worker.sentinel for worker in running], timeout=LOOK_AGAIN)
        if not stopping and not _status(first):
            running = [worker if worker.is_alive() else _follower(worker, config, sockets) for worker in running]
    _stop(running)
    sys.exit(0 if stopping else _status(first))


def _status(workers: Sequence[ForkProcess]) -> int:
    """Of the first that ended by itself; 0 where none did. One that was killed has a negative one."""
    return next((worker.exitcode for worker in workers if (worker.exitcode or 0) > 0), None) or 0


def _follower(dead: ForkProcess, config: Config, sockets: Sockets) -> ForkProcess:
    if (dead.exitcode or 0) > 0:
        time.sleep(PAUSE)
    return _started(config, sockets)


def _started(config: Config, sockets: Sockets) -> ForkProcess:
    worker = FORK.Process(target=_one_of_several, args=(config, sockets))
    worker.start()
    return worker


def _one_of_several(config: Config, sockets: Sockets) -> None:
    with one_clear_line():
        _work(config, sockets)


def _stop(workers: Sequence[ForkProcess]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join(GRACE + LOOK_AGAIN)
        worker.kill()  # one that was still starting may not have heard
        worker.join()
