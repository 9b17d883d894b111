"""The stop-all switch, thrown from the command line beside a gateway that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.cli.program import smsgate
from tests.front.house import NOON, House
from tests.front.world import World

ANN, SHOP = "+12125550100", "+18335550100"


@pytest.fixture
def house(tmp_path: Path, store: str, world: World) -> Iterator[House]:
    house = House(tmp_path, store, world.url, world.legacy, NOON)
    house.start()
    yield house
    house.stop()


def program(house: House, *words: str) -> None:
    assert smsgate("program", *words, "-c", house.folder / "house.yaml").status == 0


@pytest.mark.parametrize("scope", ["club", "--all"])
def test_a_stopped_program_sends_nothing_from_the_next_message_on_until_it_is_resumed(
    house: House, twilio: Client, world: World, scope: str
) -> None:
    twilio.messages.create(to=ANN, from_=SHOP, body="Your appointment is at 3")
    program(house, "stop", scope, "--reason", "the wrong offer")
    with pytest.raises(TwilioRestException, match="stopped") as refused:
        twilio.messages.create(to=ANN, from_=SHOP, body="Your appointment is at 4")
    assert refused.value.code != 21610, "nobody opted out"
    program(house, "resume", scope)
    twilio.messages.create(to=ANN, from_=SHOP, body="Your appointment is at 5")
    assert world.texts_to(ANN) == ["Your appointment is at 3", "Your appointment is at 5"]
