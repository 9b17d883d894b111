"""kill -9, of the gateway and of Redis, right after an opt-out was acknowledged."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.store.vault import Vault
from gateway.words.decision import State
from gateway.words.errors import StoreAway
from gateway.words.facts import Facts
from tests.store.acknowledges import optouts
from tests.store.people import ANN, FAST, LATER, needs, opt_out, reservation


def acknowledged_and_killed(where: str, folder: Path) -> None:
    """Another process takes an opt-out, says that it has it, and is gone."""
    Vault.create(folder / "keys.yaml")
    command = [sys.executable, "-m", "tests.store.acknowledges", where, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout
        assert child.stdout.readline() == b"acknowledged\n"
        child.kill()


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_an_acknowledged_opt_out_survives_the_process(store, tmp_path, request):
    where = request.getfixturevalue("redis_url") if store == "redis" else store
    acknowledged_and_killed(where, tmp_path)
    shutil.rmtree(tmp_path / "journal")  # the store alone must have it
    house = optouts(where, tmp_path)
    await house.open()
    assert not await sent(house)
    await house.close()


async def test_an_acknowledged_opt_out_survives_kill_9_of_redis(redis_server, tmp_path):
    acknowledged_and_killed(redis_server.url, tmp_path)
    redis_server.kill()
    shutil.rmtree(tmp_path / "journal")
    redis_server.start()
    house = optouts(redis_server.url, tmp_path)
    await house.open()
    assert not await sent(house)
    await house.close()


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_an_acknowledged_opt_out_survives_the_loss_of_the_store(store, tmp_path, request):
    server = request.getfixturevalue("redis_server")
    where = server.url if store == "redis" else store
    acknowledged_and_killed(where, tmp_path)
    server.ask("FLUSHALL")
    for path in tmp_path.glob("store.db*"):
        path.unlink()
    house = optouts(where, tmp_path)
    await house.open()
    assert not await sent(house)
    await house.close()


async def test_an_opt_out_that_only_the_journal_has_holds_after_the_process_died(redis_server, tmp_path):
    """The store was away; the process that journaled it is gone before the store is back."""
    Vault.create(tmp_path / "keys.yaml")
    house = optouts(redis_server.url, tmp_path)
    await house.open()
    redis_server.kill()
    with pytest.raises(StoreAway):
        await house.suppress(ANN, opt_out())
    redis_server.start()
    after = optouts(redis_server.url, tmp_path)
    await after.open()
    assert await after.reserve([reservation(ANN, Facts.NONE)], "w2") == [False]
    await after.close()
    await house.close()


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_what_a_killed_process_was_sending_is_found(store, tmp_path, request):
    where = request.getfixturevalue("redis_url") if store == "redis" else store
    acknowledged_and_killed(where, tmp_path)
    house = optouts(where, tmp_path)
    await house.open()
    await house.leave("dead")
    assert await house.sweep() == 1
    [found] = await house.in_doubt()
    assert (found.id, found.worker) == ("open when it was killed", "dead")
    await house.close()


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_what_the_outbox_acknowledged_is_there_when_its_process_is_killed_in_the_middle(store, tmp_path, request):
    """What it had not acknowledged is there too, or is not: never half of it."""
    where = request.getfixturevalue("redis_url") if store == "redis" else store
    told = held_and_killed(where, tmp_path, batches=15)
    house = optouts(where, tmp_path)
    await house.open()
    [lane] = await house.lanes(LATER)
    leased = []
    while some := await house.lease(lane.name, 100, "w1", LATER, FAST):
        leased += [held.minted for held in some]
    assert set(told) <= set(leased)
    assert len(set(leased)) == len(leased) == lane.waiting
    for minted in leased:
        assert (await house.track(minted)).held.minted == minted
    await house.close()


def held_and_killed(where: str, folder: Path, batches: int) -> list[str]:
    """The minted ids of all that another process acknowledged before it was gone."""
    Vault.create(folder / "keys.yaml")
    command = [sys.executable, "-m", "tests.store.holds", where, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout
        told = [child.stdout.readline() for _ in range(batches)]
        child.kill()
        told += [line for line in child.stdout.readlines() if line.endswith(b"\n")]
    return b" ".join(told).decode().split()


async def test_what_the_outbox_acknowledged_survives_kill_9_of_redis(redis_server, tmp_path):
    told = held_and_killed(redis_server.url, tmp_path, batches=3)
    redis_server.kill()
    redis_server.start()
    house = optouts(redis_server.url, tmp_path)
    await house.open()
    tracked = [await house.track(minted) for minted in told]
    assert [one.state for one in tracked] == [State.WAITING] * len(told)
    await house.close()


@pytest.mark.parametrize("store", ["sqlite", "redis"])
async def test_no_number_and_no_text_stands_in_clear_in_any_file(store, tmp_path, request):
    server = request.getfixturevalue("redis_server")
    where = server.url if store == "redis" else store
    acknowledged_and_killed(where, tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.stat().st_size]
    kept = [path.name for path in files]
    assert any(name.endswith(".journal") for name in kept)
    assert ("appendonly.aof" if store == "redis" else "store.db-wal") in kept or "appendonlydir" in str(files)
    for path in files:
        data = path.read_bytes()
        assert ANN.digits.encode() not in data
        assert ANN.digits[1:].encode() not in data
        assert b"STOP" not in data


async def sent(house) -> bool:
    [facts] = await house.look_up([needs(ANN)])
    [granted] = await house.reserve([reservation(ANN, Facts.NONE)], "w2")
    return granted or not facts.suppressions
