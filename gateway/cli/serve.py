"""`smsgate serve`: the gateway, in one process or several that share its addresses."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path

import click
import uvloop

from gateway.app import Sockets, serving
from gateway.config import Config

FORK = multiprocessing.get_context("fork")  # the sockets and all that is loaded are shared


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
    async with serving(config, sockets):
        await stopped()


async def stopped() -> None:
    """Returns on Ctrl-C or SIGTERM."""
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    await asked.wait()


def _supervise(config: Config, sockets: Sockets, workers: int) -> None:
    """Keep so many workers alive: one that dies is followed by another, and its open attempts are found in doubt."""
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(True))
    running = [_started(config, sockets) for _ in range(workers)]
    while not stopping:
        wait([worker.sentinel for worker in running], timeout=0.5)
        if not stopping:
            running = [worker if worker.is_alive() else _started(config, sockets) for worker in running]
    for worker in running:
        worker.terminate()
    for worker in running:
        worker.join()


def _started(config: Config, sockets: Sockets) -> ForkProcess:
    worker = FORK.Process(target=_work, args=(config, sockets))
    worker.start()
    return worker
