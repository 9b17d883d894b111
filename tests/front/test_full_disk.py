"""A disk without room: nothing is accepted that can't be kept, and with room again all goes on by itself."""

from __future__ import annotations

import json
import resource
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from gateway.audit.verify import verify
from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.world import World
from tests.redis_server import RedisServer
from tests.twilio_client import client_for

ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
MORNING = "2026-06-11T08:00:00-04:00"
SALE = "20% off today"


def refused(house: House, to: str, text: str = SALE) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as error:
        client_for(house.proxy).messages.create(to=to, from_=SHOP, body=text)
    return error.value.status, error.value.code


def sent(house: House, to: str) -> str:
    return client_for(house.proxy).messages.create(to=to, from_=SHOP, body=SALE).status


@pytest.fixture
def begun(tmp_path: Path, world: World) -> Iterator[Callable[..., House]]:
    """Houses to be started and, however the test ends, stopped."""
    houses: list[House] = []

    def begin(**how: Any) -> House:
        house = House(tmp_path, carrier=world.url, legacy=world.legacy, **{"store": "sqlite"} | how)
        house.start()
        houses.append(house)
        world.webhook = f"{house.public}/in/twilio"
        return house

    yield begin
    for house in houses:
        if house.process is not None:
            house.make_room()
            house.stop()


def test_with_sqlites_disk_full_all_is_answered_try_again_and_readiness_names_each_part(begun, world):
    house = begun()
    assert sent(house, BOB) == "queued"
    house.fill_disk()
    assert refused(house, ANN) == (503, 20503)
    house.move_clock(NIGHT)
    assert refused(house, ANN) == (503, 20503)  # what would have to be kept until the morning
    assert {"sqlite", "journal", "audit"} <= until(
        lambda: len(r := house.readiness()) >= 3 and r, "all are named"
    ).keys()
    assert requests.get(f"{house.admin}/healthz", timeout=10).ok
    house.make_room()
    until(lambda: not house.readiness(), "it is ready again")
    house.move_clock(MORNING)
    assert sent(house, ANN) == "queued"
    assert [len(world.texts_to(each)) for each in (ANN, BOB)] == [1, 1]


def test_a_stop_that_nothing_could_be_written_of_is_not_acknowledged_and_honoured_all_the_same(begun, world):
    house = begun()
    house.fill_disk()
    assert world.reply(ANN, SHOP, "STOP").status_code == 503
    house.make_room()
    assert refused(house, ANN) == (400, 21610)
    assert sent(house, BOB) == "queued"
    assert world.texts_to(ANN) == []
    house.kill()
    house.start()  # it is in the store by now, and outlives the process
    assert refused(house, ANN) == (400, 21610)


def test_what_waits_when_the_disk_fills_leaves_once_when_there_is_room(begun, world):
    house = begun(at=NIGHT)
    sids = [client_for(house.proxy).messages.create(to=each, from_=SHOP, body=SALE).sid for each in (ANN, BOB)]
    house.fill_disk()
    house.move_clock(MORNING)
    until(lambda: "sqlite" in house.readiness(), "the disk is full")
    assert (world.texts_to(ANN), world.texts_to(BOB)) == ([], [])
    house.make_room()
    until(lambda: world.texts_to(ANN) and world.texts_to(BOB), "both leave")
    until(lambda: all(client_for(house.proxy).messages(sid).fetch().status != "queued" for sid in sids), "both settle")
    assert (len(world.texts_to(ANN)), len(world.texts_to(BOB))) == (1, 1)
    lines = until(lambda: len(lines := _fates(house)) == 4 and lines, "all is on record")
    assert sorted(lines) == ["held", "held", "sent", "sent"]


def test_a_message_whose_end_found_no_room_is_settled_later_and_sent_once(begun, world):
    """The disk fills while the carrier has the message: its answer still reaches the client."""
    house = begun()
    with world.answers_held():
        sending = world.in_background(lambda: sent(house, ANN))
        world.wait_for_a_send()
        house.fill_disk()
    assert sending.result(20) == "queued"
    house.make_room()
    until(lambda: _open(house) == 0, "it is settled")
    assert world.texts_to(ANN) == [f"{SALE} Reply STOP to opt out"]
    assert _fates(house) == ["sent"]


