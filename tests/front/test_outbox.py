"""At night a marketing text is accepted, waits, and leaves in the morning: once, or not at all if it must not."""

from __future__ import annotations

import time
from urllib.parse import parse_qs

import pytest
import requests
from aiohttp import web
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from gateway.sandbox.phone import signature
from tests.cli.program import smsgate
from tests.front.house import NIGHT, PUBLIC_URL, TOKEN, House
from tests.front.patience import until
from tests.front.world import World

ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
MORNING = "2026-06-11T08:00:00-04:00"


@pytest.fixture
def house_at() -> str:
    return NIGHT


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


def test_receipts_reach_the_client_under_the_id_that_it_knows(house: House, world: World, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today", status_callback=world.legacy)
    house.move_clock(MORNING)
    until(lambda: world.texts_to(ANN), "it leaves")
    [left] = [request for request in world.carrier.requests if request.method == b"POST"]
    url = parse_qs(left.body.decode())["StatusCallback"][0]
    assert url.startswith(f"{PUBLIC_URL}/in/twilio/receipts/")
    real = world.carrier.messages[-1].sid
    until(lambda: twilio.messages(sent.sid).fetch().status != "queued", "its own id is known")
    form = {"MessageSid": real, "SmsSid": real, "MessageStatus": "delivered", "To": ANN, "AccountSid": "AC0"}
    here = url.replace(PUBLIC_URL, house.public)
    unsigned = requests.post(here, form, timeout=10)
    assert unsigned.status_code == 403
    signed = requests.post(here, form, headers={"X-Twilio-Signature": signature(url, form, TOKEN)}, timeout=10)
    assert signed.status_code < 300
    [told] = until(lambda: world.legacy_was_told, "it is told on")
    assert (told.form["MessageSid"], told.form["MessageStatus"], told.signed) == (sent.sid, "delivered", True)
    assert real not in str(told.form)


def test_who_is_dropped_is_told_to_the_client_by_its_callback(house: House, world: World, twilio: Client):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today", status_callback=world.legacy)
    world.reply(ANN, SHOP, "STOP")
    house.move_clock(MORNING)
    told = until(lambda: [t for t in world.legacy_was_told if t.form.get("MessageSid") == sent.sid], "it is told")[0]
    assert (told.form["MessageStatus"], told.form["ErrorCode"], told.signed) == ("failed", "21610", True)


def test_a_carrier_that_wants_to_be_left_in_peace_is_and_gets_the_message_later(
    house: House, world: World, twilio: Client
):
    refusals = iter([429, 429])

    async def busy(request):
        status = next(refusals, None) if request.method == "POST" else None
        return web.json_response({"code": 20429}, status=status, headers={"Retry-After": "1"}) if status else None

    twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.carrier.fault = busy
    house.move_clock(MORNING)
    until(lambda: next(refusals, "over") == "over" and True, "it was refused")
    house.move_clock("2026-06-11T08:01:00-04:00")
    assert until(lambda: world.texts_to(ANN), "it leaves") == ["20% off today Reply STOP to opt out"]


def test_a_call_that_was_lost_leaves_doubt_and_is_never_made_again(house: House, world: World, twilio: Client):
    async def gone(request, answer):
        request.transport.abort()
        return answer

    twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.carrier.spoil = gone
    house.move_clock(MORNING)
    until(lambda: world.texts_to(ANN), "the carrier has it")
    until(lambda: [line for line in house.audited() if line.get("fate") == "in doubt"], "it is in doubt")
    world.carrier.spoil = None
    config = house.folder / "house.yaml"
    shown = smsgate("outbox", "show", "--in-doubt", "-c", config)
    assert "in doubt" in shown.out
    house.move_clock("2026-06-11T12:00:00-04:00")
    time.sleep(1.5)  # as long as it takes to look three times; nothing must happen
    assert len(world.texts_to(ANN)) == 1
    id_ = shown.out.split()[0]
    assert smsgate("outbox", "retry", id_, "-c", config).status == 0
    until(lambda: len(world.texts_to(ANN)) == 2, "a person has said that the carrier hasn't got it")
    assert smsgate("outbox", "show", "-c", config).out.splitlines()[-1] == "none in doubt"
    assert "no attempt in doubt" in smsgate("outbox", "drop", id_, "-c", config).complaint
