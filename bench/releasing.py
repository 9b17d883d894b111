"""The gateway with an outbox that is full, and a clock an hour before all of it is due: SIGUSR1 sets it forward."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop

from bench.gateway import SHARE, agreed
from bench.load import number, request
from gateway.app import Sockets, serving
from gateway.config import Config
from gateway.delivery.deferred import packed
from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.later import lane_of
from gateway.numbering.read import read_number
from gateway.words.held import Held
from gateway.words.message import Message, Send
from gateway.words.program import Program
from gateway.words.wire import Request

BEFORE = datetime(2026, 6, 10, 16, 0, tzinfo=UTC)  # noon in New York, morning in Los Angeles
DUE = BEFORE + timedelta(hours=1)
LIVE = 1_000_000  # numbers from here on are those of live sends


async def main(path: Path, waiting: int, live: int) -> None:
    config, passed = Config.load(path), [BEFORE]
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    loop.add_signal_handler(signal.SIGUSR1, passed.append, DUE + timedelta(minutes=1))
    async with serving(config, Sockets.bound(config), clock=lambda: passed[-1]) as app:
        for first, last in ((0, waiting), (LIVE, LIVE + live)):
            for start in range(first, last, SHARE):
                await agreed(app.store, range(start, min(start + SHARE, last)))
        for start in range(0, waiting, SHARE):
            await app.store.hold([_held(count) for count in range(start, min(start + SHARE, waiting))])
        print("ready", flush=True)
        await stopped.wait()


def _held(count: int) -> Held:
    send = _send(count)
    upstream = Upstream("carrier", dialect_named("twilio"), None)  # type: ignore[arg-type]
    recipient = read_number(send.drafts[0].to)
    assert recipient is not None
    message = Message(f"{count:032x}", recipient, send.drafts[0].text, send.drafts[0].sender, Program("default"))
    body = packed(message, send, 0, upstream, BEFORE)
    expires = DUE + timedelta(days=1)
    return Held(message.id, recipient, lane_of("carrier", message), DUE, f"SM{count:032x}", expires, body)


def _send(count: int) -> Send:
    head, _, body = request(count, number(count, suppressed=False)).partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    method, target, _ = first.split(b" ")
    headers = tuple((name, value) for name, _, value in (line.partition(b": ") for line in lines))
    send = dialect_named("twilio").read(Request(method, target, headers, body))
    assert send is not None
    return send


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
