"""A site with opt-out links: its policy, its programs, and how a recipient comes by a link."""

from __future__ import annotations

import re
from pathlib import Path

from tests.front.house import House
from tests.front.world import World
from tests.twilio_client import client_for

LINKS = "https://o.example.com"
ANN, BOB = "+12125550100", "+12125550101"
SHOP, BANK, AD = "+18335550100", "+18335550199", "+18335550155"
POLICY = """
policy: own
country: "*"
opt_out: {{ends: {ends}, cite: ours}}
rules:
  - id: instruct
    instruct: {{text: {{en: "Opt out: {{{{opt_out_link}}}}"}}}}
"""
PROGRAMS = f"""
programs:
  - {{name: club, brand: Acme <Club>, senders: ["{SHOP}"]}}
  - {{name: bank, brand: Acme Bank, senders: ["{BANK}"], language: de}}
  - {{name: ads, senders: ["{AD}"]}}
classify: []
policies: {{folder: own}}
links: {{url: {LINKS}}}
"""


def house_with_links(folder: Path, store: str, world: World, ends: str = "site") -> House:
    """It is written, and does not run yet."""
    house = House(folder, store, world.url, world.legacy)
    path = house.write_config()
    path.write_text(path.read_text().partition("programs:")[0] + PROGRAMS)
    (folder / "own").mkdir()
    (folder / "own" / "own.yaml").write_text(POLICY.format(ends=ends))
    return house


def texted(house: House, world: World, to: str = ANN, sender: str = SHOP) -> str:
    """The token of the link in a text that has just left."""
    client_for(house.proxy).messages.create(to=to, from_=sender, body="Sale")
    return token_in(world.texts_to(to)[-1])


def token_in(text: str) -> str:
    found = re.fullmatch(rf"Sale Opt out: {LINKS}/([0-9a-z]{{13}})", text)
    assert found, text
    return found[1]
