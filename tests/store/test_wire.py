"""The connection to Redis: shared, in order, and closed when in doubt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from gateway.store.address import Address, BadUrl
from gateway.store.base import LEASE
from gateway.store.redis import RedisStore
from gateway.store.resp import packed
from gateway.store.wire import Connection, Wire
from gateway.words.errors import StoreAway
from tests.store.people import ANN, needs, number, opt_out, reservation

GREETED = b"+OK\r\n*1\r\n$6\r\nmaster\r\n$10\r\nrun_id:abc\r\n"


@asynccontextmanager
async def opened(url: str, patience: float = 2.0) -> AsyncIterator[Wire]:
    wire = Wire(Address.parse(url), timeout=patience)
    await wire.open()
    yield wire
    await wire.close()


@asynccontextmanager
async def pretended(answer: Callable[[bytes], bytes]) -> AsyncIterator[str]:
    """The URL of a server that greets as Redis does and then answers what it is told to."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETED)
        await reader.readuntil(b"server\r\n")
        with suppress(ConnectionError):
            while data := await reader.read(65_536):
                writer.write(answer(data))
        writer.close()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await asyncio.wait_for(over.wait(), 5)
    server.close()


async def test_everybody_gets_the_answers_to_what_they_asked(redis_url):
    async with opened(redis_url) as wire:
        asked = [wire.ask([packed("ECHO", f"{place}"), packed("ECHO", "x" * place)]) for place in range(500)]
        answers = await asyncio.gather(*asked)
    assert answers == [[f"{place}".encode(), b"x" * place] for place in range(500)]


async def test_what_is_asked_in_one_tick_leaves_in_one_write():
    writes = []

    def answer(data: bytes) -> bytes:
        writes.append(data)
        return b"+PONG\r\n" * data.count(b"PING")

    async with pretended(answer) as url, opened(url) as wire:
        await asyncio.gather(*(wire.ask([packed("PING")]) for _ in range(64)))
    assert [data.count(b"PING") for data in writes] == [64]


async def test_who_gives_up_waiting_does_not_shift_the_answers_of_the_others(redis_url):
    async with opened(redis_url) as wire:
        first, given_up, last = (wire.ask([packed("ECHO", word)]) for word in ("first", "given up", "last"))
        given_up.cancel()
        assert await first == [b"first"]
        assert await last == [b"last"]


@pytest.mark.parametrize(
    ("situation", "reply", "why"),
    [
        ("no answer in time", b"", "did not answer in time"),
        ("an answer that is no Redis's", b"HTTP/1.1 400 Bad Request\r\n", "no Redis"),
    ],
)
async def test_all_that_wait_fail_together_when_there_is(situation, reply, why):
    async with pretended(lambda data: reply) as url, opened(url, patience=0.05) as wire:
        asked = [wire.ask([packed("PING")]) for _ in range(2)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, StoreAway) and why in str(answer) for answer in answers] == [True, True]


async def test_a_connection_on_which_answers_and_questions_no_longer_match_is_given_up():
    async with pretended(lambda data: b"+1\r\n+2\r\n") as url, opened(url) as wire:
        assert await wire.ask([packed("PING")]) == [b"1"]
        with pytest.raises(StoreAway):
            await wire.ask([packed("PING")])


async def test_a_server_that_stops_fails_everybody_at_once_and_is_found_again(redis_server):
    async with opened(redis_server.url) as wire:
        before = wire.identity
        redis_server.kill()
        with pytest.raises(StoreAway):
            await wire.ask([packed("PING")])
        with pytest.raises(StoreAway, match="is away"):
            wire.ask([packed("PING")])
        redis_server.start()
        await asyncio.wait_for(wire.ready.wait(), 10)
        assert await wire.ask([packed("PING")]) == [b"PONG"]
        assert wire.identity != before
        assert wire.epoch == 1


async def test_a_replica_is_not_taken_for_the_store(redis_server):
    redis_server.ask("REPLICAOF", "127.0.0.1", "1")
    async with opened(redis_server.url) as wire:
        with pytest.raises(StoreAway, match="replica"):
            wire.ask([packed("PING")])


