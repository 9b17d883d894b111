"""A CRM is told of each opt-out, opt-in and consent, whichever door it came through. Each test runs on both stores."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from gateway.doors.tokens import minted
from tests.cli.program import smsgate
from tests.front.crm import Crm
from tests.front.house import House
from tests.front.patience import until
from tests.front.world import World

ANN, BOB, SHOP = "+12125550100", "+12125550144", "+18335550100"
OLD, NEW = ("whsec_" + b64encode(bytes([each]) * 32).decode() for each in (1, 2))
BEARER, HASH = minted("crm")


@pytest.fixture
def crm() -> Iterator[Crm]:
    crm = Crm(NEW)
    yield crm
    crm.close()


@pytest.fixture
def house(tmp_path: Path, store: str, world: World, crm: Crm) -> Iterator[House]:
    """Its clock is near the real one: signatures that are older than five minutes are not believed."""
    house = House(tmp_path, store, world.url, world.legacy, datetime.now(UTC).isoformat())
    with house.write_config().open("a") as config:
        config.write(f"api: {{tokens: [{{name: crm, scopes: ['suppression:write'], hash: '{HASH}'}}]}}\n")
        config.write(f"events: [{{url: '{crm.url}', secret: [{{file: new}}, {{file: old}}]}}]\n")
    (tmp_path / "old").write_text(OLD)
    (tmp_path / "new").write_text(NEW)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def stop(house: House, world: World) -> None:
    assert world.reply(BOB, SHOP, "STOP").status_code == 200


def soon(house: House) -> None:
    """Commands have a clock of their own, which has gone on."""
    house.move_clock((datetime.now(UTC) + timedelta(minutes=1)).isoformat())


def command(house: House, world: World) -> None:
    assert smsgate("suppress", "add", BOB, "-c", house.folder / "house.yaml").status == 0
    soon(house)


def call(house: House, world: World) -> None:
    bearer = {"Authorization": f"Bearer {BEARER}"}
    told = requests.post(f"{house.admin}/v1/suppressions", json={"number": BOB}, headers=bearer, timeout=10)
    assert told.status_code == 201


@pytest.mark.parametrize(
    ("said", "source"), [(stop, "keyword"), (command, "operator"), (call, "token:crm")], ids=["reply", "command", "API"]
)
def test_an_opt_out_is_told_from_every_door(
    house: House, world: World, crm: Crm, said: Callable[[House, World], None], source: str
):
    said(house, world)
    [event] = until(lambda: crm.of(BOB), "it is told")
    data = event["data"] | {"at": ""}
    assert event["type"] == "suppression.added"
    assert data == {"number": BOB, "kind": "opt-out", "scope": "all", "program": None, "source": source, "at": ""}


def test_start_and_its_consent_are_told_and_what_changes_nothing_is_not(house: House, world: World, crm: Crm):
    for text in ("STOP", "STOP", "START"):
        assert world.reply(BOB, SHOP, text).status_code == 200
    config = ("-c", house.folder / "house.yaml")
    assert smsgate("consent", "withdraw", BOB, "--program", "club", *config).status == 0
    soon(house)
    until(lambda: len(crm.of(BOB)) == 4, "all of them are told")
    assert sorted(event["type"] for event in crm.of(BOB)) == [
        "consent.given",
        "consent.withdrawn",
        "suppression.added",
        "suppression.lifted",
    ]
    given = next(event["data"] for event in crm.of(BOB) if event["type"] == "consent.given")
    assert (given["program"], given["kind"], given["method"]) == ("club", "express", "keyword")


def test_while_secrets_are_rotated_each_of_them_signs(house: House, world: World, crm: Crm):
    stop(house, world)
    until(lambda: crm.of(BOB), "it is told")
    assert all(len(each.split()) == 2 for each in crm.signatures)
    other = Crm(OLD)
    written = (house.folder / "house.yaml").read_text().replace(crm.url, other.url)
    (house.folder / "house.yaml").write_text(written)
    house.stop()
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    assert world.reply(BOB, SHOP, "START").status_code == 200
    until(lambda: other.of(BOB), "the old secret is good for it, too")
    other.close()


@pytest.mark.parametrize("killed", [False, True])
def test_a_crm_that_is_down_is_told_under_the_same_id_until_it_takes_it(
    house: House, world: World, crm: Crm, killed: bool
):
    crm.status = 404  # somebody is still setting it up
    stop(house, world)
    counted = 'smsgate_calls_total{end="put off",upstream="events"}'
    until(lambda: counted in requests.get(f"{house.admin}/metrics", timeout=10).text, "it is put off")
    if killed:
        house.kill()
        house.start()
    crm.status = 200
    soon(house)
    [_] = until(lambda: crm.of(BOB), "it is told")
    shown = lambda: smsgate("outbox", "show", "-c", house.folder / "house.yaml").out  # noqa: E731
    until(lambda: shown() == "none in doubt\n", "nothing is owed any more")
    assert len(crm.of(BOB)) == 1
    tried = [id_ for id_ in crm.tries if crm.tries.count(id_) > 1]
    assert tried


def test_a_crm_that_says_it_is_gone_is_told_no_more_and_that_is_on_record(house: House, world: World, crm: Crm):
    crm.status = 410
    stop(house, world)
    given_up = lambda: [line for line in house.audited() if line["kind"] == "call-given-up"]  # noqa: E731
    line = until(given_up, "it is given up")[0]
    assert (line["lane"], line["status"]) == (f"calls:events:{crm.url.split('/')[2]}", 410)
    assert BOB not in str(house.audited())
