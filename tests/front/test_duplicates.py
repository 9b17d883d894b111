"""A client that gets no answer in time sends again: what waits already waits once, on either store."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from twilio.rest import Client

from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.test_outbox import ANN, BOB, MORNING, SHOP
from tests.front.world import World
from tests.twilio_client import client_for

LEAVES = "20% off today Reply STOP to opt out"


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    house = House(tmp_path, store, world.url, world.legacy, NIGHT, duplicates_within="10 minutes")
    house.start()
    yield house
    house.stop()


@pytest.fixture
def twilio(house: House) -> Client:
    return client_for(house.proxy)


def create(twilio: Client, text: str = "20% off today", to: str = ANN) -> str:
    return str(twilio.messages.create(to=to, from_=SHOP, body=text).sid)


def let_the_window_pass(house: House) -> None:
    """In the store, whose clock goes on by itself."""
    if house.store == "sqlite":
        with closing(sqlite3.connect(house.folder / "data" / "store.sqlite")) as db:
            db.execute("UPDATE twins SET ends = 1")
            db.commit()
        return
    with redis.Redis.from_url(house.store.split('"')[1]) as server:
        for key in server.scan_iter("sg:*:twin:*"):
            server.pexpire(key, 1)
            until(lambda key=key: not server.exists(key), "it expires")


def test_the_same_text_twice_is_one_message_with_one_sid(house: House, world: World, twilio: Client):
    first, again = create(twilio), create(twilio)
    assert first == again
    assert twilio.messages(first).fetch().status == "queued"
    [dropped] = [line for line in house.audited() if line["kind"] == "dropped"]
    assert dropped["why"] == f"duplicate of {first}"
    house.move_clock(MORNING)
    until(lambda: world.texts_to(ANN), "it leaves")
    other = create(twilio, to=BOB)
    until(lambda: world.texts_to(BOB), "what is sent later leaves, too")
    assert other != first
    assert world.texts_to(ANN) == [LEAVES]


def test_after_the_window_and_with_another_text_it_is_another_message(house: House, world: World, twilio: Client):
    first, other, third = create(twilio), create(twilio, "30% off today"), create(twilio, to=BOB)
    let_the_window_pass(house)
    later = create(twilio)
    assert len({first, other, third, later}) == 4
    house.move_clock(MORNING)
    assert until(lambda: len(world.texts_to(ANN)) == 3 and world.texts_to(ANN), "all leave").count(LEAVES) == 2


def test_one_that_was_canceled_can_be_sent_again(house: House, world: World, twilio: Client):
    first = create(twilio)
    assert twilio.messages(first).update(status="canceled").status == "canceled"
    assert create(twilio) != first
    house.move_clock(MORNING)
    assert until(lambda: world.texts_to(ANN), "the second leaves") == [LEAVES]
