"""The drill proves each day that a STOP is honoured, and says so where it is not."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.cli.program import eventually, smsgate
from tests.front.house import PUBLIC_URL, House
from tests.front.world import World

HANDSET = "+12125550155"
OTHERS = """\
  - {{name: plivo, dialect: plivo, prefix: /plivo, url: {url}, webhook: {{path: /in/plivo, {known}}}}}
  - {{name: vonage, dialect: vonage, prefix: /vonage, url: {url}, webhook: {{path: /in/vonage, {known}}}}}
programs:
"""
DRILL = f'drill: {{number: "{HANDSET}", upstream: twilio}}\n'


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@pytest.fixture
def house(tmp_path: Path, store: str, world: World) -> Iterator[House]:
    """At its own addresses, since the drill finds them in the configuration."""
    house = House(tmp_path, store, world.url, world.legacy, datetime.now(UTC).isoformat())
    path = house.write_config()
    written = path.read_text()
    for listener in ("proxy", "public"):
        written = written.replace(f'{listener}: "127.0.0.1:0"', f'{listener}: "127.0.0.1:{free_port()}"')
    known = f"public_url: {PUBLIC_URL}, auth_token: {{file: {tmp_path}/token}}"
    path.write_text(written.replace("programs:\n", OTHERS.format(url=world.url, known=known)) + DRILL)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def drill(house: House):
    return smsgate("drill", "-c", house.folder / "house.yaml")


def standing(house: House) -> str:
    return smsgate("suppress", "show", HANDSET, "-c", house.folder / "house.yaml").out


def test_a_drill_proves_the_refusal_in_the_audit_and_leaves_all_as_it_was(house: House, world: World):
    ended = drill(house)
    assert (ended.status, ended.err) == (0, "")
    assert [line.split()[0] for line in ended.out.splitlines()] == ["good"] * 5
    assert "intent opt_out" in ended.out
    assert "block by gateway/suppressed" in ended.out
    assert standing(house) == "not suppressed\n"
    assert world.texts_to(HANDSET) == []
    passed = lambda: float(_metric(house)) > 0  # noqa: E731
    eventually(passed, "the metric tells of it")
    for carrier in ("plivo", "vonage"):
        assert another(house, carrier).status == 0, "and again another time, in another carrier's way"


def another(house: House, carrier: str):
    house.move_clock(datetime.now(UTC).isoformat())
    path = house.folder / "house.yaml"
    path.write_text(re.sub(r"upstream: \w+}", f"upstream: {carrier}}}", path.read_text()))
    return drill(house)


def _metric(house: House) -> str:
    lines = requests.get(f"{house.admin}/metrics", timeout=10).text.splitlines()
    name = "smsgate_drill_passed_timestamp_seconds "
    return next((line.removeprefix(name) for line in lines if line.startswith(name)), "0")


def test_a_stop_that_is_not_believed_is_told_and_nothing_is_sent(house: House, world: World):
    (house.folder / "token").write_text("another")  # the carrier's token was changed, and nobody restarted
    ended = drill(house)
    assert ended.status == 3
    assert "the webhook answered 403; the store has no opt-out: nothing is sent" in ended.out
    assert world.carrier.requests == []


def test_where_the_number_has_opted_out_already_nothing_can_be_proved(house: House, world: World):
    assert world.reply(HANDSET, "+18335550100", "STOP").ok
    before = standing(house)
    ended = drill(house)
    assert ended.status == 3
    assert "has opted out already" in ended.out
    assert standing(house) == before


def test_without_a_gateway_there_is_no_drill(house: House):
    house.stop()
    ended = drill(house)
    assert ended.status == 1
    assert "does `smsgate serve` run?" in ended.complaint
