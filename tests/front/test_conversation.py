"""What a recipient says is acted on before anybody is answered, and answered once. Each test runs on both stores."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from gateway.sandbox.phone import reply_form, signature
from tests.cli.program import smsgate
from tests.front.house import PUBLIC_URL, TOKEN, House
from tests.front.patience import until
from tests.front.world import World
from tests.twilio_client import ACCOUNT, client_for

ANN, BOB, SHOP, ALERTS = "+12125550100", "+12125550101", "+18335550100", "+18335550101"
OTHER = "+18335550199"
CREDENTIALS = f"    credentials: {{user: {ACCOUNT}, secret: {{file: token}}}}\n"
PROGRAMS = """programs:
  - {name: club, brand: Acme, senders: ["+18335550100"], category: marketing, contact: "help@example.com"}
  - {name: alerts, brand: Acme, senders: ["+18335550101"], category: transactional, called: appointment texts,
     replies: {taken: [CANCEL]}}
"""
GONE = "Acme: You are unsubscribed and will receive no more messages. Reply START to resubscribe."
ASKS = f"{GONE} Reply 1 to keep appointment texts."


@pytest.fixture
def house(tmp_path: Path, store: str, world: World) -> Iterator[House]:
    """The carrier answers nothing by itself there, so that the gateway does."""
    house = House(tmp_path, store, world.url, world.legacy)
    path = house.write_config()
    written = path.read_text().replace("    dialect: twilio\n", f"    dialect: twilio\n{CREDENTIALS}")
    before, _, after = written.replace("path: /in/twilio", "path: /in/twilio\n      answered_by: gateway").partition(
        "programs:\n"
    )
    path.write_text(before + PROGRAMS + after[after.index("classify:") :])
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def send(house: House, to: str, sender: str = SHOP, text: str = "Sale at Acme") -> str:
    try:
        return client_for(house.proxy).messages.create(to=to, from_=sender, body=text).sid or ""
    except TwilioRestException as error:
        return str(error.code)


def told(house: House, form: dict[str, str]) -> requests.Response:
    """A webhook as Twilio would call with it, and as it would again."""
    headers = {
        "X-Twilio-Signature": signature(PUBLIC_URL + "/in/twilio", form, TOKEN),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return requests.post(f"{house.public}/in/twilio", urlencode(form), headers=headers, timeout=10)


def answers(world: World, number: str, *texts: str) -> None:
    """These of ours, and no others, came to this handset."""
    ours = lambda: [text for text in world.texts_to(number) if not text.startswith("Sale")]  # noqa: E731
    assert until(lambda: (ours() == list(texts) and ours()) or None, "the answers") if texts else not ours()


def test_a_stop_is_confirmed_once_and_holds(house: House, world: World) -> None:
    form = reply_form(ANN, SHOP, "Stop texting me please")
    assert told(house, reply_form(ANN, SHOP, "STOP")).text == "<Response/>"
    assert told(house, form).ok
    answers(world, ANN, ASKS)
    assert send(house, ANN) == "21610"
    assert send(house, ANN, ALERTS, "Your appointment is at 5") == "21610"


def test_one_is_a_choice_only_while_it_is_asked_for(house: House, world: World) -> None:
    told(house, reply_form(ANN, ALERTS, "1"))
    told(house, reply_form(ANN, SHOP, "STOP"))
    answers(world, ANN, ASKS)
    told(house, reply_form(ANN, SHOP, "1"))
    assert send(house, ANN) == "21610"
    assert send(house, ANN, OTHER, "Your appointment is at 5") == "21610", "a sender of no program is not what was kept"
    assert send(house, ANN, ALERTS, "Your appointment is at 5").startswith("SM")


@pytest.mark.parametrize("text", ["STOP CLUB", "stop club"])
def test_a_stop_that_names_a_program_ends_that_one(house: House, world: World, text: str) -> None:
    told(house, reply_form(ANN, SHOP, text))
    assert send(house, ANN) == "21610"
    assert send(house, ANN, ALERTS, "Your appointment is at 5").startswith("SM")


def test_start_takes_back_a_stop_and_a_stop_that_is_told_again_then_changes_nothing(house: House, world: World) -> None:
    stop = reply_form(ANN, SHOP, "STOP")
    told(house, stop)
    assert send(house, ANN) == "21610"
    told(house, reply_form(ANN, SHOP, "START"))
    assert send(house, ANN).startswith("SM")
    assert told(house, stop).ok
    assert send(house, ANN).startswith("SM")
    shown = smsgate("consent", "show", ANN, "-c", house.folder / "house.yaml").out
    assert "by keyword" in shown


def test_start_is_confirmed_once(house: House, world: World) -> None:
    told(house, reply_form(ANN, SHOP, "STOP"))
    start = reply_form(ANN, SHOP, "START")
    for _ in range(2):
        assert told(house, start).text == "<Response/>"
    again = "Acme: You are subscribed again. Reply STOP to opt out, HELP for help. Msg & data rates may apply."
    assert until(lambda: again in world.texts_to(ANN), "the confirmation")
    assert world.texts_to(ANN).count(again) == 1


def test_a_word_that_the_program_has_taken_is_no_opt_out(house: House, world: World) -> None:
    told(house, reply_form(ANN, ALERTS, "CANCEL"))
    assert send(house, ANN, ALERTS, "Your appointment is at 5").startswith("SM")
    told(house, reply_form(ANN, SHOP, "CANCEL"))
    assert send(house, ANN) == "21610"


def test_help_tells_whose_texts_these_are_and_a_robot_is_not_answered_for_ever(house: House, world: World) -> None:
    for _ in range(6):
        told(house, reply_form(ANN, SHOP, "HELP"))
    answer = "Acme: For help: help@example.com. Reply STOP to opt out."
    answers(world, ANN, answer, answer, answer)


def test_what_the_legacy_system_would_answer_is_not_sent_where_we_answer(house: House, world: World) -> None:
    world.legacy_answers = "<Response><Message>You said HELP</Message></Response>"
    assert told(house, reply_form(ANN, SHOP, "HELP")).text == "<Response/>"
    assert told(house, reply_form(ANN, SHOP, "What time?")).text == world.legacy_answers


def test_texts_in_the_legacy_systems_answer_are_decided_like_any_others(house: House, world: World) -> None:
    told(house, reply_form(BOB, SHOP, "STOP"))
    world.legacy_answers = f'<Response><Message to="{BOB}">Ann is late</Message><Message>At 5</Message></Response>'
    answer = told(house, reply_form(ANN, SHOP, "What time?")).text
    assert BOB not in answer
    assert "<Message>At 5</Message>" in answer
    world.legacy_answers = "<Response><Redirect>/elsewhere</Redirect></Response>"
    assert told(house, reply_form(ANN, SHOP, "What time was it?")).text == "<Response/>"
    sent = [line for line in house.audited() if line.get("category") == "conversational"]
    assert [(line["decision"], line["fate"]) for line in sent] == [("block", "withheld"), ("send", "sent")]


def test_a_doubtful_reply_holds_advertising_until_it_is_judged(house: House, world: World) -> None:
    config = ("-c", house.folder / "house.yaml")
    told(house, reply_form(ANN, SHOP, "enough already"))
    assert send(house, ANN) not in {"21610", ""}
    assert not send(house, ANN).startswith("SM")
    assert send(house, ANN, ALERTS, "Your appointment is at 5").startswith("SM")
    [line] = smsgate("replies", "queue", *config).out.splitlines()
    assert "enough already" in line
    assert "2026-06-25" in line  # ten business days, with Juneteenth in them
    id_ = line.split()[0]
    assert smsgate("replies", "judge", id_, "other", *config).status == 0
    assert send(house, ANN).startswith("SM")
    assert send(house, BOB).startswith("SM")
    told(house, reply_form(BOB, SHOP, "enough already"))
    [line] = smsgate("replies", "queue", *config).out.splitlines()
    cases = house.folder / "cases.jsonl"
    smsgate("replies", "judge", line.split()[0], "opt_out", "--case", cases, *config)
    assert send(house, BOB) == "21610"
    shown = lambda: smsgate("suppress", "show", BOB, *config).out  # noqa: E731
    until(
        lambda: re.search("in answer to .*: 'Sale at Acme Reply STOP", shown()), "the line of that message is written"
    )
    assert cases.read_text() == '{"text":"enough already","intent":"opt_out"}\n'
    assert smsgate("replies", "queue", *config).out == "none waits for a verdict\n"
