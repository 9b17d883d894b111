"""`python -m bench.release`: what live sends notice of an outbox that empties, as a ratio within one run.

Live sends flow at a steady pace, first while nothing of the outbox is due, then while it is released. The gateway has
one core; clients, carrier and Redis have another.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from urllib.request import urlopen

import aiohttp

from bench.__main__ import CARRIER, GATEWAY, REST, SUT, started
from bench.load import PATH, TEXT, number
from bench.releasing import LIVE
from gateway.sandbox.redis import redis_server

ADMIN = 18093
SENT = re.compile(r'^smsgate_messages_total{.*fate="sent".*} (\S+)$', re.MULTILINE)

CONFIG = """
data_dir: {folder}/{store}
keys: {folder}/keys.yaml
store: {where}
listen: {{proxy: "127.0.0.1:{port}", public: "127.0.0.1:0", admin: "127.0.0.1:{admin}"}}
upstreams:
  - {{name: carrier, dialect: twilio, url: "http://127.0.0.1:{carrier}", release_rate: {rate}}}
policies: {{folder: {folder}/policies}}
"""


def main() -> None:
    os.sched_setaffinity(0, REST)
    parser = argparse.ArgumentParser(prog="python -m bench.release", description=__doc__)
    parser.add_argument("--waiting", type=int, default=100_000, help="messages in the outbox")
    parser.add_argument("--rate", type=int, default=200, help="the carrier's allowed rate, messages a second")
    parser.add_argument("--pace", type=int, default=100, help="live sends a second")
    parser.add_argument("--seconds", type=int, default=20, help="of live sends, without and with release")
    parser.add_argument("--stores", nargs="+", default=["sqlite", "redis"], choices=["sqlite", "redis"])
    asked = parser.parse_args()
    for store in asked.stores:
        with tempfile.TemporaryDirectory() as name, ExitStack() as running:
            folder = Path(name)
            where = "sqlite"
            if store == "redis":
                where = f"{{redis: {running.enter_context(redis_server(folder / 'redis'))}}}"
            subprocess.run([sys.executable, "-m", "gateway", "init", name], check=True, capture_output=True)
            text = CONFIG.format(
                folder=folder, store=store, where=where, port=GATEWAY, admin=ADMIN, carrier=CARRIER, rate=asked.rate
            )
            (folder / "bench.yaml").write_text(text)
            running.enter_context(started(REST, "-m", "bench.stub", str(CARRIER)))
            began, live = perf_counter(), 2 * asked.pace * asked.seconds
            words = ("-m", "bench.releasing", str(folder / "bench.yaml"), str(asked.waiting), str(live))
            gateway = running.enter_context(started(SUT, *words))
            print(f"{store}: {asked.waiting:,} waiting after {perf_counter() - began:.0f} s, with their consents")
            asyncio.run(compared(store, gateway, asked.pace, asked.seconds))


async def compared(store: str, gateway: int, pace: int, seconds: int) -> None:
    alone = await latencies(LIVE, pace, seconds)
    os.kill(gateway, signal.SIGUSR1)
    before, began = sent(), perf_counter()
    beside = await latencies(LIVE + pace * seconds, pace, seconds)
    rate = (sent() - before - pace * seconds) / (perf_counter() - began)
    for what, times in (("nothing due", alone), (f"release at {rate:.0f}/s", beside)):
        print(f"{store}, {what}: live p50 {quantile(times, 50):.1f} ms, p99 {quantile(times, 99):.1f} ms")
    print(
        f"{store}, with release / without: p50 {quantile(beside, 50) / quantile(alone, 50):.2f}, "
        f"p99 {quantile(beside, 99) / quantile(alone, 99):.2f}"
    )


def quantile(times: list[float], percent: int) -> float:
    return quantiles(times, n=100)[percent - 1] * 1000


async def latencies(first: int, pace: int, seconds: int) -> list[float]:
    """Seconds until each answer, from when it was due to leave: a client that waits hides nothing."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    async with aiohttp.ClientSession() as session:

        async def send(count: int, at: float) -> None:
            await asyncio.sleep(at - loop.time())
            form = {"To": number(count, suppressed=False), "From": "+18335550100", "Body": TEXT}
            async with session.post(f"http://127.0.0.1:{GATEWAY}{PATH.decode()}", data=form) as answer:
                assert answer.status == 201, await answer.text()
            times.append(loop.time() - at)

        start = loop.time() + 0.5
        await asyncio.gather(*(send(first + place, start + place / pace) for place in range(pace * seconds)))
    return times


def sent() -> int:
    with urlopen(f"http://127.0.0.1:{ADMIN}/metrics") as answer:
        told = answer.read().decode()
    return sum(int(float(count)) for count in SENT.findall(told))


if __name__ == "__main__":
    main()
