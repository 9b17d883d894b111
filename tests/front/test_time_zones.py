"""A country changes its clocks while messages wait: what counts is the data of the hour at which they would leave."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import tzdata

from tests.cli.program import smsgate
from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.world import World
from tests.twilio_client import client_for

ANN, SHOP = "+12125550100", "+18335550100"
LEFT = ["20% off today Reply STOP to opt out"]
EIGHT = "2026-06-11T12:00:00+00:00"  # in New York, as it was
EIGHT_ANEW = "2026-06-11T16:00:00+00:00"  # there, once it goes by Alaska's clock


def newer(folder: Path) -> Path:
    """A `tzdata` in which New York has gone over to Alaska's time: four hours behind its own."""
    package = folder / "tzdata"
    shutil.copytree(Path(tzdata.__file__).parent, package)
    zones = package / "zoneinfo" / "America"
    shutil.copy(zones / "Anchorage", zones / "New_York")
    about = package / "__init__.py"
    about.write_text(about.read_text().replace(tzdata.IANA_VERSION, "2027z"))
    return folder


def zones_of(house: House) -> str:
    parts = requests.get(f"{house.admin}/readyz", timeout=10).json()["parts"]
    return next(part["why"] for part in parts if part["name"] == "time zones")


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    house = House(tmp_path, store, world.url, world.legacy, NIGHT)
    house.start()
    yield house
    house.stop()


def test_a_message_that_waits_is_put_back_where_newer_data_say_that_it_is_still_night(
    house: House, world: World, tmp_path: Path
):
    client_for(house.proxy).messages.create(to=ANN, from_=SHOP, body="20% off today")
    house.stop()
    house.env = {"PYTHONPATH": os.pathsep.join([str(newer(tmp_path / "newer")), os.environ.get("PYTHONPATH", "")])}
    house.move_clock(EIGHT)
    house.start()
    assert zones_of(house) == "tzdata 2027z"
    shown = ("outbox", "show", "-c", house.folder / "house.yaml")
    until(lambda: "2026-06-11 16:00" in smsgate(*shown).out, "it is put back")
    assert world.texts_to(ANN) == []
    house.move_clock(EIGHT_ANEW)
    assert until(lambda: world.texts_to(ANN), "it leaves") == LEFT


def test_a_process_goes_on_by_the_data_that_it_began_with_and_readiness_says_that_newer_are_there(
    world: World, tmp_path: Path
):
    folder = newer(tmp_path / "package")
    about = folder / "tzdata" / "__init__.py"
    house = House(tmp_path, "sqlite", world.url, world.legacy, NIGHT)
    house.env = {"PYTHONPATH": os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])}
    house.start()
    try:
        about.write_text(about.read_text().replace("2027z", "2028a"))
        assert zones_of(house) == "tzdata 2027z; 2028a is installed: restart to go by it"
    finally:
        house.stop()
