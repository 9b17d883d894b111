"""Which Redis is the primary now: Sentinels are asked before each connection, so that a fail-over is followed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import closing
from typing import NamedTuple

import hiredis

from gateway.store.address import Address
from gateway.store.resp import Reply, packed
from gateway.words.errors import StoreAway

ANSWERS_WITHIN = 0.5  # seconds: one Sentinel that is away with its host must not use up the time to connect


class Primary(NamedTuple):
    """What one Sentinel says. The higher `epoch`, the later the fail-over that made it the primary."""

    epoch: int
    host: str
    port: int


async def primary_of(address: Address) -> tuple[str, int]:
    """Host and port, as the Sentinel says that knows of the latest fail-over. Raises StoreAway where none knows."""
    asked = (_asked(place, address) for place in address.sentinels)
    answers = await asyncio.gather(*asked, return_exceptions=True)
    if not (told := [answer for answer in answers if isinstance(answer, Primary)]):
        raise StoreAway("no Sentinel answers, or none knows a primary of that name")
    latest = max(told)
    return latest.host, latest.port


async def _asked(place: tuple[str, int], address: Address) -> Primary:
    """Raises OSError, TimeoutError or StoreAway."""
    async with asyncio.timeout(ANSWERS_WITHIN):
        reader, writer = await asyncio.open_connection(*place, ssl=address.tls)
        with closing(writer):
            writer.write(packed("SENTINEL", "MASTER", address.primary))
            return _read(await _answer(reader))


async def _answer(reader: asyncio.StreamReader) -> Reply:
    parser = hiredis.Reader()
    while (reply := parser.gets()) is False:
        if not (data := await reader.read(65_536)):
            raise StoreAway("the Sentinel hung up")
        parser.feed(data)
    return reply


def _read(reply: Sequence[bytes]) -> Primary:
    if isinstance(reply, hiredis.ReplyError):
        raise StoreAway("the Sentinel knows no primary of that name")
    said = dict(zip(reply[::2], reply[1::2], strict=True))
    return Primary(int(said[b"config-epoch"]), said[b"ip"].decode(), int(said[b"port"]))
