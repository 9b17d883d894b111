"""The main job through Twilio's own SDK, our own processes, and a carrier that remembers what it was sent."""

from __future__ import annotations

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.front.house import NIGHT, House
from tests.front.world import World

ANN, BEN = "+12125550100", "+12125550101"
SHOP = "+18335550100"
INSTRUCTION = "Reply STOP to opt out"


def test_a_marketing_text_leaves_with_its_instruction(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert sent.sid.startswith("SM")
    assert world.texts_to(ANN) == [f"20% off today {INSTRUCTION}"]


def test_a_text_that_has_an_instruction_gets_no_second_one(twilio: Client, world: World) -> None:
    twilio.messages.create(to=ANN, from_=SHOP, body="20% off today. Reply STOP to end")
    assert world.texts_to(ANN) == ["20% off today. Reply STOP to end"]


def test_a_transactional_text_leaves_as_it_is(twilio: Client, world: World) -> None:
    twilio.messages.create(to=ANN, from_=SHOP, body="Your appointment is at 3")
    assert world.texts_to(ANN) == ["Your appointment is at 3"]


def test_what_was_sent_can_be_fetched_and_listed_through_the_gateway(twilio: Client) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert twilio.messages(sent.sid).fetch().body == f"20% off today {INSTRUCTION}"
    assert [message.sid for message in twilio.messages.list(to=ANN)] == [sent.sid]


def test_after_stop_nothing_more_is_sent(twilio: Client, world: World) -> None:
    assert world.reply(ANN, SHOP, "Stop").status_code == 200
    with pytest.raises(TwilioRestException, match="unsubscribed") as refused:
        twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert (refused.value.status, refused.value.code) == (400, 21610)
    assert world.texts_to(ANN) == []


def test_start_lifts_a_stop(twilio: Client, world: World) -> None:
    world.reply(ANN, SHOP, "STOP")
    world.reply(ANN, SHOP, "Start")
    twilio.messages.create(to=ANN, from_=SHOP, body="Welcome back. Reply STOP to end")
    assert world.texts_to(ANN) == ["Welcome back. Reply STOP to end"]


def test_a_stop_of_one_recipient_is_nobody_elses(twilio: Client, world: World) -> None:
    world.reply(ANN, SHOP, "STOP")
    twilio.messages.create(to=BEN, from_=SHOP, body="20% off today")
    assert len(world.texts_to(BEN)) == 1


def test_the_reply_is_told_on_signed_for_the_legacy_systems_own_address(house: House, world: World) -> None:
    world.reply(ANN, SHOP, "Stop")
    [told] = world.legacy_was_told
    assert told.form["Body"] == "Stop"
    assert told.signed


def test_a_webhook_that_nobody_signed_changes_nothing(house: House, twilio: Client, world: World) -> None:
    forged = requests.post(f"{house.public}/in/twilio", {"From": ANN, "To": SHOP, "Body": "STOP"}, timeout=10)
    assert forged.status_code == 403
    twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert len(world.texts_to(ANN)) == 1


@pytest.mark.parametrize(("house_at", "deferred"), [(NIGHT, "refuse")])
def test_at_night_the_refusal_names_the_morning_and_is_no_opt_out(twilio: Client, world: World) -> None:
    with pytest.raises(TwilioRestException, match="2026-06-11T12:00:00Z") as refused:
        twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    assert refused.value.status == 400
    assert refused.value.code != 21610
    assert world.texts_to(ANN) == []


def test_the_answer_says_what_was_decided(house: House, twilio: Client) -> None:
    answer = requests.post(
        f"{house.proxy}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json",
        {"To": ANN, "From": SHOP, "Body": "20% off today"},
        auth=("AC", "token"),
        timeout=10,
    )
    assert answer.status_code == 201
    assert answer.headers["X-Gateway-Decision"] == "rewrite"
    assert answer.headers["X-Gateway-Rule"].startswith("us-")
    assert len(answer.headers["X-Gateway-Message-Id"]) == 32


def test_a_kannel_text_that_is_deferred_is_judged_for_the_hour_at_which_it_will_leave(
    house: House, world: World
) -> None:
    sendsms = f"{house.proxy}/kannel/cgi-bin/sendsms?username=u&password=p&from=18335550100&to=12125550100&text=Sale"
    assert requests.get(f"{sendsms}&deferred=60", timeout=10).status_code == 202
    night = requests.get(f"{sendsms}&deferred=720", timeout=10)
    assert (night.status_code, night.text) == (202, "3: Queued for later delivery")
    assert night.headers["X-Gateway-Decision"] == "defer"
