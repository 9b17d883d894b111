"""What the gateway itself tells a recipient leaves once, as soon as it may, though whoever said it is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import smsgate
from tests.front.house import NIGHT, House
from tests.front.patience import until
from tests.front.world import World
from tests.twilio_client import ACCOUNT

ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
GONE = "You are unsubscribed and will get no more messages."
CREDENTIALS = f"    credentials: {{user: {ACCOUNT}, secret: {{file: token}}}}\n"


@pytest.fixture
def house(tmp_path: Path, store: str, world: World) -> Iterator[House]:
    """It is written, and does not run yet."""
    house = House(tmp_path, store, world.url, world.legacy, NIGHT)
    path = house.write_config()
    written = path.read_text().replace("    dialect: twilio\n", f"    dialect: twilio\n{CREDENTIALS}")
    kannel = "prefix: /kannel, credentials: {user: tester, secret: {file: token}}"
    path.write_text(written.replace("prefix: /kannel", kannel))
    yield house
    house.stop()


def said(house: House, *texts: tuple[str, str, str, str, str]) -> None:
    """Each: key, upstream, category, recipient, text. They are acknowledged, and who said them is killed."""
    command = [sys.executable, "-m", "tests.front.says", str(house.folder / "house.yaml"), NIGHT]
    folder = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdin
        assert process.stdout
        for key, upstream, category, to, text in texts:
            process.stdin.write(json.dumps([key, upstream, category, SHOP, to, text]) + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "said\n"
        process.kill()


def nothing_waits(house: House) -> None:
    shown = ["none in doubt"]
    until(lambda: smsgate("outbox", "show", "-c", house.folder / "house.yaml").out.splitlines() == shown, "all is over")


@pytest.mark.parametrize("upstream", ["twilio", "kannel"])
def test_a_confirmation_leaves_once_though_it_is_said_again(house: House, world: World, upstream: str):
    confirmation = ("SM1/confirmation", upstream, "optout_confirmation", ANN, GONE)
    said(house, confirmation, confirmation)
    house.start()
    assert until(lambda: world.texts_to(ANN), "it leaves") == [GONE]
    nothing_waits(house)
    said(house, confirmation, ("SM2/confirmation", upstream, "optout_confirmation", BOB, GONE))
    assert until(lambda: world.texts_to(BOB), "the other leaves") == [GONE]
    nothing_waits(house)
    assert world.texts_to(ANN) == [GONE]


def test_who_has_opted_out_gets_the_confirmation_and_no_advertising(house: House, world: World):
    smsgate("suppress", "add", ANN, "-c", house.folder / "house.yaml")
    said(
        house,
        ("SM3/offer", "twilio", "marketing", ANN, "Sale"),
        ("SM3/confirmation", "twilio", "optout_confirmation", ANN, GONE),
    )
    house.start()
    nothing_waits(house)
    assert world.texts_to(ANN) == [GONE]
    fates = {line["category"]: (line["fate"], line["rule"]) for line in house.audited() if line["kind"] == "message"}
    assert fates["marketing"] == ("dropped", "gateway/suppressed")
    assert fates["optout_confirmation"][0] == "sent"


def test_a_text_that_came_too_late_is_dropped_on_record(house: House, world: World):
    said(house, ("SM4/confirmation", "twilio", "optout_confirmation", ANN, GONE))
    house.at = "2026-06-10T23:35:00-04:00"
    house.start()
    nothing_waits(house)
    assert world.texts_to(ANN) == []
    assert [line["fate"] for line in house.audited() if line["kind"] == "message"] == ["dropped"]
