"""`smsgate demo`: everything on this machine, with a sandbox carrier and a phone to answer from."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import uvloop
from aiohttp import web

from gateway.app import App, Sockets, serving
from gateway.cli.init import shipped
from gateway.cli.serve import stop_asked
from gateway.config import Config
from gateway.numbering.read import read_number
from gateway.opening import CannotStart
from gateway.sandbox.carrier import Carrier
from gateway.sandbox.clock import DemoClock
from gateway.sandbox.phone import Phone
from gateway.sandbox.redis import redis_server
from gateway.sandbox.server import Sandbox
from gateway.store.vault import Vault
from gateway.words.errors import GatewayError
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Happened
from gateway.words.program import Category

MARK = ".smsgate-demo"  # a folder that holds it is the demo's own, and is emptied at each start
TOKEN = "sandbox-token"  # noqa: S105 the sandbox signs with it; it guards nothing
SANDBOX_PORT = 8083
PHONES = range(100, 200)  # +1 212 555 0100 to 0199: kept for fiction, they reach nobody
CONSENTED = timedelta(days=30)  # before the demo begins

CONFIG = """\
# Written by `smsgate demo` at each start.
keys: keys.yaml
store: {store}
listen: {{proxy: "127.0.0.1:8080", public: "127.0.0.1:8081", admin: "127.0.0.1:8082"}}
upstreams:
  - name: twilio
    dialect: twilio
    url: http://127.0.0.1:{port}
    webhook: {{path: /in/twilio, public_url: "http://127.0.0.1:8081", auth_token: {{file: token}}}}
  - {{name: kannel, dialect: kannel, prefix: /kannel, url: "http://127.0.0.1:{port}"}}
programs: [{{name: default, senders: ["+18335550100"]}}]
log: {{format: console}}
"""

BANNER = """
SMS compliance gateway: the demo runs. The carrier and the phones are a sandbox; nothing reaches anybody.
Its clock stands at {now:%H:%M on %A} in New York and runs on. Lines to paste into another terminal:

  # 1. send a marketing text, as a Twilio client does
  curl -sw '\\n' http://127.0.0.1:8080/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json \\
    -u AC00000000000000000000000000000000:secret \\
    -d To=%2B12125550100 -d From=%2B18335550100 --data-urlencode 'Body=20% off everything today'

  # 2. read it on the recipient's phone: it says how to opt out
  curl -sw '\\n' http://127.0.0.1:{port}/phone/12125550100

  # 3. reply STOP as the recipient
  curl -sw '\\n' http://127.0.0.1:{port}/phone/12125550100/reply -d STOP

  # 4. send again: refused, as Twilio itself would refuse it (status 400, code 21610)
  curl -sw '\\n' http://127.0.0.1:8080/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json \\
    -u AC00000000000000000000000000000000:secret \\
    -d To=%2B12125550100 -d From=%2B18335550100 --data-urlencode 'Body=30% off everything today'

  # 5. move the clock to the night and text somebody else: accepted, and held
  curl -sw '\\n' http://127.0.0.1:{port}/clock -d at=22:30
  curl -sw '\\n' 'http://127.0.0.1:8080/kannel/cgi-bin/sendsms?username=u&password=p&from=18335550100&to=12125550101&text=Sale'
  curl -sw '\\n' http://127.0.0.1:{port}/phone/12125550101

  # 6. move it on to the morning: a second later it has left
  curl -sw '\\n' http://127.0.0.1:{port}/clock -d at=%2B10h
  curl -sw '\\n' http://127.0.0.1:{port}/phone/12125550101

Proxy 127.0.0.1:8080   webhooks 127.0.0.1:8081   health and metrics 127.0.0.1:8082   sandbox 127.0.0.1:{port}
Data in {folder}, new at each start; the store is {store}. Ctrl-C stops it.
"""


class NotOurs(GatewayError):
    """A folder holds something that the demo did not put there."""


@click.command()
@click.option("--store", type=click.Choice(["sqlite", "redis"]), default="sqlite", show_default=True)
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path("data/demo"), show_default=True)
@click.option(
    "--at", default=None, metavar="TIME", help='Where the clock begins: "21:30", "+3h" or an ISO 8601 instant.'
)
def demo(store: str, folder: Path, at: str | None) -> None:
    """Everything on this machine: the gateway, a sandbox carrier, and phones to answer from.

    With `--store redis` it uses $REDIS_URL, or starts a redis-server of its own.
    """
    clock = DemoClock(datetime.now(UTC))
    if at:
        clock.move(at)
    _emptied(folder)
    with _store(store, folder) as written:
        config = _configured(folder, written)
        uvloop.run(_run(config, clock, folder, store))


def _emptied(folder: Path) -> None:
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
            raise NotOurs(f"{folder} holds something else; name an empty folder with --data")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / MARK).touch()
    except OSError as error:
        raise CannotStart(f"{folder} can't be written: {error.strerror}; name another folder with --data") from error


@contextmanager
def _store(store: str, folder: Path) -> Iterator[str]:
    """What stands in the configuration for it."""
    if store == "sqlite":
        yield "sqlite"
    elif os.environ.get("REDIS_URL"):
        yield "{redis: {env: REDIS_URL}}"
    else:
        with redis_server(folder / "redis") as url:
            yield f'{{redis: "{url}"}}'


def _configured(folder: Path, store: str) -> Config:
    """New keys at each start, so that in a Redis of yours nothing of another start is found."""
    Vault.create(folder / "keys.yaml")
    (folder / "token").write_text(TOKEN)
    path = folder / "gateway.yaml"
    policies = f"policies: {{folder: {str(shipped_folder())!r}}}\n"
    path.write_text(CONFIG.format(store=store, port=SANDBOX_PORT) + policies)
    return Config.load(path)


def shipped_folder() -> Path:
    return Path(str(shipped("policies"))).resolve()


async def _run(config: Config, clock: DemoClock, folder: Path, store: str) -> None:
    stop, sockets = stop_asked(), Sockets.bound(config)
    async with _sandbox(clock), serving(config, sockets, clock) as app:
        await _consented(app, clock)
        click.echo(BANNER.format(now=clock.local, port=SANDBOX_PORT, folder=folder, store=store))
        await stop.wait()
    click.echo("stopped")


@asynccontextmanager
async def _sandbox(clock: DemoClock) -> AsyncIterator[None]:
    webhook = "http://127.0.0.1:8081/in/twilio"
    sandbox = Sandbox(Carrier(clock), Phone(webhook, webhook, TOKEN), clock)
    runner = web.AppRunner(sandbox.app(), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", SANDBOX_PORT, shutdown_timeout=1.0).start()
    except OSError as error:
        await runner.cleanup()
        why = os.strerror(error.errno or 0)
        raise CannotStart(f"127.0.0.1:{SANDBOX_PORT}: {why}; free it for the sandbox") from error
    try:
        yield
    finally:
        await runner.cleanup()


async def _consented(app: App, clock: DemoClock) -> None:
    """The demo's recipients have agreed to everything, in writing."""
    agreed = Consent(
        ConsentKind.EXPRESS_WRITTEN,
        clock() - CONSENTED,
        "web-form",
        categories=tuple(Category),
        confirmed=True,
        wording="Yes, text me offers. Msg & data rates may apply. Reply STOP to opt out.",
    )
    for phone in PHONES:
        if number := read_number(f"+1212555{phone:04d}"):
            await app.store.enter(number, Entry(Happened.GIVEN, agreed))
