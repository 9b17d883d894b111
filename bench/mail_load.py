"""A mail system: each mail for one recipient over kept connections, the next as soon as the last one is answered.

Recipients as in load.py. Prints `{"sent", "refused", "failed", "seconds"}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator
from time import perf_counter

import uvloop

from bench.load import TEXT, number

CONNECTIONS = 32
FROM = b"MAIL FROM:<nagios@hospital.example>\r\n"
MAIL = (
    "Received: from monitor (monitor.hospital.example [10.0.0.7])\r\n\tby mx.hospital.example (Postfix) with ESMTP id "
    "4VdXkq0Zp9z1xQ\r\n\tfor <{to}@sms.example.com>; Wed, 10 Jun 2026 12:00:00 -0400 (EDT)\r\n"
    "Date: Wed, 10 Jun 2026 12:00:00 -0400\r\nFrom: Nagios <nagios@hospital.example>\r\nTo: {to}@sms.example.com\r\n"
    "Subject: ** PROBLEM Service Alert **\r\nMessage-ID: <{count}.bench@hospital.example>\r\n"
    "User-Agent: Heirloom mailx 12.5\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
    "Content-Transfer-Encoding: 7bit\r\n\r\n{text}\r\n-- \r\nNagios at Hospital\r\n.\r\n"
)


async def client(port: int, counts: Iterator[int], tally: Counter[str]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    writer.write(b"EHLO mx.hospital.example\r\n")
    while not (await reader.readline()).startswith(b"250 "):
        pass
    for count in counts:
        tally[await mailed(reader, writer, count)] += 1
    writer.close()


async def mailed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int) -> str:
    """What became of it. The three commands go out together (PIPELINING)."""
    to = number(count, count % 20 == 19).removeprefix("+")
    writer.write(FROM + f"RCPT TO:<{to}@sms.example.com>\r\nDATA\r\n".encode())
    answers = [await reader.readline() for _ in range(3)]
    if answers[1].startswith(b"5"):
        return "refused"
    if not answers[2].startswith(b"354"):
        return "failed"
    writer.write(MAIL.format(to=to, count=count, text=TEXT).encode())
    return "sent" if (await reader.readline()).startswith(b"250") else "failed"


async def main(port: int, first: int, messages: int) -> None:
    tally, counts, began = Counter[str](), iter(range(first, first + messages)), perf_counter()
    await asyncio.gather(*(client(port, counts, tally) for _ in range(CONNECTIONS)))
    seconds = perf_counter() - began
    told = {name: tally[name] for name in ("sent", "refused", "failed")}
    print(json.dumps({**told, "seconds": seconds}))


if __name__ == "__main__":
    uvloop.run(main(*(int(word) for word in sys.argv[1:4])))