async def test_a_primary_that_becomes_a_replica_refuses_and_says_so(redis_server, vault):
    store = RedisStore(redis_server.url, vault)
    await store.open()
    redis_server.ask("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StoreAway):
        await store.reserve([reservation(ANN)], "w1")
    await store.close()


async def test_a_password_is_given_and_a_wrong_one_is_not_repeated_to_anybody(redis_server):
    redis_server.ask("CONFIG", "SET", "requirepass", "sesame")
    async with opened(redis_server.url.replace("redis://", "redis://:sesame@")) as wire:
        assert await wire.ask([packed("PING")]) == [b"PONG"]
    async with opened(redis_server.url.replace("redis://", "redis://:simsim@")) as wire:
        with pytest.raises(StoreAway, match="password") as refused:
            wire.ask([packed("PING")])
    assert "simsim" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "rediss://localhost?ssl_ca_certs=/nowhere.pem"])
def test_a_url_that_makes_no_sense_is_refused(url):
    with pytest.raises(BadUrl):
        Address.parse(url)


@pytest.mark.parametrize(
    ("url", "address", "tls", "greets"),
    [
        ("redis://localhost", "localhost:6379", False, []),
        ("rediss://redis.example.com:6380/2", "redis.example.com:6380", True, [packed("SELECT", 2)]),
        ("redis://ann:sesame@10.0.0.1", "10.0.0.1:6379", False, [packed("AUTH", "ann", "sesame")]),
        ("unix:///run/redis.sock", "/run/redis.sock", False, []),
        ("redis+sentinel://:sesame@s1,s2:26380/0?primary=sms", "sms", False, [packed("AUTH", "sesame")]),
        ("rediss+sentinel://s1:26380/2?primary=sms&replicas=1", "sms", True, [packed("SELECT", 2)]),
    ],
)
def test_a_url_says_where_and_how(url, address, tls, greets):
    parsed = Address.parse(url)
    assert str(parsed) == address
    assert bool(parsed.tls) is tls
    assert list(parsed.greeting[:-3]) == greets
    assert "sesame" not in repr(parsed)


def test_a_url_names_sentinels_and_how_many_replicas_must_have_a_write():
    parsed = Address.parse("redis+sentinel://s1,s2:26380/0?primary=sms&replicas=2")
    assert parsed.sentinels == (("s1", 26379), ("s2", 26380))
    assert parsed.replicas == 2


async def test_a_server_that_forgot_our_scripts_gets_them_again(redis_url, vault):
    store = RedisStore(redis_url, vault)
    await store.open()
    await store.wire.ask([packed("SCRIPT", "FLUSH")])
    assert await store.reserve([reservation(number(place)) for place in range(3)], "w1") == [True] * 3
    await store.close()


async def test_a_store_that_is_away_from_the_start_says_so_and_comes_later(redis_server, vault):
    redis_server.kill()
    store = RedisStore(redis_server.url, vault, lease=LEASE)
    await store.open()
    with pytest.raises(StoreAway):
        await store.look_up([needs(ANN)])
    assert [check.good for check in await store.checks()] == [False]
    redis_server.start()
    await asyncio.wait_for(store.wire.ready.wait(), 10)
    await store.suppress(ANN, opt_out())
    assert await store.suppressions(ANN) == (opt_out(),)
    await store.close()


async def test_what_is_asked_while_the_connection_breaks_is_not_written_and_is_told():
    class Breaking(asyncio.Transport):
        def is_closing(self) -> bool:
            return True

        def write(self, data: bytes) -> None:
            raise RuntimeError("the handler is closed")

    loop, raised = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda _, context: raised.append(context))
    connection = Connection(2.0, lambda *_: None)
    connection.connection_made(Breaking())
    asked = connection.ask([packed("PING")])
    await asyncio.sleep(0)
    connection.connection_lost(None)
    with pytest.raises(StoreAway):
        await asked
    assert raised == []
