"""What became of a message whose call was lost is asked of the carrier, on both stores; it is not sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from gateway.sandbox.faults import hung_up, unanswered
from tests.cli.program import smsgate
from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.test_outbox import ANN, MORNING, SHOP
from tests.front.world import World

SALE = "20% off today Reply STOP to opt out"


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    house = House(tmp_path, store, world.url, world.legacy, NIGHT)
    house.start()
    yield house
    house.stop()


async def not_taken(request: web.Request) -> web.StreamResponse | None:
    """A Fault: the carrier hangs up on what is sent to it, and has not got it."""
    return hung_up(request) if request.method == "POST" else None


def doubts(house: House) -> str:
    return smsgate("outbox", "show", "--in-doubt", "-c", house.folder / "house.yaml").out


def in_doubt(house: House, count: int) -> None:
    """Its hour comes, and its call is lost."""
    house.move_clock(MORNING)
    lines = until(
        lambda: (found := [line for line in house.audited() if line.get("fate") == "in doubt"])[count - 1 :] and found,
        "it is in doubt",
    )
    assert len(lines) == count


def minutes_later(house: House, minutes: float) -> None:
    """Attempts bear the time of the store's own clock."""
    house.move_clock((datetime.now(UTC) + timedelta(minutes=minutes)).isoformat())


def test_what_the_carrier_lists_is_settled_and_known_by_the_clients_id(house: House, world: World, twilio):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.carrier.spoil = unanswered
    in_doubt(house, 1)
    world.carrier.spoil = None
    assert "its carrier has not been asked yet" in doubts(house)
    assert twilio.messages(sent.sid).fetch().status == "sending"
    minutes_later(house, 6)
    fetched = until(lambda: (f := twilio.messages(sent.sid).fetch()).status != "sending" and f, "the carrier answers")
    assert (fetched.sid, fetched.status, fetched.body) == (sent.sid, "delivered", SALE)
    until(lambda: doubts(house) == "none in doubt\n", "it is settled")
    [ended] = [line for line in house.audited() if line["kind"] == "doubt-ended"]
    assert (ended["how"], ended["rule"]) == ("sent", "gateway/reconciled")
    assert ended["carrier_id"] == world.carrier.messages[0].sid
    assert world.texts_to(ANN) == [SALE]


def test_what_the_carrier_never_lists_stays_in_doubt_until_a_person_has_it_sent(house: House, world: World, twilio):
    sent = twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.carrier.fault = not_taken
    in_doubt(house, 1)
    world.carrier.fault = None
    minutes_later(house, 6)
    until(lambda: "the carrier doesn't list it yet" in doubts(house), "it was asked for the first time")
    minutes_later(house, 61)
    shown = until(lambda: "the carrier doesn't list it: " in (said := doubts(house)) and said, "it was asked again")
    assert (world.texts_to(ANN), shown.splitlines()[-1]) == ([], "1 in doubt")
    house.move_clock(MORNING)
    assert smsgate("outbox", "retry", shown.split()[0], "-c", house.folder / "house.yaml").status == 0
    assert until(lambda: world.texts_to(ANN), "it leaves") == [SALE]
    until(lambda: twilio.messages(sent.sid).fetch().status == "delivered", "the carrier answers")
    assert doubts(house) == "none in doubt\n"
    assert len(world.texts_to(ANN)) == 1


def test_of_two_that_are_alike_nobody_can_tell_which_one_the_carrier_has(house: House, world: World, twilio):
    for _ in range(2):
        twilio.messages.create(to=ANN, from_=SHOP, body="20% off today Text STOP to quit")

    async def one_is_taken(request: web.Request) -> web.StreamResponse | None:
        return await not_taken(request) if world.carrier.messages else None

    world.carrier.fault, world.carrier.spoil = one_is_taken, unanswered
    in_doubt(house, 2)
    world.carrier.fault = world.carrier.spoil = None
    minutes_later(house, 61)
    shown = until(lambda: (said := doubts(house)).count("messages like it") == 2 and said, "both are asked about")
    assert (len(world.texts_to(ANN)), shown.splitlines()[-1]) == (1, "2 in doubt")
