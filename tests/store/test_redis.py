"""What only Redis can get wrong: its settings, its memory, its keys."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store.redis import SCRIPTS, RedisStore
from gateway.store.resp import packed
from gateway.words.decision import State
from tests.store.people import ANN, number, opt_out, reservation


@pytest.fixture
async def store(redis_server, vault):
    store = RedisStore(redis_server.url, vault)
    await store.open()
    yield store
    await store.close()


async def test_a_redis_that_keeps_its_data_passes(store):
    assert [check.why for check in await store.checks() if not check.good] == []


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("appendonly", "no", "set `appendonly yes`"),
        ("appendfsync", "everysec", "set `appendfsync always`"),
        ("maxmemory-policy", "allkeys-lru", "set `maxmemory-policy noeviction`"),
    ],
)
async def test_a_setting_that_may_forget_opt_outs_is_named(store, setting, value, says):
    await store.wire.ask([packed("CONFIG", "SET", setting, value)])
    assert [says in check.why for check in await store.checks() if not check.good] == [True]


async def test_a_redis_that_hides_its_settings_is_not_trusted(store, redis_server):
    redis_server.ask("ACL", "SETUSER", "default", "-config")
    assert [check.name for check in await store.checks() if not check.good] == ["redis-keeps"]


async def test_all_keys_of_a_recipient_are_in_one_slot_and_nothing_is_left_of_what_is_settled(store):
    wanted = reservation(ANN, instructs=True)
    await store.reserve([wanted], "w1")
    await store.suppress(ANN, opt_out(detail="STOP"))
    [keys] = await store.wire.ask([packed("KEYS", "*")])
    slots = await store.wire.ask([packed("KEYS", "sg:{h1:*")])
    assert len({key.split(b"}")[0] for key in slots[0]}) == 1
    assert len(slots[0]) == 3
    await store.settle([(wanted, State.SENT)])
    [left] = await store.wire.ask([packed("KEYS", "*")])
    assert set(keys) - set(left) == {key for key in keys if key.endswith(b":open")}


async def test_a_reservation_that_was_not_granted_leaves_nothing_behind(store):
    await store.suppress(ANN, opt_out())
    assert await store.reserve([reservation(ANN)], "w1") == [False]
    [keys] = await store.wire.ask([packed("KEYS", "*:open")])
    assert keys == []


async def test_a_bucket_of_opt_outs_stays_packed(store):
    """All in the few bytes of a small hash: its fields are found by scanning, and it costs no pointers."""
    digest = store._vault.hashes
    store._vault.hashes = lambda e164: [digest(e164)[0]._replace(digest=b"\0\0" + digest(e164)[0].digest[2:])]
    await asyncio.gather(*(store.suppress(number(place), opt_out()) for place in range(200)))
    [encoding, size] = await store.wire.ask(
        [packed("OBJECT", "ENCODING", "sg:{h1:0000}"), packed("MEMORY", "USAGE", "sg:{h1:0000}")]
    )
    assert encoding in {b"ziplist", b"listpack"}
    assert size < 200 * 32


def test_every_script_tells_its_keys_arguments_and_answers():
    for script in SCRIPTS:
        head = script.source.decode().partition("\n\n")[0]
        assert all(line.startswith("--") for line in head.splitlines())
        assert all(f"-- {word} " in head for word in ("KEYS", "ARGV", "Answer"))
