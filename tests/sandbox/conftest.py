"""The sandbox carrier on a port: in a thread for Twilio's SDK, which blocks; in the test's loop for the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from aiohttp import web
from twilio.rest import Client

from gateway.sandbox.carrier import Carrier
from gateway.sandbox.server import Sandbox
from tests.front.world import World
from tests.twilio_client import client_for

NOW = datetime(2026, 6, 9, 14, 0, tzinfo=UTC)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.start()
    yield world
    world.stop()


@pytest.fixture
def twilio(world: World) -> Client:
    return client_for(world.url)


@pytest.fixture
def carrier() -> Carrier:
    return Carrier(lambda: NOW)


@pytest.fixture
async def port(carrier: Carrier) -> AsyncIterator[int]:
    """Where that carrier listens."""
    runner = web.AppRunner(Sandbox(carrier).app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()
