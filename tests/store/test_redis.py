"""What only Redis can get wrong: its settings, its memory, its keys."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.store.layout import LUA, WORKERS, due_in
from gateway.store.redis import RedisStore
from gateway.store.redis_index import MEND
from gateway.store.redis_outbox import HOLD, PUT_BACK
from gateway.store.resp import packed
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.facts import Limit, Reservation, Stop
from gateway.words.held import Held
from tests.store.people import ANN, BOB, FAST, NOON, facts_of, granted, held_for, needs, number, opt_out, reservation


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


async def test_replicas_that_the_url_asks_for_and_are_not_there_are_missed(redis_server, vault):
    store = RedisStore(f"{redis_server.url}?replicas=2", vault)
    await store.open()
    why = {check.name: check.why for check in await store.checks() if not check.good}
    await store.close()
    assert list(why) == ["redis-replicas"]
    assert "it has 0 replicas and `replicas=2`" in why["redis-replicas"]


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
    at_home(store)
    await asyncio.gather(*(store.suppress(number(place), opt_out()) for place in range(200)))
    encoding, size = await bucket(store)
    assert encoding in {b"ziplist", b"listpack"}
    assert size < 200 * 32


def at_home(store: RedisStore) -> None:
    """All numbers are in one bucket from now on."""
    digest = store._vault.hashes
    store._vault.hashes = lambda e164: [digest(e164)[0]._replace(digest=b"\0\0" + digest(e164)[0].digest[2:])]


async def bucket(store: RedisStore) -> tuple[bytes, int]:
    """How Redis keeps it, and in how many bytes."""
    key = "sg:{h1:0000}"
    encoding, size = await store.wire.ask([packed("OBJECT", "ENCODING", key), packed("MEMORY", "USAGE", key)])
    return encoding, size


def test_every_script_tells_its_keys_arguments_and_answers():
    for script in set(LUA.glob("*.lua")) - {LUA / "claims.lua"}:
        head = script.read_text().partition("\n\n")[0]
        assert all(line.startswith("--") for line in head.splitlines())
        assert all(f"-- {word} " in head for word in ("KEYS", "ARGV", "Answer"))


async def test_a_look_up_is_one_round_trip_with_one_command_a_message_whatever_it_asks(store, monkeypatch):
    asked, ask = [], store.wire.ask
    monkeypatch.setattr(store.wire, "ask", lambda commands: asked.append(commands) or ask(commands))
    await store.look_up([needs(number(place)) for place in range(5)])
    await store.look_up([needs(number(place), counters=("a", "b"), lists=("c",)) for place in range(5)])
    assert [len(commands) for commands in asked] == [6, 6], "and one for the stops"


async def test_claims_lists_and_stops_survive_kill_9_of_redis(store, redis_server):
    stop, limit = Stop("bank", "why", NOON), Limit("club", NOON - timedelta(days=1), 2)
    wanted = reservation(ANN, limits=(limit,))
    assert await store.reserve([wanted], "w1") == [True]
    await store.enlist("dnc", [ANN])
    await store.stop(stop)
    redis_server.kill()
    with pytest.raises(StoreAway):
        await store.stops()
    redis_server.start()
    await asyncio.wait_for(store.wire.ready.wait(), 10)
    facts = await facts_of(store, program="bank", counters=("club",), lists=("dnc",))
    assert (facts.counted, facts.lists, facts.stopped) == ({"club": (NOON,)}, ("dnc",), stop)
    wanted = [reservation(ANN, facts, limits=(limit,)) for _ in range(2)]
    assert await store.reserve(wanted, "w1") == [True, False]


async def test_a_recipients_claims_and_lists_are_in_its_slot_and_given_back_they_leave_nothing(store):
    wanted = reservation(ANN, limits=(Limit("club", NOON, 1), Limit("sender", NOON, 1)))
    await store.reserve([wanted], "w1")
    await store.enlist("dnc", [ANN])
    [slots] = await store.wire.ask([packed("KEYS", "sg:{h1:*")])
    assert len({key.split(b"}")[0] for key in slots}) == 1
    await store.settle([(wanted, State.REFUSED)])
    await store.strike("dnc", [ANN])
    [left] = await store.wire.ask([packed("KEYS", "*")])
    assert left == [b"sg:{workers}"]


async def test_a_bucket_of_claims_stays_packed_and_each_claim_costs_four_bytes(store):
    at_home(store)
    day = timedelta(days=1)
    for _ in range(15):
        await store.reserve([reservation(number(n), limits=(Limit("club", NOON - day, 16),)) for n in range(40)], "w1")
    encoding, size = await bucket(store)
    await store.reserve([reservation(number(n), limits=(Limit("club", NOON - day, 16),)) for n in range(40)], "w1")
    again, grown = await bucket(store)
    assert {encoding, again} <= {b"ziplist", b"listpack"}
    assert grown - size <= 40 * (4 + 4), "rounded up by the allocator"


async def test_a_held_message_is_in_its_recipients_slot_and_once_it_is_over_only_its_trace_is_left(store):
    held = held_for(ANN)
    await store.hold([held])
    wanted = await leaving(store, held)
    [slots] = await store.wire.ask([packed("KEYS", "sg:{h1:*")])
    assert len({key.split(b"}")[0] for key in slots}) == 1
    assert len(slots) == 4, "records, open attempts, held messages, parcels"
    await store.settle([(wanted, State.REFUSED)])
    assert await store.lanes(NOON + timedelta(hours=1)) == []
    [left] = await store.wire.ask([packed("KEYS", "*")])
    trace = {b"sg:{m:%b}" % held.minted.encode(), *(key for key in left if b":ended:" in key)}
    passing = {b"sg:{out}:pace:%b" % held.lane.encode()}  # for a second at most
    assert set(left) - passing == {b"sg:{workers}"} | trace
    assert len(trace) == 2


async def test_an_attempt_that_was_put_back_is_no_longer_its_workers(store):
    held = held_for(ANN)
    await store.hold([held])
    await leaving(store, held)
    assert await store.put_back(held, "w1", NOON)
    [left] = await store.wire.ask([packed("KEYS", "*")])
    assert [key for key in left if key.startswith(b"sg:{w:") or key.endswith(b":open")] == []


async def leaving(store: RedisStore, held: Held) -> Reservation:
    """It is leased and being sent."""
    assert await store.lease(held.lane, 1, "w1", NOON, FAST) == [held]
    limits = (Limit("club", NOON, 1),)
    wanted = replace(reservation(held.recipient, attempt=held.id, limits=limits), held=True)
    assert await store.reserve([wanted], "w1") == [True]
    return wanted


async def test_what_is_over_is_tracked_for_thirty_days(store):
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    waits, gone = held_for(ANN, due=tomorrow), held_for(ANN)
    await store.hold([waits, gone])
    await store.drop(gone.id, gone.minted, None)
    await store.accepted_as(gone.minted, "SMcarrier")
    [keys] = await store.wire.ask([packed("KEYS", "*")])
    lives = await store.wire.ask([packed("TTL", key) for key in keys])
    assert sorted(round(left / 86_400) for left in lives if left > 0) == [30, 30, 30, 30, 31]


async def test_the_index_of_an_outbox_forgets_what_is_gone_and_only_that(store):
    """Its entries stay until they are looked for, where the worker that ended the message died before it said so."""
    gone, early = held_for(ANN), held_for(number(1), due=NOON + timedelta(hours=1))
    await store.hold([gone, early])
    lane = b"sg:{out}:due:%b" % gone.lane.encode()
    [entries] = await store.wire.ask([packed("ZRANGE", lane, 0, -1)])
    await store.drop(gone.id, gone.minted, None)
    await store.wire.ask([packed("ZADD", lane, 0, entry) for entry in entries])
    assert await store.lease(gone.lane, 10, "w1", NOON, FAST) == []
    [left] = await store.wire.ask([packed("ZRANGE", lane, 0, -1, "WITHSCORES")])
    assert left == [entries[1], b"%d" % (early.due.timestamp() * 1e6)]
    assert await store.lease(gone.lane, 10, "w1", early.due, FAST) == [early]


@pytest.mark.parametrize("to", ["", ANN.e164])
async def test_the_index_of_a_list_forgets_what_is_gone_when_it_is_seen(store, monkeypatch, to):
    """The worker that dropped it died before it said so."""
    gone = held_for(ANN, owner="twilio/AC1")
    await store.hold([gone])
    indexes = packed("KEYS", "sg:{k:*")
    [entered] = await store.wire.ask([indexes])
    monkeypatch.setattr(store, "_left", lambda *_: [])
    await store.drop(gone.id, gone.minted, None)
    assert await store.kept_of("twilio/AC1", to, 50) == []
    [left] = await store.wire.ask([indexes])
    assert (len(entered), len(left)) == (2, 1)


async def test_the_index_of_a_list_forgets_what_nobody_has_seen_for_long(store, vault, redis_server):
    months = timedelta(days=61)
    held = held_for(ANN, owner="twilio/AC1")
    earlier = RedisStore(redis_server.url, vault, clock=lambda: datetime.now(UTC) - months)
    await earlier.open()
    await earlier.hold([held])
    await store.hold([one := held_for(ANN, owner="twilio/AC1")])
    assert [each.id for each in await store.kept_of("twilio/AC1", "", 50)] == [one.id]
    await earlier.close()


async def test_who_looks_between_the_writes_of_a_hold_takes_no_message_out_of_the_index(store, monkeypatch):
    """It finds an entry whose message is not there yet, and takes it away."""
    held, ask = held_for(ANN), store._ask

    async def interrupted(commands: list[bytes], *, keep: bool = False) -> list:
        monkeypatch.undo()
        place = next(n for n, command in enumerate(commands) if HOLD.sha.encode() in command)
        before = await ask(commands[:place])
        assert await store.lease(held.lane, 10, "w2", NOON, FAST) == []
        return before + await ask(commands[place:])

    monkeypatch.setattr(store, "_ask", interrupted)
    await store.hold([held])
    assert await store.lease(held.lane, 10, "w2", NOON, FAST) == [held]


async def test_who_takes_a_message_in_doubt_out_of_the_index_leaves_one_that_was_put_back_meanwhile(store, monkeypatch):
    """It has looked, and found it in doubt; before it takes the entry away the message waits again."""
    held, ask = held_for(ANN), store._ask
    await store.hold([held])
    wanted = await leaving(store, held)

    async def interrupted(commands: list[bytes], *, keep: bool = False) -> list:
        if any(MEND.sha.encode() in command for command in commands):
            monkeypatch.undo()
            assert await store.put_back(held, "w1", NOON)
        return await ask(commands)

    monkeypatch.setattr(store, "_ask", interrupted)
    await store.settle([(wanted, State.IN_DOUBT)])
    assert await store.lease(held.lane, 10, "w2", NOON, FAST) == [held]


async def test_what_is_put_back_from_doubt_is_in_the_index_though_its_worker_dies_at_once(store, monkeypatch):
    held, ask = held_for(ANN), store._ask
    await store.hold([held])
    await store.settle([(await leaving(store, held), State.IN_DOUBT)])

    async def dies(commands: list[bytes], *, keep: bool = False) -> list:
        replies = await ask(commands)
        if PUT_BACK.sha.encode() in b"".join(commands) and 1 in replies:
            raise StoreAway("killed")
        return replies

    monkeypatch.setattr(store, "_ask", dies)
    with pytest.raises(StoreAway):
        await store.put_back(held, "w1", NOON)
    monkeypatch.undo()
    assert await store.lease(held.lane, 10, "w2", NOON, FAST) == [held]


async def test_each_step_of_the_outbox_is_few_round_trips_however_many_messages_it_is_about(store, monkeypatch):
    asked, ask = [], store.wire.ask
    monkeypatch.setattr(store.wire, "ask", lambda commands: asked.append(commands) or ask(commands))
    many = [held_for(number(place)) for place in range(100)]
    await store.hold(many)
    assert len(asked) == 1
    assert len(await store.lease(many[0].lane, 100, "w1", NOON, FAST)) == 100
    assert len(asked) == 3, "the index, and the messages"
    wanted = [replace(reservation(held.recipient, attempt=held.id), held=True) for held in many]
    assert all(await store.reserve(wanted, "w1"))
    assert len(asked) == 4
    await store.settle([(one, State.SENT) for one in wanted])
    assert len(asked) == 6, "and the indexes"


@pytest.mark.parametrize(("ahead", "says"), [(3600.0, "s ahead of this"), (-3600.0, "s behind this")])
async def test_a_redis_whose_clock_is_another_is_named(store, monkeypatch, ahead, says):
    real = time.time
    monkeypatch.setattr("gateway.store.redis.time.time", lambda: real() - ahead)
    assert [(c.name, says in c.why) for c in await store.checks() if not c.good] == [("redis-clock", True)]


async def test_set_back_by_hours_the_servers_clock_keeps_no_lease_and_no_dead_worker_alive(store):
    held = held_for(ANN)
    await store.hold([held])
    assert len(await store.lease(held.lane, 1, "dead", NOON, FAST)) == 1
    assert await granted(store, reservation(BOB), "dead")
    shelf, later = store._shelf(held), int(time.time() + 6 * 3600)
    [leased] = await store._ask([packed("HGET", shelf.held, shelf.id)])
    before, _, _ = leased.rpartition(b"|")
    await store._ask([packed("HSET", shelf.held, shelf.id, before + b"|%d000000" % later)])
    await store._ask([packed("ZADD", WORKERS, later, "dead")])
    assert (await store.track(held.minted)).state is State.WAITING
    assert await store.sweep() == 1
    assert await store.drop(held.id, held.minted, None) == held
    await store.hold([again := held_for(ANN)])
    await store.lease(again.lane, 1, "dead", NOON, FAST)
    shelf = store._shelf(again)
    await store._ask([packed("HSET", shelf.held, shelf.id, before + b"|%d000000" % later)])
    await store._ask([packed("ZADD", due_in(again.lane), 0, shelf.listed)])
    assert len(await store.lease(again.lane, 1, "w2", NOON, FAST)) == 1
