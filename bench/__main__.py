"""`make bench`: what the gateway costs, as ratios to systems that do nothing, measured in turn in one run.

The system under test has one core to itself; the clients, the carrier and Redis have another. Absolute figures
follow the machine's mood; the ratios of neighbouring rounds do not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import decisions, dialects
from bench.measuring import REST, SUT, Figures, ratio, run, started, table
from gateway.sandbox.redis import redis_server

CARRIER, BARE, GATEWAY, SINK, MAIL = 18090, 18091, 18092, 18093, 18094

CONFIG = """
data_dir: {folder}/data
keys: {folder}/keys.yaml
store: {{redis: {redis}}}
listen:
  proxy: 127.0.0.1:{port}
  public: 127.0.0.1:0
  admin: 127.0.0.1:0
upstreams:
  - name: carrier
    dialect: twilio
    url: "http://127.0.0.1:{carrier}"
    credentials: {{user: AC00000000000000000000000000000000, secret: {{file: {folder}/token}}}}
mail:
  host: sms.example.com
  listen: 127.0.0.1:{mail}
  senders: [{{name: nagios, networks: localhost, upstream: carrier, sender: "+18335550100"}}]
  smarthost: {{host: localhost, tls: none}}
  limits: {{connections_each: 100, rate: 1000000}}
policies: {{folder: {folder}/policies}}
"""


def main() -> None:
    os.sched_setaffinity(0, REST)  # what we start starts there, too
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=20_000, help="of each system in each round")
    parser.add_argument("--mails", type=int, default=1_000, help="likewise")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        config = configured(running, Path(name))
        carrier = running.enter_context(started(REST, "-m", "bench.stub", str(CARRIER)))
        if asked.messages:
            requests(config, carrier, asked.rounds, asked.messages)
        if asked.mails:
            mails(config, asked.rounds, asked.mails)
    decisions.report()
    dialects.report()


def configured(running: contextlib.ExitStack, folder: Path) -> Path:
    """The gateway's configuration, with a Redis behind it."""
    redis = running.enter_context(redis_server(folder / "redis", durable=False))
    subprocess.run([sys.executable, "-m", "gateway", "init", str(folder)], check=True, capture_output=True)
    (folder / "token").write_text("test-token")
    path = folder / "bench.yaml"
    path.write_text(CONFIG.format(folder=folder, redis=redis, port=GATEWAY, carrier=CARRIER, mail=MAIL))
    return path


def requests(config: Path, carrier: int, rounds: int, messages: int) -> None:
    """Sends by a carrier's API, beside a proxy that does nothing."""
    agreed = [str(bound) for bound in agreeing(rounds, messages, systems=3)]
    with (
        started(SUT, "-m", "bench.bare", str(BARE), f"http://127.0.0.1:{CARRIER}") as bare,
        started(SUT, "-m", "bench.gateway", str(config), *agreed) as gate,
    ):
        systems = {"no proxy": (CARRIER, carrier), "bare aiohttp proxy": (BARE, bare), "gateway": (GATEWAY, gate)}
        figures = run("bench.load", systems, rounds, messages)
    report(figures, "bare aiohttp proxy")
    direct = list(zip(figures["gateway"], figures["no proxy"], strict=True))
    ratio("messages/s, gateway / no proxy", [ours.rate / none.rate for ours, none in direct])


def mails(config: Path, rounds: int, messages: int) -> None:
    """Mails that become sends, beside a server that throws them away."""
    agreed = [str(bound) for bound in agreeing(rounds, messages, systems=2)]
    with (
        started(SUT, "-m", "bench.mail_bare", str(SINK)) as bare,
        started(SUT, "-m", "bench.gateway", str(config), *agreed) as gate,
    ):
        systems = {"bare aiosmtpd": (SINK, bare), "gateway, by mail": (MAIL, gate)}
        report(run("bench.mail_load", systems, rounds, messages), "bare aiosmtpd")


def agreeing(rounds: int, messages: int, systems: int) -> Iterator[int]:
    """First and last of the recipients that the gateway is asked to send to in each round: they have consented.

    It is the last of so many systems.
    """
    for counted in range(rounds + 1):
        first = (systems * counted + systems - 1) * messages
        yield from (first, first + (messages if counted else messages // 5))


def report(figures: dict[str, list[Figures]], bare: str) -> None:
    """The last system beside the bare one."""
    table(figures)
    ours = list(figures)[-1]
    pairs = list(zip(figures[ours], figures[bare], strict=True))
    ratio(f"messages/s, {ours} / {bare}", [one.rate / other.rate for one, other in pairs])
    ratio(f"CPU/message, {ours} / {bare}", [one.cpu / other.cpu for one, other in pairs])


if __name__ == "__main__":
    main()
