"""A carrier that holds a recipient as opted out teaches it us: the next text from that sender doesn't leave."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from gateway.sandbox.faults import Fault
from tests.front.house import House
from tests.front.patience import until
from tests.front.test_outbox import MORNING
from tests.front.world import World

ANN, SHOP, OTHER = "+12125550100", "+18335550100", "+18335550199"
UNSUBSCRIBED = b'{"code":21610,"message":"Attempt to send to unsubscribed recipient","more_info":"","status":400}'
UNREACHABLE = b'{"code":21612,"message":"not reachable from this number","more_info":"","status":400}'


def refusing(body: bytes, *, packed: bool = False) -> Fault:
    async def refuse(_: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip"} if packed else {}
        told = gzip.compress(body) if packed else body
        return web.Response(status=400, body=told, content_type="application/json", headers=headers)

    return refuse


def sent(twilio: Client, sender: str = SHOP) -> int:
    """The code with which it is refused; 0: it is not."""
    try:
        twilio.messages.create(to=ANN, from_=sender, body="Your appointment is at 3")
    except TwilioRestException as error:
        return int(error.code)
    return 0


def taught(house: House) -> list[tuple[str, str]]:
    """Kind and scope of what carriers taught, as the record has it."""
    lines = [line for line in house.audited() if line["kind"] == "suppressed"]
    return [(line["suppression"], line["scope"]) for line in lines if line["source"] == "carrier"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_whom_the_carrier_holds_as_opted_out_gets_nothing_more_from_that_sender(
    house: House, world: World, twilio: Client, packed
):
    world.carrier.fault = refusing(UNSUBSCRIBED, packed=packed)
    assert sent(twilio) == 21610
    world.carrier.fault = None
    assert sent(twilio) == 21610, "the carrier would take it, and is not asked"
    assert world.texts_to(ANN) == []
    assert taught(house) == [("opt-out", "sender")]
    assert sent(twilio, OTHER) == 0, "the opt-out was from the other sender"


def test_another_refusal_teaches_nothing(house: House, world: World, twilio: Client):
    world.carrier.fault = refusing(UNREACHABLE)
    assert sent(twilio) == 21612
    world.carrier.fault = None
    assert sent(twilio) == 0
    assert taught(house) == []


def test_our_own_refusal_teaches_nothing(house: House, world: World, twilio: Client):
    world.reply(ANN, SHOP, "STOP")
    assert sent(twilio) == 21610
    world.reply(ANN, SHOP, "START")
    assert sent(twilio) == 0
    assert taught(house) == []


class TestAtNight:
    @pytest.fixture
    def house_at(self) -> str:
        return "2026-06-10T23:30:00-04:00"

    def test_what_waited_teaches_as_well(self, house: House, world: World, twilio: Client):
        twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
        world.carrier.fault = refusing(UNSUBSCRIBED)
        house.move_clock(MORNING)
        assert until(lambda: taught(house), "it is refused") == [("opt-out", "sender")]
        world.carrier.fault = None
        assert sent(twilio) == 21610
