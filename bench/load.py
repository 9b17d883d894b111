"""The legacy system: sends in Twilio's form over kept connections, each as soon as the last one is answered.

Every message goes to a number that no other one went to (no cache can flatter anybody), and one in twenty to a
number that has opted out. Prints `{"sent", "refused", "failed", "seconds"}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter
from urllib.parse import quote_plus

import httptools
import uvloop

CONNECTIONS = 64
SUPPRESSED = 2000  # +1 212 200 0000 onwards have opted out before the run
PATH = b"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"
HEAD = (
    b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: twilio-python/9.13.0 (Linux x86_64) Python/3.11.7\r\n"
    b"Accept-Encoding: gzip, deflate\r\nAccept: application/json\r\nConnection: keep-alive\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Client: python-9.13.0\r\nAccept-Charset: utf-8\r\n"
    b"Authorization: Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDp0ZXN0LXRva2Vu\r\nContent-Length: %d\r\n\r\n%b"
)
TEXT = "Spring sale: 20% off everything in store and online until Sunday. Show this text at the till. Acme Energy"


def number(count: int, suppressed: bool) -> str:
    if suppressed:
        return f"+1212200{count % SUPPRESSED:04d}"
    area = (212, 305, 415, 312, 617)[count % 5]
    return f"+1{area}{2_010_000 + count % 7_900_000:07d}"


def request(count: int, to: str = "") -> bytes:
    """To the number of that count, or to another."""
    body = (
        f"To={quote_plus(to or number(count, count % 20 == 19))}&From=%2B18335550100&Body={quote_plus(TEXT)}".encode()
    )
    return HEAD % (PATH, len(body), body)


class Tally:
    def __init__(self, first: int, messages: int) -> None:
        self.next, self.last = first, first + messages
        self.open = 0
        self.sent = self.refused = self.failed = 0
        self.done = asyncio.get_running_loop().create_future()


class Client(asyncio.Protocol):
    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.tally.open += 1
        self.send()

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status == 201:
            self.tally.sent += 1
        elif status == 400:
            self.tally.refused += 1
        else:
            self.tally.failed += 1
        self.send()

    def send(self) -> None:
        tally = self.tally
        if tally.next == tally.last:
            self.transport.close()
            return
        self.transport.write(request(tally.next))  # type: ignore[attr-defined]
        tally.next += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self.tally.open -= 1
        if not self.tally.open and not self.tally.done.done():
            self.tally.done.set_result(None)


async def main(port: int, first: int, messages: int) -> None:
    loop = asyncio.get_running_loop()
    tally = Tally(first, messages)
    began = perf_counter()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Client(tally), "127.0.0.1", port)
    await tally.done
    seconds = perf_counter() - began
    print(json.dumps({"sent": tally.sent, "refused": tally.refused, "failed": tally.failed, "seconds": seconds}))


if __name__ == "__main__":
    uvloop.run(main(*(int(word) for word in sys.argv[1:4])))
