"""Processes of the program's, each forked off one that has loaded it: it starts in a tenth of the time.

They have nothing in common but what they have loaded: each is killed, paused and waited for by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[1]
STDOUT, STDERR = 1, 2

_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload(["tests.loaded"])
_AFRESH = multiprocessing.get_context("spawn")


def born(
    work: Callable[[], object],
    shown: Mapping[int, IO[str] | IO[bytes]],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    daemon: bool = False,
) -> BaseProcess:
    """Does that work, which can be pickled, and ends. `shown`: the files that it has as its standard ones.

    With `env`, which is added to the test's own, it loads all anew: some of it is read when a module is loaded.
    """
    given = {number: Connection(os.dup(file.fileno()), readable=False) for number, file in shown.items()}
    life = (given, {**os.environ, **(env or {})}, cwd or ROOT, work)
    process = (_AFRESH if env else _NURSERY).Process(target=_live, args=life, daemon=daemon)
    process.start()
    for each in given.values():
        each.close()
    return process


def _live(given: Mapping[int, Connection], env: Mapping[str, str], cwd: Path, work: Callable[[], object]) -> None:
    for number, connection in given.items():
        os.dup2(connection.fileno(), number)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = filter(None, env.get("PYTHONPATH", "").split(os.pathsep))  # as if it had been there at its start
    os.chdir(cwd)
    work()
