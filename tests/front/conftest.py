"""A running gateway with a world around it. Each test has numbers of its own, so that one process serves many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twilio.rest import Client

from tests.front.carriers import Carriers, running
from tests.front.house import NOON, House
from tests.front.world import World
from tests.twilio_client import client_for


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.start()
    yield world
    world.stop()


@pytest.fixture
def house_at() -> str:
    """The instant at which the gateway's clock stands."""
    return NOON


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    """What stands in the configuration for it."""
    if request.param == "sqlite":
        return "sqlite"
    return f'{{redis: "{request.getfixturevalue("redis_url")}"}}'


@pytest.fixture
def deferred() -> str:
    """What the Twilio upstream does with what may leave later only."""
    return "hold"


@pytest.fixture
def house(tmp_path: Path, world: World, house_at: str, deferred: str) -> Iterator[House]:
    house = House(tmp_path, "sqlite", world.url, world.legacy, house_at, deferred=deferred)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


@pytest.fixture
def twilio(house: House) -> Client:
    return client_for(house.proxy)


@pytest.fixture(scope="module")
def started_carriers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carriers]:
    with running(tmp_path_factory.mktemp("carriers")) as carriers:
        yield carriers


@pytest.fixture
def carriers(started_carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> Carriers:
    """One house for all tests of a module, which clients trust."""
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(variable, str(started_carriers.certificate))
    started_carriers.forget()
    return started_carriers
