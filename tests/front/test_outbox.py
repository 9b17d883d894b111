"""At night a marketing text is accepted, waits, and leaves in the morning: once, or not at all if it must not."""

from __future__ import annotations

import time

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.front.house import NIGHT, House
from tests.front.world import World

ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
MORNING = "2026-06-11T08:00:00-04:00"
PATIENCE = 15.0  # seconds; nothing depends on how long it really takes


@pytest.fixture
def house_at() -> str:
    return NIGHT


def until(wanted, what: str):
    """What `wanted` gives, once it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := wanted():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")


def test_a_text_at_night_is_accepted_waits_and_leaves_in_the_morning(house: House, world: World, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert (sent.status, sent.to, sent.body) == ("queued", ANN, "20% off today Reply STOP to opt out")
    assert twilio.messages(sent.sid).fetch().status == "queued"
    assert world.texts_to(ANN) == []
    house.move_clock(MORNING)
    assert until(lambda: world.texts_to(ANN), "it leaves") == ["20% off today Reply STOP to opt out"]
    fetched = until(lambda: (f := twilio.messages(sent.sid).fetch()).status != "queued" and f, "the carrier answers")
    assert (fetched.sid, fetched.body) == (sent.sid, "20% off today Reply STOP to opt out")
    assert [each.sid for each in twilio.messages.list(to=ANN)] == [sent.sid]
    fates = [(line["fate"], line["decision"]) for line in house.audited() if line["kind"] == "message"]
    assert fates == [("held", "defer"), ("sent", "rewrite")]


def test_who_opts_out_in_the_night_gets_nothing_in_the_morning(house: House, world: World, twilio: Client):
    first = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    twilio.messages.create(to=BOB, from_=SHOP, body="20% off today")
    assert world.reply(ANN, SHOP, "STOP").status_code == 200
    house.move_clock(MORNING)
    until(lambda: world.texts_to(BOB), "the other one leaves")
    until(lambda: [line for line in house.audited() if line.get("fate") == "dropped"], "it is dropped")
    assert world.texts_to(ANN) == []
    [dropped] = [line for line in house.audited() if line.get("fate") == "dropped"]
    assert dropped["rule"] == "gateway/suppressed"
    with pytest.raises(TwilioRestException):
        twilio.messages(first.sid).update(status="canceled")


def test_what_waits_can_be_canceled_as_at_the_carrier(house: House, world: World, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert twilio.messages(sent.sid).update(status="canceled").status == "canceled"
    other = twilio.messages.create(to=ANN, from_=SHOP, body="30% off today")
    assert twilio.messages(other.sid).delete()
    third = twilio.messages.create(to=ANN, from_=SHOP, body="40% off today")
    house.move_clock(MORNING)
    assert until(lambda: world.texts_to(ANN), "the third leaves") == ["40% off today Reply STOP to opt out"]
    assert twilio.messages(third.sid).fetch().sid == third.sid


def test_what_waits_survives_a_crash(house: House, world: World, twilio: Client):
    sids = [twilio.messages.create(to=ANN, from_=SHOP, body=f"{n}% off today").sid for n in (10, 20)]
    house.kill()
    house.start()
    house.move_clock(MORNING)
    assert len(until(lambda: len(world.texts_to(ANN)) == 2 and world.texts_to(ANN), "both leave")) == 2
    assert len(set(sids)) == 2
