"""Twilio's own SDK works against the sandbox as it does against Twilio."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path

import orjson
import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.front.world import World

ANN, BEN, SHOP = "+12125550100", "+12125550101", "+18335550100"
SERVICE = "MG" + "3" * 32
LATER = datetime(2026, 12, 1, 9, tzinfo=UTC)
CAPTURES = Path(__file__).parents[1] / "captures"


def test_a_message_is_taken_and_reaches_its_handset(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="Bonjour Zoë 👋")
    assert re.fullmatch(r"SM[0-9a-f]{32}", sent.sid)
    assert (sent.status, sent.to, sent.from_, sent.num_segments) == ("queued", ANN, SHOP, "1")
    assert sent.date_created is not None
    assert world.texts_to(ANN) == ["Bonjour Zoë 👋"]
    assert world.texts_to(BEN) == []


def test_its_resource_has_the_keys_and_kinds_of_twilios_own(world: World) -> None:
    captured = orjson.loads((CAPTURES / "twilio-gsm.response.http").read_bytes().partition(b"\r\n\r\n")[2])
    url = f"{world.url}/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
    answer = requests.post(url, {"To": ANN, "From": SHOP, "Body": captured["body"]}, auth=("AC", "x"), timeout=10)
    ours = answer.json()
    assert answer.status_code == 201
    assert {key: type(value) for key, value in ours.items()} == {key: type(value) for key, value in captured.items()}
    assert ours["num_segments"] == captured["num_segments"]
    assert ours["uri"] == captured["uri"].replace(captured["sid"], ours["sid"])


def test_once_delivered_it_is_fetched_as_delivered(twilio: Client) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="x" * 161)
    fetched = twilio.messages(sent.sid).fetch()
    assert (fetched.status, fetched.num_segments, fetched.body) == ("delivered", "2", "x" * 161)
    assert fetched.date_sent is not None


def test_lists_are_filtered_and_the_newest_comes_first(twilio: Client) -> None:
    first = twilio.messages.create(to=ANN, from_=SHOP, body="one")
    twilio.messages.create(to=BEN, from_=SHOP, body="two")
    third = twilio.messages.create(to=ANN, from_="+18335550199", body="three")
    assert [each.sid for each in twilio.messages.list(to=ANN)] == [third.sid, first.sid]
    assert [each.sid for each in twilio.messages.list(to=ANN, from_=SHOP)] == [first.sid]
    assert len(twilio.messages.list()) == 3


def test_pages_hold_everything_once_also_while_new_messages_come(twilio: Client) -> None:
    sids = [twilio.messages.create(to=ANN, from_=SHOP, body=str(n)).sid for n in range(5)]
    twilio.messages.create(to=BEN, from_=SHOP, body="somebody else's")
    pages = twilio.messages.page(to=ANN, page_size=2)
    shown = [each.sid for each in pages]
    twilio.messages.create(to=ANN, from_=SHOP, body="new")
    while (pages := pages.next_page()) is not None:
        shown += [each.sid for each in pages]
    assert shown == sids[::-1]


@pytest.mark.parametrize(
    ("situation", "sent", "status", "code"),
    [
        ("no recipient", {"to": "", "from_": SHOP, "body": "hi"}, 400, 21604),
        ("no number", {"to": "ANN", "from_": SHOP, "body": "hi"}, 400, 21211),
        ("too short a number", {"to": "+1202", "from_": SHOP, "body": "hi"}, 400, 21211),
        ("no sender", {"to": ANN, "body": "hi"}, 400, 21603),
        ("nothing to say", {"to": ANN, "from_": SHOP}, 400, 21602),
        ("too much to say", {"to": ANN, "from_": SHOP, "body": "x" * 1601}, 400, 21617),
    ],
)
def test_what_makes_no_sense_is_refused_in_twilios_words(
    twilio: Client, world: World, situation: str, sent: dict[str, str], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(**sent)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert world.carrier.messages == []


@pytest.mark.parametrize("path", ["Messages/SM" + "0" * 32, "Calls", "Messages/SM1/Feedback"])
def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    url = f"{world.url}/2010-04-01/Accounts/AC{'0' * 32}/{path}.json"
    answer = requests.get(url, auth=("AC", "x"), timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_another_accounts_message_is_not_found(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="hi")
    url = f"{world.url}/2010-04-01/Accounts/AC{'1' * 32}/Messages/{sent.sid}.json"
    assert requests.get(url, auth=("AC", "x"), timeout=10).status_code == 404


def test_a_scheduled_message_waits_and_can_be_canceled(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(
        to=ANN, messaging_service_sid=SERVICE, body="later", send_at=LATER, schedule_type="fixed"
    )
    assert (sent.status, sent.from_, sent.num_segments) == ("scheduled", None, "0")
    assert world.texts_to(ANN) == []
    assert twilio.messages(sent.sid).update(status="canceled").status == "canceled"
    assert world.texts_to(ANN) == []


def test_what_has_left_cannot_be_canceled(twilio: Client) -> None:
    sent = twilio.messages.create(to=ANN, messaging_service_sid=SERVICE, body="now")
    assert sent.status == "accepted"
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages(sent.sid).update(status="canceled")
    assert refused.value.code == 30409


def test_a_body_can_be_redacted_but_not_changed_and_the_handset_keeps_it(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="secret")
    with pytest.raises(TwilioRestException):
        twilio.messages(sent.sid).update(body="another")
    assert twilio.messages(sent.sid).update(body="").body == ""
    assert world.texts_to(ANN) == ["secret"]


def test_a_deleted_message_is_gone_from_the_api_but_not_from_the_handset(twilio: Client, world: World) -> None:
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="hi")
    assert twilio.messages(sent.sid).delete()
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages(sent.sid).fetch()
    assert refused.value.status == 404
    assert twilio.messages.list() == []
    assert world.texts_to(ANN) == ["hi"]


def test_media_are_listed(twilio: Client) -> None:
    urls = ["https://example.com/a.jpg", "https://example.com/b.jpg"]
    sent = twilio.messages.create(to=ANN, from_=SHOP, media_url=urls)
    assert sent.num_media == "2"
    assert [media.parent_sid for media in twilio.messages(sent.sid).media.list()] == [sent.sid] * 2


def test_requests_are_kept_byte_for_byte(world: World) -> None:
    target = "/2010-04-01/Accounts/AC0/Messages.json?A=%7e&b=a%20b"
    connection = HTTPConnection(world.url.removeprefix("http://"), timeout=10)
    connection.request("POST", target, b"To=%2b12125550100&x=+", {"X-oDD": "1", "Z": "2"})
    connection.getresponse().read()
    connection.close()
    [kept] = world.carrier.requests
    assert (kept.method, kept.target, kept.body) == (b"POST", target.encode(), b"To=%2b12125550100&x=+")
    assert [name for name, _ in kept.headers if name in {b"X-oDD", b"Z"}] == [b"X-oDD", b"Z"]
