"""What is no send: the request to the carrier and the answer back, both at once, byte for byte."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from gateway.http1.client import Connection, Pool, away
from gateway.http1.exchange import Exchange
from gateway.http1.framing import BadAnswer, BadRequest, chunk, end_to_end, last_chunk
from gateway.http1.stream import Gone, TimedOut
from gateway.words.wire import Request


async def forward(exchange: Exchange, pool: Pool, asked: Request) -> None:
    """Pass the request on with this head, and its body as it comes. Raises UpstreamAway while nothing was answered."""
    connection = await pool.connection()
    connection.keep = False  # until both have ended as they should
    sending = asyncio.ensure_future(_sent(exchange, connection, pool, asked))
    try:
        head = await connection.final_head(asked.method, exchange.inform)
        await exchange.start(head._replace(headers=end_to_end(head.headers)))
        async for part in connection.body():
            await exchange.write(part)
        await exchange.finish(connection.trailers)
        connection.keep = head.keep_alive and sending.done() and not sending.exception()
    except (BadAnswer, Gone, TimedOut) as error:
        if exchange.answered:
            exchange.break_off()
            return
        raise _blame(sending, error) from error
    finally:
        if not sending.done():  # the carrier has answered before it had everything: it needs no more
            sending.cancel()
        with suppress(asyncio.CancelledError, BadRequest, Gone, TimedOut):
            await sending
        pool.release(connection)


def _blame(sending: asyncio.Future[None], error: Exception) -> Exception:
    """What went wrong first: a request that could not be sent whole is why its answer did not come."""
    first = sending.exception() if sending.done() and not sending.cancelled() else None
    if isinstance(first, BadRequest):
        return first
    return away(first if isinstance(first, TimedOut) else error, sent=True)


async def _sent(exchange: Exchange, connection: Connection, pool: Pool, asked: Request) -> None:
    """The request's head and body, framed as they came."""
    chunked = exchange.head.length is None
    first = pool.request_head(asked.method, asked.target, asked.headers, chunked=chunked)
    if not exchange.has_body:
        connection.ask(first)
        return
    connection.write(first)
    try:
        async for part in exchange.stream(pool.timeouts.proceed):
            connection.write(chunk(part) if chunked else part)
            await connection.drain(pool.timeouts.write)
    except (BadRequest, TimedOut):
        connection.abort()  # the carrier must not take a part for the whole
        raise
    connection.ask(last_chunk(exchange.trailers) if chunked else b"")
