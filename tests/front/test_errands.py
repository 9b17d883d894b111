"""What we owe the legacy system reaches it, once it is there again, though the gateway is killed in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
import requests
from twilio.rest import Client

from gateway.sandbox.faults import refusing
from gateway.sandbox.phone import signature
from tests.cli.program import smsgate
from tests.front.house import NIGHT, PUBLIC_URL, TOKEN, House
from tests.front.patience import until
from tests.front.world import World
from tests.redis_server import RedisServer

ANN, SHOP = "+12125550100", "+18335550100"
MORNING, LATER = "2026-06-11T08:00:00-04:00", "2026-06-11T08:01:00-04:00"


@pytest.fixture
def house(tmp_path: Path, store: str, world: World) -> Iterator[House]:
    house = House(tmp_path, store, world.url, world.legacy, NIGHT)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def was_put_off(house: House) -> None:
    """The gateway has called, and will call again."""
    counted = 'smsgate_calls_total{end="put off",upstream="twilio"}'
    until(lambda: counted in requests.get(f"{house.admin}/metrics", timeout=10).text, "it is put off")


def outbox(house: House) -> list[str]:
    return smsgate("outbox", "show", "-c", house.folder / "house.yaml").out.splitlines()


def dropped(world: World) -> str:
    """Its recipient has opted out meanwhile. The code that the client is told."""
    assert world.reply(ANN, SHOP, "STOP").status_code == 200
    world.legacy_was_told.clear()
    return "21610"


def refused(world: World) -> str:
    """Its carrier will refuse it."""
    world.carrier.fault = refusing(400, '{"code": 30007}', "application/json")
    return "30007"


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("ends", [dropped, refused])
def test_a_callback_is_made_until_the_legacy_system_has_it(
    house: House, world: World, twilio: Client, ends: Callable[[World], str], killed: bool
):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today", status_callback=world.legacy)
    code = ends(world)
    world.legacy_away = True
    house.move_clock(MORNING)
    was_put_off(house)
    if killed:
        house.kill()
        house.start()
    waiting, *_ = outbox(house)
    assert waiting.startswith(f"1 waiting  calls:twilio/{world.legacy.split('/')[2]}  from ")
    world.legacy_away = False
    house.move_clock(LATER)
    told = until(lambda: world.legacy_was_told, "it is told")[0]
    assert (told.form["MessageSid"], told.form["ErrorCode"], told.signed) == (sent.sid, code, True)
    until(lambda: outbox(house) == ["none in doubt"], "nothing is owed any more")
    assert len(world.legacy_was_told) == 1


@pytest.mark.parametrize("killed", [False, True])
def test_a_reply_reaches_a_legacy_system_that_was_down(house: House, world: World, killed: bool):
    world.legacy_away = True
    answer = world.reply(ANN, SHOP, "When do you open?")
    assert (answer.status_code, answer.text) == (200, "<Response/>")
    house.move_clock("2026-06-10T23:30:10-04:00")
    was_put_off(house)
    if killed:
        house.kill()
        house.start()
    world.legacy_away = False
    house.move_clock("2026-06-10T23:31:00-04:00")
    told = until(lambda: world.legacy_was_told, "it is told")[0]
    assert told.signed
    assert told.form == dict(parse_qsl(str(answer.request.body), keep_blank_values=True))
    until(lambda: outbox(house) == ["none in doubt"], "nothing is owed any more")
    assert len(world.legacy_was_told) == 1


def test_what_can_be_neither_told_nor_kept_is_not_acknowledged(tmp_path: Path, world: World, redis_server: RedisServer):
    house = House(tmp_path, f'{{redis: "{redis_server.url}"}}', world.url, world.legacy)
    house.start()
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered", "To": ANN}
    signed = {"X-Twilio-Signature": signature(f"{PUBLIC_URL}/in/twilio", form, TOKEN)}
    try:
        world.legacy_away = True
        assert requests.post(f"{house.public}/in/twilio", form, headers=signed, timeout=20).status_code == 200
        redis_server.kill()
        assert requests.post(f"{house.public}/in/twilio", form, headers=signed, timeout=20).status_code == 503
    finally:
        house.stop()
