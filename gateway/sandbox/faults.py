"""How a carrier misbehaves, for tests: a Fault comes before it has taken a message, a Spoiler after."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]  # None: it goes on as usual
Spoiler = Callable[[web.Request, web.StreamResponse], Awaitable[web.StreamResponse]]


def refusing(status: int, body: str = "", content_type: str = "text/html") -> Fault:
    """Everything is answered with that status."""

    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=content_type)

    return refuse


class Held:
    """A Fault that keeps requests waiting until they are released."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()

    async def __call__(self, _: web.Request) -> None:
        self.arrived.set()
        await self.released.wait()


def hung_up(called: web.Request) -> web.Response:
    """The connection is reset; what is returned reaches nobody."""
    if called.transport:
        called.transport.abort()
    return web.Response()


async def unanswered(called: web.Request, _: web.StreamResponse) -> web.StreamResponse:
    """A Spoiler: the carrier has the message, and nobody is told."""
    return hung_up(called)


async def garbled(called: web.Request, _: web.StreamResponse) -> web.StreamResponse:
    """A Spoiler: what comes back is no HTTP."""
    if called.transport:
        called.transport.write(b"\x00\xff 201 yes of course\r\n\r\n")
        called.transport.close()
    return web.Response()


async def cut_short(called: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """A Spoiler: the connection ends in the middle of the answer."""
    whole = answer.body if isinstance(answer, web.Response) and isinstance(answer.body, bytes) else b""
    partly = web.StreamResponse(status=answer.status, headers={"Content-Length": str(len(whole) + 1)})
    partly.content_type = answer.content_type
    await partly.prepare(called)
    await partly.write(whole[: len(whole) // 2])
    if called.transport:
        called.transport.close()
    return partly
