"""`make bench`: what the gateway costs, as ratios to a proxy that does nothing, measured in turn in one run.

The system under test has one core to itself; the clients, the carrier and Redis have another. Absolute figures
follow the machine's mood; the ratios of neighbouring rounds do not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import decisions, dialects
from gateway.sandbox.redis import redis_server

CARRIER, BARE, GATEWAY = 18090, 18091, 18092
CORES = sorted(os.sched_getaffinity(0))
SUT, REST = {CORES[0]}, set(CORES[1:]) or {CORES[0]}

CONFIG = """
data_dir: {folder}/data
keys: {folder}/keys.yaml
store: {{redis: {redis}}}
listen:
  proxy: 127.0.0.1:{port}
  public: 127.0.0.1:0
  admin: 127.0.0.1:0
upstreams:
  - {{name: carrier, dialect: twilio, url: "http://127.0.0.1:{carrier}"}}
policies: {{folder: {folder}/policies}}
"""


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


def measured(port: int, pid: int, first: int, messages: int) -> Figures:
    before = cpu_seconds(pid)
    out = subprocess.run(
        [sys.executable, "-m", "bench.load", str(port), str(first), str(messages)],
        capture_output=True,
        check=True,
    ).stdout
    tally = json.loads(out)
    cpu = (cpu_seconds(pid) - before) / messages * 1e6
    return Figures(messages / tally["seconds"], cpu, tally["refused"], tally["failed"])


def main() -> None:
    os.sched_setaffinity(0, REST)  # what we start starts there, too
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=20_000, help="of each system in each round")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        redis = running.enter_context(redis_server(folder / "redis", durable=False))
        subprocess.run([sys.executable, "-m", "gateway", "init", name], check=True, capture_output=True)
        (folder / "bench.yaml").write_text(CONFIG.format(folder=folder, redis=redis, port=GATEWAY, carrier=CARRIER))
        carrier = running.enter_context(started(REST, "-m", "bench.stub", str(CARRIER)))
        bare = running.enter_context(started(SUT, "-m", "bench.bare", str(BARE), f"http://127.0.0.1:{CARRIER}"))
        agreed = [str(bound) for bound in agreeing(asked.rounds, asked.messages)]
        gate = running.enter_context(started(SUT, "-m", "bench.gateway", str(folder / "bench.yaml"), *agreed))
        systems = {"no proxy": (CARRIER, carrier), "bare aiohttp proxy": (BARE, bare), "gateway": (GATEWAY, gate)}
        report(run(systems, asked.rounds, asked.messages))
    decisions.report()
    dialects.report()


def agreeing(rounds: int, messages: int) -> Iterator[int]:
    """First and last of the recipients that the gateway is asked to send to in each round: they have consented."""
    for counted in range(rounds + 1):
        first = (3 * counted + 2) * messages
        yield from (first, first + (messages if counted else messages // 5))


def run(systems: dict[str, tuple[int, int]], rounds: int, messages: int) -> dict[str, list[Figures]]:
    """Every system once in each round, the first round not counted."""
    figures: dict[str, list[Figures]] = {name: [] for name in systems}
    first = 0
    for counted in range(rounds + 1):
        for name, (port, pid) in systems.items():
            of_run = measured(port, pid, first, messages if counted else messages // 5)
            first += messages
            if counted:
                figures[name].append(of_run)
    return figures


def report(figures: dict[str, list[Figures]]) -> None:
    print(f"{'':22}{'messages/s':>12}{'CPU us/message':>16}{'refused':>9}{'failed':>8}")
    for name, runs in figures.items():
        rate, cpu = statistics.median(r.rate for r in runs), statistics.median(r.cpu for r in runs)
        print(f"{name:22}{rate:12,.0f}{cpu:16.1f}{runs[-1].refused:9}{sum(r.failed for r in runs):8}")
    pairs = list(zip(figures["gateway"], figures["bare aiohttp proxy"], strict=True))
    ratio("messages/s, gateway / bare aiohttp proxy", [ours.rate / bare.rate for ours, bare in pairs])
    ratio("CPU/message, gateway / bare aiohttp proxy", [ours.cpu / bare.cpu for ours, bare in pairs])
    direct = list(zip(figures["gateway"], figures["no proxy"], strict=True))
    ratio("messages/s, gateway / no proxy", [ours.rate / none.rate for ours, none in direct])


def ratio(what: str, of_rounds: list[float]) -> None:
    low, high = min(of_rounds), max(of_rounds)
    print(f"{what}: {statistics.median(of_rounds):.2f} ({low:.2f}-{high:.2f}, {len(of_rounds)} rounds)")


if __name__ == "__main__":
    main()
