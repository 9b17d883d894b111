"""A clock that is set forward or back by hours: by the clock of that moment, once, and no longer than it must wait."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from twilio.rest import Client

from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.world import World
from tests.twilio_client import client_for

ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
SALE, LEFT = "20% off today", ["20% off today Reply STOP to opt out"]
MORNING = "2026-06-11T08:00:00-04:00"


@pytest.fixture
def house_at() -> str:
    return NIGHT


@pytest.fixture
def house(tmp_path: Path, world: World, store: str, house_at: str):
    """On both stores."""
    house = House(tmp_path, store, world.url, world.legacy, house_at)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def send(twilio: Client, to: str = ANN) -> str:
    sent = twilio.messages.create(to=to, from_=SHOP, body=SALE)
    assert sent.status == "queued"
    return str(sent.sid)


def test_what_was_put_back_while_the_clock_was_ahead_leaves_when_it_is_right_again(
    house: House, world: World, twilio: Client
):
    """Seven hours ahead, the carrier wants to be left in peace: not for seven hours, once the clock is set back."""
    refused: list[str] = []

    async def tired(request: web.Request) -> web.Response | None:
        if request.method != "POST":
            return None
        refused.append(request.path)
        return web.json_response({"code": 20429}, status=429, headers={"Retry-After": "1"})

    sid = send(twilio)
    world.carrier.fault = tired
    for times in (1, 2, 3):  # seconds apart: each time it is put back, by a clock that is ahead
        house.move_clock(f"2026-06-11T15:0{times}:00-04:00")
        until(lambda times=times: len(refused) >= times, "it is refused")
    world.carrier.fault = None
    house.move_clock(MORNING)
    until(lambda: house.readiness() == {}, "it goes on")
    house.move_clock("2026-06-11T08:01:00-04:00")  # for the second that the carrier asked for
    assert until(lambda: world.texts_to(ANN), "it leaves") == LEFT
    until(lambda: twilio.messages(sid).fetch().status != "queued", "it is settled")
    assert world.texts_to(ANN) == LEFT


def test_set_back_into_the_night_it_sends_nothing_that_the_clock_forbids_now(
    house: House, world: World, twilio: Client
):
    """Ann's text left by a clock that showed the morning; Bob's comes when it shows the night, and waits."""
    send(twilio)
    house.move_clock(MORNING)
    until(lambda: world.texts_to(ANN), "it leaves")
    house.move_clock(NIGHT)
    send(twilio, BOB)
    until(lambda: house.readiness() == {}, "it goes on")
    assert world.texts_to(BOB) == []
    house.move_clock(MORNING)
    assert until(lambda: world.texts_to(BOB), "it leaves") == LEFT
    assert world.texts_to(ANN) == LEFT


def test_set_forward_by_hours_each_leaves_once_and_is_recorded_by_the_clock_of_its_moment(
    house: House, world: World, twilio: Client
):
    sids = [send(twilio, each) for each in (ANN, BOB)]
    house.move_clock("2026-06-11T19:59:00-04:00")
    until(lambda: world.texts_to(ANN) and world.texts_to(BOB), "both leave")
    until(lambda: all(twilio.messages(sid).fetch().status != "queued" for sid in sids), "both are settled")
    until(lambda: sum(line.get("fate") == "sent" for line in house.audited()) == 2, "both are on record")
    house.move_clock(MORNING)
    house.move_clock("2026-06-11T20:59:00-04:00")
    assert (world.texts_to(ANN), world.texts_to(BOB)) == (LEFT, LEFT)
    sent = [line["at"] for line in house.audited() if line.get("fate") == "sent"]
    assert sent == ["2026-06-11T19:59:00-04:00"] * 2


def test_of_two_workers_one_of_whose_clocks_is_ahead_each_message_leaves_once(
    house: House, world: World, twilio: Client, tmp_path: Path
):
    """The second one has a folder of its own for its clock, and the same data."""
    sids = [send(twilio, each) for each in (ANN, BOB)]
    (tmp_path / "ahead").mkdir()
    ahead = House(tmp_path / "ahead", house.store, world.url, world.legacy, MORNING)
    config = (tmp_path / "house.yaml").read_text()
    (tmp_path / "ahead" / "house.yaml").write_text(config)
    ahead.start()
    try:
        until(lambda: world.texts_to(ANN) and world.texts_to(BOB), "by its clock they may leave")
        until(lambda: all(twilio.messages(sid).fetch().status != "queued" for sid in sids), "both are settled")
        house.move_clock(MORNING)
        later = send(client_for(ahead.proxy), "+12025550100")
        assert later
        until(lambda: world.texts_to("+12025550100"), "both go on")
    finally:
        ahead.stop()
    assert (world.texts_to(ANN), world.texts_to(BOB)) == (LEFT, LEFT)


def test_a_stop_counts_whatever_the_clock_was_when_it_was_heard(house: House, world: World, twilio: Client):
    """Heard by a clock that was ahead, and by one that had been set back since somebody said START."""
    house.move_clock("2026-06-11T18:00:00-04:00")
    assert world.reply(ANN, SHOP, "STOP").status_code == 200
    assert world.reply(BOB, SHOP, "START").status_code == 200
    house.move_clock("2026-06-11T12:00:00-04:00")
    assert world.reply(BOB, SHOP, "STOP").status_code == 200
    house.kill()
    house.start()
    for each in (ANN, BOB):
        with pytest.raises(Exception, match="unsubscribed"):
            client_for(house.proxy).messages.create(to=each, from_=SHOP, body=SALE)
