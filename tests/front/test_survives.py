"""What was acknowledged holds, whatever happens to the process, on both stores."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.front.house import House
from tests.front.world import World
from tests.redis_server import RedisServer
from tests.twilio_client import client_for

ANN, SHOP = "+12125550100", "+18335550100"


def refused(house: House) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as error:
        client_for(house.proxy).messages.create(to=ANN, from_=SHOP, body="20% off today")
    return error.value


def when_it_is_back(house: House) -> TwilioRestException:
    """A client that tries again as it is told to, until it is told something else."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if (error := refused(house)).status != 503:
            return error
        time.sleep(0.05)
    raise AssertionError("the store is back, and nobody notices")


def test_a_stop_holds_though_the_gateway_is_killed_right_after_it(tmp_path: Path, world: World, store: str) -> None:
    house = House(tmp_path, store, world.url, world.legacy)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    assert world.reply(ANN, SHOP, "STOP").status_code == 200
    house.kill()
    house.start()
    try:
        assert refused(house).code == 21610
        assert world.texts_to(ANN) == []
    finally:
        house.stop()


def test_a_stop_holds_though_redis_is_killed_with_it(tmp_path: Path, world: World, redis_server: RedisServer) -> None:
    house = House(tmp_path, f'{{redis: "{redis_server.url}"}}', world.url, world.legacy)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    assert world.reply(ANN, SHOP, "STOP").status_code == 200
    redis_server.kill()
    house.kill()
    redis_server.start()
    house.start()
    try:
        assert refused(house).code == 21610
    finally:
        house.stop()


def test_with_the_store_away_nothing_is_sent_and_a_stop_waits_in_the_journal(
    tmp_path: Path, world: World, redis_server: RedisServer
) -> None:
    house = House(tmp_path, f'{{redis: "{redis_server.url}"}}', world.url, world.legacy)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    try:
        redis_server.kill()
        again = refused(house)
        assert (again.status, again.code) == (503, 20503)
        assert world.texts_to(ANN) == []
        assert world.reply(ANN, SHOP, "STOP").status_code == 503  # not acknowledged: the carrier may call again
        ready = requests.get(f"{house.admin}/readyz", timeout=10)
        assert ready.status_code == 503
        redis_server.start()
        assert when_it_is_back(house).code == 21610
    finally:
        house.stop()


def test_an_upstream_that_lacks_credentials_is_named_and_the_gateway_is_ready(tmp_path: Path, world: World) -> None:
    house = House(tmp_path, "sqlite", world.url, world.legacy)
    house.start()
    try:
        ready = requests.get(f"{house.admin}/readyz", timeout=10).json()
        [told] = [part["why"] for part in ready["parts"] if part["name"] == "upstreams"]
        assert ready["ready"]
        assert "`twilio` hears replies and has no `credentials`" in told
        assert "kannel" not in told
    finally:
        house.stop()


def test_a_message_whose_worker_died_is_never_sent_again_by_the_machine(
    tmp_path: Path, world: World, store: str
) -> None:
    """The carrier has the message and holds its answer back; meanwhile the gateway is killed."""
    house = House(tmp_path, store, world.url, world.legacy)
    house.start()
    with world.answers_held():
        sending = world.in_background(lambda: client_for(house.proxy).messages.create(to=ANN, from_=SHOP, body="Sale"))
        world.wait_for_a_send()
        house.kill()
    assert isinstance(sending.exception(20), requests.ConnectionError)
    house.start()
    try:
        assert requests.get(f"{house.admin}/readyz", timeout=10).json()["ready"]
        assert len(world.texts_to(ANN)) == 1
    finally:
        house.stop()
