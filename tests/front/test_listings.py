"""A message is seen by its id and in lists as it stands: while it waits, once it left, and if it never did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.test_outbox import ANN, BOB, MORNING, SHOP
from tests.front.world import World
from tests.twilio_client import ACCOUNT, client_for

OTHER_SHOP = "+18335550101"


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    """The carrier's clock stands an hour before the gateway's, in its list ours come first."""
    house = House(tmp_path, store, world.url, world.legacy, NIGHT)
    world.carrier.clock = lambda: datetime.fromisoformat(NIGHT) - timedelta(hours=1)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def listed(twilio: Client, **asked: object) -> list[tuple[str | None, str | None]]:
    return [(each.sid, each.status) for each in twilio.messages.list(**asked)]


def dropped(house: House, twilio: Client, world: World) -> str:
    """One that its recipient's STOP kept from leaving."""
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.reply(ANN, SHOP, "STOP")
    house.move_clock(MORNING)
    until(lambda: twilio.messages(sent.sid).fetch().status == "failed", "it is dropped")
    return sent.sid or ""


def test_a_list_shows_what_waits_what_was_canceled_and_what_left_each_once(house: House, world: World, twilio: Client):
    code = twilio.messages.create(to=ANN, from_=SHOP, body="Your code is 1234")
    waits = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    house.move_clock("2026-06-10T23:31:00-04:00")
    other = twilio.messages.create(to=BOB, from_=SHOP, body="30% off today")
    assert listed(twilio, to=ANN, limit=20) == [(waits.sid, "queued"), (code.sid, "delivered")]
    assert listed(twilio) == [(other.sid, "queued"), (waits.sid, "queued"), (code.sid, "delivered")]
    assert listed(twilio, from_=OTHER_SHOP) == []
    assert listed(twilio, to=ANN, from_=SHOP, limit=1) == [(waits.sid, "queued")]
    twilio.messages(other.sid).update(status="canceled")
    assert listed(twilio, to=BOB) == [(other.sid, "canceled")]
    world.carrier.clock = lambda: datetime.fromisoformat(MORNING)
    house.move_clock(MORNING)
    until(lambda: listed(twilio, to=ANN)[0] == (waits.sid, "delivered"), "it leaves")
    assert listed(twilio) == [(waits.sid, "delivered"), (other.sid, "canceled"), (code.sid, "delivered")]


def test_a_list_shows_nothing_of_it_to_those_without_its_senders_credentials(house: House, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    stranger = Client(ACCOUNT, "another-token", http_client=client_for(house.proxy).http_client)
    assert listed(stranger) == []
    with pytest.raises(TwilioRestException, match="not found"):
        stranger.messages(sent.sid).fetch()
    assert listed(twilio) == [(sent.sid, "queued")]


def test_what_was_dropped_is_fetched_with_the_carriers_code_for_why(house: House, world: World, twilio: Client):
    sid = dropped(house, twilio, world)
    fetched = twilio.messages(sid).fetch()
    assert (fetched.status, fetched.error_code, fetched.to) == ("failed", 21610, ANN)
    assert fetched.date_updated == datetime.fromisoformat(MORNING)
    assert listed(twilio, to=ANN) == [(sid, "failed")]
    with pytest.raises(TwilioRestException) as late:
        twilio.messages(sid).update(status="canceled")
    assert late.value.code == 30409


def test_what_the_carrier_refused_at_its_hour_is_fetched_with_the_carriers_own_code(
    house: House, world: World, twilio: Client
):
    async def refuse(request: web.Request) -> web.Response | None:
        told = {"code": 21612, "message": "no", "status": 400}
        return web.json_response(told, status=400) if request.method == "POST" else None

    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.carrier.fault = refuse
    house.move_clock(MORNING)
    until(lambda: twilio.messages(sent.sid).fetch().status == "failed", "it is refused")
    assert twilio.messages(sent.sid).fetch().error_code == 21612
    assert listed(twilio, to=ANN) == [(sent.sid, "failed")]


def test_a_text_is_redacted_once_its_message_is_over_and_not_before(house: House, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    with pytest.raises(TwilioRestException) as early:
        twilio.messages(sent.sid).update(body="")
    assert (early.value.status, early.value.code) == (409, 20009)
    twilio.messages(sent.sid).update(status="canceled")
    assert twilio.messages(sent.sid).fetch().body == "20% off today Reply STOP to opt out"
    assert twilio.messages(sent.sid).update(body="").body == ""
    fetched = twilio.messages(sent.sid).fetch()
    assert (fetched.status, fetched.body, fetched.to) == ("canceled", "", ANN)
    assert [each.body for each in twilio.messages.list()] == [""]


@pytest.mark.parametrize("first_canceled", [True, False])
def test_what_its_client_deletes_is_gone_at_once(house: House, twilio: Client, first_canceled: bool):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    if first_canceled:
        twilio.messages(sent.sid).update(status="canceled")
    assert twilio.messages(sent.sid).delete()
    for asked in (twilio.messages(sent.sid).fetch, twilio.messages(sent.sid).delete):
        with pytest.raises(TwilioRestException) as gone:
            asked()
        assert (gone.value.status, gone.value.code) == (404, 20404)
    assert listed(twilio) == []
