"""One connection to Redis, shared by everybody in this process.

All commands of one tick of the event loop leave in one write, and answers are matched to them in order: a command costs
a few microseconds instead of a hundred. There is no queue for bad times: while the connection is down, and once an
answer is overdue, everybody who waits gets StoreAway at once. The connection is made anew behind the scenes.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import hiredis

from gateway.store.address import Address
from gateway.store.resp import Reply, refused
from gateway.store.sentinel import primary_of
from gateway.words.errors import StoreAway

TIMEOUT = 2.0  # seconds until an answer is overdue: later than that no reservation is used any more
BACK_OFF = (0.05, 0.5)  # seconds between attempts to connect: the first, and the longest
STEADY_AFTER = 1.5  # seconds from coming back: all others have had the time to, and to write what they owed
CAUGHT_UP_AFTER = 8.0  # seconds from a fail-over: who lives has noticed (2), connected (0.5), beaten (5) and replayed


class Wire:
    """The connection, and its coming back. `identity` is the server's run id, `epoch` counts how often it changed."""

    def __init__(self, address: Address, prepare: Sequence[bytes] = (), timeout: float = TIMEOUT) -> None:
        """`prepare`: what each new connection sends before anybody may use it."""
        self.identity = ""
        self.epoch = 0
        self.ready = asyncio.Event()
        self._address = address
        self._prepare = tuple(prepare)
        self._timeout = timeout
        self._connection: Connection | None = None
        self._why = "not connected yet"
        self._connecting: asyncio.Task[None] | None = None
        self._steady_from = 0.0
        self._caught_up_from = 0.0

    @property
    def steady(self) -> bool:
        """Whether it has not just come back."""
        return self.caught_up and asyncio.get_running_loop().time() >= self._steady_from

    @property
    def caught_up(self) -> bool:
        """Whether all hosts have had the time to bring a new primary the opt-outs that it may lack."""
        return asyncio.get_running_loop().time() >= self._caught_up_from

    async def open(self) -> None:
        """Returns when the first attempt to connect is over, well or not; the others are made in the background."""
        with suppress(StoreAway):
            await self._connect()
        if self._connection is None:
            self._reconnect()

    async def close(self) -> None:
        if self._connecting:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        if self._connection:
            connection, self._connection = self._connection, None
            connection.close()
            await connection.closed.wait()

    def ask(self, commands: Sequence[bytes]) -> asyncio.Future[list[Reply]]:
        """Their replies, in order. Raises StoreAway, at once or from the future."""
        return self._there.ask(commands)

    def acknowledged(self, waiting: bytes) -> asyncio.Future[list[Reply]]:
        """The reply to `waiting`, a WAIT that ends this tick's write: one for everybody. Raises as `ask` does."""
        return self._there.acknowledged(waiting)

    @property
    def _there(self) -> Connection:
        if self._connection is None:
            raise StoreAway(f"Redis at {self._address} is away: {self._why}")
        return self._connection

    async def _connect(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                connection = await self._dialled()
                identity = await self._greeted(connection)
        except StoreAway as error:
            self._why = str(error)
            raise
        except (OSError, TimeoutError) as error:
            self._why = getattr(error, "strerror", None) or "no answer in time"
            raise StoreAway(self._why) from error
        if connection.closed.is_set():
            self._why = "the connection broke"
            raise StoreAway(self._why)
        changed = bool(self.identity) and identity != self.identity
        if changed and self._address.sentinels:
            self._caught_up_from = asyncio.get_running_loop().time() + CAUGHT_UP_AFTER
        self.epoch += changed
        self.identity = identity
        self._connection = connection
        if self._steady_from:
            self._steady_from = asyncio.get_running_loop().time() + STEADY_AFTER
        self.ready.set()

    async def _dialled(self) -> Connection:
        loop, there = asyncio.get_running_loop(), self._address

        def made() -> Connection:
            return Connection(self._timeout, self._lost)

        if there.path:
            return (await loop.create_unix_connection(made, there.path))[1]
        host, port = await primary_of(there) if there.sentinels else (there.host, there.port)
        name = host if there.tls else None
        return (await loop.create_connection(made, host, port, ssl=there.tls, server_hostname=name))[1]

    async def _greeted(self, connection: Connection) -> str:
        """The server's run id. Raises StoreAway where it is not one that may be written to."""
        greeting = self._address.greeting
        try:
            replies = await connection.ask([*greeting, *self._prepare])
            for reply in replies:
                if isinstance(reply, hiredis.ReplyError):
                    raise refused(reply)
            role, server = replies[len(greeting) - 2], replies[len(greeting) - 1]
            if role[0] != b"master":
                raise StoreAway("it is a replica, which can't be written to; name the primary, or the Sentinels")
        except BaseException:
            connection.close()
            raise
        found = re.search(rb"run_id:(\w+)", server)
        return found[1].decode() if found else ""

    def _lost(self, connection: Connection, why: str) -> None:
        if connection is self._connection:
            self._connection, self._why = None, why
            self._steady_from = float("inf")
            self.ready.clear()
            self._reconnect()

    def _reconnect(self) -> None:
        self._connecting = asyncio.get_running_loop().create_task(self._connect_again())

    async def _connect_again(self) -> None:
        pause, longest = BACK_OFF
        while True:
            try:
                return await self._connect()
            except StoreAway:
                await asyncio.sleep(pause)
            pause = min(2 * pause, longest)


@dataclass(slots=True)
class _Asked:
    """Commands that were sent together, and the replies that have come."""

    future: asyncio.Future[list[Reply]]
    count: int
    deadline: float
    replies: list[Reply]


class Connection(asyncio.Protocol):
    """Writes commands, reads replies. When it breaks, or an answer is overdue, all that wait fail together."""

    def __init__(self, timeout: float, lost: Callable[[Connection, str], None]) -> None:
        self.closed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._timeout = timeout
        self._lost = lost
        self._reader = hiredis.Reader()
        self._out: list[bytes] = []
        self._last: tuple[bytes, asyncio.Future[list[Reply]]] | None = None
        self._asked: deque[_Asked] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._why = "the connection broke"
        self._transport: asyncio.Transport

    def ask(self, commands: Sequence[bytes]) -> asyncio.Future[list[Reply]]:
        """Their replies, in order; they leave with whatever else is asked in this tick. Fails with StoreAway."""
        if not self._out:
            self._loop.call_soon(self._write)
        self._out += commands
        return self._awaited(self._loop.create_future(), len(commands))

    def acknowledged(self, waiting: bytes) -> asyncio.Future[list[Reply]]:
        """One for all of a tick: each of its own would hold up the next for a replica's round trip."""
        if self._last is None:
            future: asyncio.Future[list[Reply]] = self._loop.create_future()
            future.add_done_callback(lambda done: done.cancelled() or done.exception())  # who asks may not come so far
            self._last = waiting, future
        return self._last[1]

    def _awaited(self, future: asyncio.Future[list[Reply]], count: int) -> asyncio.Future[list[Reply]]:
        deadline = self._loop.time() + self._timeout
        self._asked.append(_Asked(future, count, deadline, []))
        if self._watch is None:
            self._watch = self._loop.call_at(deadline, self._look)
        return future

    def close(self) -> None:
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self._answered(reply)
        except (hiredis.ProtocolError, IndexError):
            self._break("what answers is no Redis")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._watch:
            self._watch.cancel()
        self._lost(self, self._why)
        for asked in self._asked:
            if not asked.future.done():
                asked.future.set_exception(StoreAway(f"Redis is away: {self._why}"))
        self._asked.clear()
        if self._last and not self._last[1].done():
            self._last[1].set_exception(StoreAway(f"Redis is away: {self._why}"))
        self.closed.set()

    def _write(self) -> None:
        out, self._out = self._out, []
        if self._last:
            (waiting, future), self._last = self._last, None
            out.append(waiting)
            self._awaited(future, 1)
        if not self._transport.is_closing():  # else those who asked are told when it is closed
            self._transport.write(b"".join(out))

    def _answered(self, reply: Reply) -> None:
        asked = self._asked[0]
        asked.replies.append(reply)
        if len(asked.replies) == asked.count:
            self._asked.popleft()
            if not asked.future.done():
                asked.future.set_result(asked.replies)

    def _look(self) -> None:
        """Whether the oldest answer is overdue."""
        self._watch = None
        if not self._asked:
            return
        deadline = self._asked[0].deadline
        if deadline <= self._loop.time():
            self._break("it did not answer in time")
        else:
            self._watch = self._loop.call_at(deadline, self._look)

    def _break(self, why: str) -> None:
        self._why = why
        self._transport.abort()
