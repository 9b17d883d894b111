"""How systems are measured: in turn, each on a core of its own, by a client that says how long it took."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))
SUT, REST = {CORES[0]}, set(CORES[1:]) or {CORES[0]}


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one run: messages a second, CPU time of the system under test a message in microseconds."""

    rate: float
    cpu: float
    refused: int
    failed: int


@contextlib.contextmanager
def started(cores: set[int], *words: str) -> Iterator[int]:
    """A Python program on those cores; its process id once it says that it is ready."""
    program = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
    os.sched_setaffinity(program.pid, cores)
    try:
        assert program.stdout is not None
        if program.stdout.readline() != b"ready\n":
            raise SystemExit(f"{words} did not start")
        yield program.pid
    finally:
        program.terminate()
        program.wait(20)


def cpu_seconds(pid: int) -> float:
    """On-CPU time of all threads of a process."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def measured(load: str, port: int, pid: int, first: int, messages: int) -> Figures:
    """`load`: the client, a module."""
    before = cpu_seconds(pid)
    out = subprocess.run(
        [sys.executable, "-m", load, str(port), str(first), str(messages)],
        capture_output=True,
        check=True,
    ).stdout
    tally = json.loads(out)
    cpu = (cpu_seconds(pid) - before) / messages * 1e6
    return Figures(messages / tally["seconds"], cpu, tally["refused"], tally["failed"])


def run(load: str, systems: dict[str, tuple[int, int]], rounds: int, messages: int) -> dict[str, list[Figures]]:
    """Every system once in each round, the first round not counted."""
    figures: dict[str, list[Figures]] = {name: [] for name in systems}
    first = 0
    for counted in range(rounds + 1):
        for name, (port, pid) in systems.items():
            of_run = measured(load, port, pid, first, messages if counted else messages // 5)
            first += messages
            if counted:
                figures[name].append(of_run)
    return figures


def table(figures: dict[str, list[Figures]]) -> None:
    print(f"{'':22}{'messages/s':>12}{'CPU us/message':>16}{'refused':>9}{'failed':>8}")
    for name, runs in figures.items():
        rate, cpu = statistics.median(r.rate for r in runs), statistics.median(r.cpu for r in runs)
        print(f"{name:22}{rate:12,.0f}{cpu:16.1f}{runs[-1].refused:9}{sum(r.failed for r in runs):8}")


def ratio(what: str, of_rounds: list[float]) -> None:
    low, high = min(of_rounds), max(of_rounds)
    print(f"{what}: {statistics.median(of_rounds):.2f} ({low:.2f}-{high:.2f}, {len(of_rounds)} rounds)")
