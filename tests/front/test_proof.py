"""What a court would ask for, of a gateway that is running, on either store."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.cli.program import Ended, smsgate
from tests.front.house import House
from tests.front.world import World
from tests.twilio_client import client_for

ANN, BOB, SHOP = "+12125550141", "+12125550142", "+18335550100"
WORDING = 'Yes, text me <b>offers</b> & "deals"'


def consent(house: House, *words: str | Path) -> Ended:
    return smsgate("consent", *words, "-c", house.folder / "house.yaml")


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    house = House(tmp_path, store, world.url)
    house.start()
    world.webhook = f"{house.public}/in/twilio"
    yield house
    house.stop()


def test_a_proof_holds_each_entry_each_decision_and_each_reply_and_can_be_checked(house, world, tmp_path):
    given = ["--kind", "express-written", "--at", "2026-01-02", "--program", "club", "--wording", WORDING]
    shown = ["--url", "https://example.com/join", "--ip", "192.0.2.7", "--user-agent", "Mozilla/5.0"]
    assert consent(house, "add", ANN, *given, *shown).status == 0
    twilio = client_for(house.proxy)
    twilio.messages.create(to=ANN, from_=SHOP, body="20% off today")
    world.reply(ANN, SHOP, "<STOP>")
    with pytest.raises(TwilioRestException):
        twilio.messages.create(to=ANN, from_=SHOP, body="21% off today")
    both = {"username": "u", "password": "p", "from": SHOP, "to": f"{ANN} {BOB}", "text": "Your code is 12345"}
    requests.get(f"{house.proxy}/kannel/cgi-bin/sendsms", params=both, timeout=20)
    assert consent(house, "withdraw", ANN, "--program", "club", "--words", "asked by phone").status == 0
    house.audited()

    folder = tmp_path / "proof"
    made = consent(house, "proof", ANN, "-o", folder)
    assert made.status == 0, made.err
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == dict.fromkeys(
        ["proof.html", "proof.json", "SHA256SUMS"], 0o600
    )
    assert (
        subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=folder, check=False, capture_output=True).returncode == 0
    )

    told = json.loads((folder / "proof.json").read_text())
    assert [entry["happened"] for entry in told["ledger"]] == ["given", "withdrawn"]
    assert told["ledger"][0]["what"]["wording"] == WORDING
    assert told["ledger"][0]["evidence"]["ip"] == "192.0.2.7"
    assert told["counting"] == []
    kinds = [line["clear"]["kind"] for line in told["record"]]
    assert sorted(kinds) == sorted(["agreed", "message", "suppressed", "heard", "message", "message", "withdrew"])
    [stands] = told["suppressions"]
    sent = next(line for line in told["record"] if line["clear"]["kind"] == "message")
    assert stands["answers"]["message"] == sent["clear"]["message"]
    assert stands["answers"]["at"] == "2026-06-10T16:00:00Z"
    for command in ("suppress", "consent"):
        shown = smsgate(house, command, "show", ANN).stdout
        answered = f"    in answer to {sent['clear']['message']} of 2026-06-10 16:00:00 UTC: "
        assert answered + repr(sent["private"]["left"]) in shown
    decisions = [line["clear"]["decision"] for line in told["record"] if line["clear"]["kind"] == "message"]
    assert decisions == ["rewrite", "block", "block"]
    [heard] = [line["private"]["text"] for line in told["record"] if line["clear"]["kind"] == "heard"]
    assert heard == "<STOP>"
    for line in told["record"]:
        hashed, _, _ = line["recorded"].rpartition(',"hash":"')
        assert sha256(hashed.encode()).hexdigest() == line["clear"]["hash"]
        recorded = (house.folder / "data" / "audit" / line["file"]).read_text().splitlines()
        assert recorded[line["line"] - 1] == line["recorded"]
    assert {chain["chain"] for chain in told["chains"]} >= {line["file"].partition("-")[0] for line in told["record"]}

    page = (folder / "proof.html").read_text()
    assert f"in answer to {sent['clear']['message']}" in page
    assert page.count("20% off today") > 1, "beside the opt-out, and where it happened"
    for words in ("Yes, text me &lt;b&gt;offers&lt;/b&gt;", "&lt;STOP&gt;", "21% off today", "asked by phone"):
        assert words in page
    for content in (page, (folder / "proof.json").read_text()):
        assert BOB[1:] not in content, "who else was written to is nobody's business here"

    again = consent(house, "proof", ANN, "-o", folder)
    assert (again.status, "is there already" in again.err) == (1, True)


def test_of_a_stranger_there_is_nothing_to_prove(house, tmp_path):
    made = consent(house, "proof", BOB, "-o", tmp_path / "proof")
    assert made.out.endswith("0 entries of the ledger, 0 lines of the record\n")
    assert "Nothing was ever recorded" in (tmp_path / "proof" / "proof.html").read_text()