def test_with_only_the_gateways_own_disk_full_redis_still_keeps_what_must_be_kept(begun, world, redis_url):
    """Journal and audit are on that disk: a STOP is honoured, but not acknowledged; the record is written later."""
    house = begun(store=f'{{redis: "{redis_url}"}}')
    house.fill_disk()
    assert world.reply(ANN, SHOP, "STOP").status_code == 503
    assert refused(house, ANN) == (400, 21610)
    assert sent(house, BOB) == "queued"
    assert {"journal", "audit"} == until(lambda: len(r := house.readiness()) >= 2 and r, "both are named").keys()
    house.make_room()
    until(lambda: not house.readiness(), "it is ready again")
    until(lambda: sorted(_fates(house)) == ["sent", "withheld"], "what happened meanwhile is on record")
    house.stop()
    assert verify(house.folder / "data" / "audit").breaks == ()


def test_with_redis_out_of_memory_nothing_is_sent_or_held_and_a_stop_waits_in_the_journal(
    begun, world, redis_server: RedisServer
):
    house = begun(store=f'{{redis: "{redis_server.url}"}}')
    redis_server.ask("CONFIG", "SET", "maxmemory", "1")
    assert refused(house, ANN) == (503, 20503)
    house.move_clock(NIGHT)
    assert refused(house, BOB) == (503, 20503)
    assert world.reply(ANN, SHOP, "STOP").status_code == 503
    assert "out of memory" in house.readiness()["redis"]
    redis_server.ask("CONFIG", "SET", "maxmemory", "0")
    house.move_clock("2026-06-10T12:00:00-04:00")
    assert refused(house, ANN) == (400, 21610)
    assert sent(house, BOB) == "queued"
    assert (world.texts_to(ANN), len(world.texts_to(BOB))) == ([], 1)
    until(lambda: not house.readiness(), "it is ready again")


def test_a_redis_that_cannot_save_takes_no_writes_and_readiness_says_so(begun, world, redis_server: RedisServer):
    house = begun(store=f'{{redis: "{redis_server.url}"}}')
    (redis_server.folder / "dump.rdb").mkdir()  # so that no snapshot can be put there
    redis_server.ask("CONFIG", "SET", "save", "'3600 1'")
    redis_server.ask("BGSAVE")
    until(lambda: b"rdb_last_bgsave_status:err" in redis_server.ask("INFO", "persistence"), "a snapshot fails")
    assert refused(house, ANN) == (503, 20503)
    assert "can't write to its disk" in house.readiness()["redis"]
    (redis_server.folder / "dump.rdb").rmdir()
    redis_server.ask("BGSAVE")
    until(lambda: not house.readiness(), "it is ready again")
    assert sent(house, ANN) == "queued"
    assert len(world.texts_to(ANN)) == 1


def test_a_redis_whose_log_finds_no_room_ends_and_nothing_is_lost_when_it_is_back(
    begun, world, redis_server: RedisServer
):
    house = begun(store=f'{{redis: "{redis_server.url}"}}', at=NIGHT)
    sid = client_for(house.proxy).messages.create(to=BOB, from_=SHOP, body=SALE).sid
    assert redis_server.process is not None
    resource.prlimit(redis_server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    assert refused(house, ANN) == (503, 20503)
    redis_server.process.wait(20)
    redis_server.start()
    house.move_clock(MORNING)
    until(lambda: world.texts_to(BOB), "what was accepted leaves")
    until(lambda: client_for(house.proxy).messages(sid).fetch().status != "queued", "it is settled")
    assert (len(world.texts_to(BOB)), world.texts_to(ANN)) == (1, [])


def test_what_a_full_disk_leaves_in_the_log_is_one_line_each_and_no_trace(begun, world, tmp_path):
    with (tmp_path / "log").open("wb") as file:
        log = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=file)
        house = begun(log=log.stdin)
        house.fill_disk()
        refused(house, ANN)
        world.reply(ANN, SHOP, "STOP")
        until(lambda: "audit" in house.readiness(), "the disk is full")
        until(lambda: "the store is away" in (tmp_path / "log").read_text(), "it is told")
        house.make_room()
        house.stop()
        assert log.stdin
        log.stdin.close()
        log.wait(10)
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [event for event in events if "where" in event] == []


def _fates(house: House) -> list[str]:
    return [line["fate"] for line in house.audited() if line["kind"] == "message"]


def _open(house: House) -> int:
    told = requests.get(f"{house.admin}/metrics", timeout=10).text
    [line] = [line for line in told.splitlines() if line.startswith("smsgate_in_doubt ")]
    return int(float(line.split()[1]))
