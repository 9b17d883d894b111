"""Policies are saved while messages flow: each message is decided by one set, whole, and none is lost."""

from __future__ import annotations

import os
import random
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gateway.editions import put_back
from tests.cli.program import smsgate
from tests.front.house import POLICIES, House
from tests.front.world import World

ANN = "+12125550100"
PATIENCE = 20.0  # seconds; nothing depends on how long it really takes


def marked(mark: int) -> dict[str, bytes]:
    """Two policies that belong together: both must carry the same mark."""
    first = f'policy: first\ncountry: US\nrules: [{{id: mark, label: {{prefix: "[{mark}] "}}}}]\n'
    second = f'policy: second\ncountry: US\nrules: [{{id: mark, label: {{suffix: " [{mark}]"}}}}]\n'
    return {"first.yaml": first.encode(), "second.yaml": second.encode()}


def broken(mark: int) -> dict[str, bytes]:
    """Half of it is good; the other half has one wrong line."""
    return {**marked(mark), "second.yaml": b"policy: second\ncountry: US\nrules: [{id: mark, labell: {suffix: x}}]\n"}


@pytest.fixture
def house(tmp_path: Path, world: World) -> Iterator[House]:
    folder = tmp_path / "policies"
    folder.mkdir()
    shutil.copy(POLICIES / "world.yaml", folder)
    house = House(tmp_path / "site", "sqlite", world.url, world.legacy, policies=folder)
    house.policies = folder
    save(house, marked(0))
    house.start()
    yield house
    house.stop()


def save(house: House, files: dict[str, bytes]) -> None:
    put_back({"world.yaml": (house.policies / "world.yaml").read_bytes(), **files}, house.policies)


def policies_part(house: House) -> str:
    parts = requests.get(f"{house.admin}/readyz", timeout=10).json()["parts"]
    return next(part["why"] for part in parts if part["name"] == "policies")


def until(house: House, words: str) -> str:
    """What readiness says of the policies, once it says that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if words in (said := policies_part(house)):
            return said
        time.sleep(0.05)
    raise AssertionError(f"never: {words}; but {policies_part(house)}")


def metrics(house: House) -> str:
    return requests.get(f"{house.admin}/metrics", timeout=10).text


class Sending(threading.Thread):
    """A legacy system that sends and sends."""

    def __init__(self, proxy: str) -> None:
        super().__init__(daemon=True)
        self.url = f"{proxy}/kannel/cgi-bin/sendsms"
        self.answers: list[int] = []
        self.ended = threading.Event()

    def run(self) -> None:
        asked = {"username": "u", "password": "p", "from": "12345", "to": ANN, "text": "Your appointment is at 5"}
        with requests.Session() as session:
            while not self.ended.is_set():
                self.answers.append(session.get(self.url, params=asked, timeout=20).status_code)


def saved_under_load(house: House, world: World, saves: int, seed: int) -> None:
    """Half of the saves are broken, in any order and at any pace; what left is told by the carrier."""
    chance = random.Random(seed)
    sending = Sending(house.proxy)
    sending.start()
    for mark in range(1, saves):
        save(house, (broken if chance.random() < 0.5 else marked)(mark))
        if chance.random() < 0.2:
            until(house, "NOT in force" if b"labell" in (house.policies / "second.yaml").read_bytes() else "revision")
    save(house, marked(saves))
    before = len(sending.answers)
    while f"[{saves}]" not in world.texts_to(ANN)[-1] or len(sending.answers) == before:
        assert sending.is_alive()
    sending.ended.set()
    sending.join(PATIENCE)
    texts = world.texts_to(ANN)
    assert set(sending.answers) == {202}
    assert len(texts) == len(sending.answers)
    for text in texts:
        assert re.fullmatch(r"\[(\d+)\] Your appointment is at 5 \[\1\]", text), text


def test_saves_under_load_mix_nothing_and_lose_nothing(house: House, world: World):
    saved_under_load(house, world, saves=12, seed=1)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(int(os.environ.get("ROUNDS", "1"))))
def test_two_hundred_saves_under_load_mix_nothing_and_lose_nothing(house: House, world: World, seed: int):
    saved_under_load(house, world, saves=200, seed=seed)


def test_a_broken_save_keeps_what_was_in_force_and_says_where_it_is_wrong(house: House):
    before = policies_part(house)
    save(house, broken(1))
    said = until(house, "NOT in force")
    assert said.startswith(before)
    assert "second.yaml:3:20: unknown key `labell`; did you mean `label`?" in said
    assert re.search(r"^smsgate_policies_broken(\{[^}]*\})? 1", metrics(house), re.MULTILINE)
    assert requests.get(f"{house.admin}/readyz", timeout=10).status_code == 200
    save(house, marked(2))
    end = time.monotonic() + PATIENCE
    while "NOT in force" in policies_part(house) and time.monotonic() < end:
        time.sleep(0.05)
    assert policies_part(house) not in {before, said}


def test_a_set_can_be_put_back_and_the_record_names_the_set_of_each_decision(house: House, world: World):
    config = house.folder / "house.yaml"
    first = policies_part(house).removeprefix("revision ")
    send = {"username": "u", "password": "p", "from": "12345", "to": ANN, "text": "Your appointment is at 5"}
    requests.get(f"{house.proxy}/kannel/cgi-bin/sendsms", params=send, timeout=20)
    save(house, marked(7))
    end = time.monotonic() + PATIENCE
    while first in policies_part(house) and time.monotonic() < end:
        time.sleep(0.05)
    second = policies_part(house).removeprefix("revision ")
    requests.get(f"{house.proxy}/kannel/cgi-bin/sendsms", params=send, timeout=20)
    listed = smsgate("policy", "rollback", "-c", config)
    assert [line.split()[0] for line in listed.out.splitlines()] == [second, first]
    assert smsgate("policy", "rollback", "nonsense", "-c", config).status == 1
    assert smsgate("policy", "rollback", first, "-c", config).status == 0
    until(house, first)
    requests.get(f"{house.proxy}/kannel/cgi-bin/sendsms", params=send, timeout=20)
    assert [text[1] for text in world.texts_to(ANN)] == ["0", "7", "0"]
    decisions = [line["revision"] for line in house.audited() if line["kind"] == "message"]
    assert decisions == [first, second, first]


def test_packs_are_turned_on_by_name(tmp_path: Path):
    folder = tmp_path / "site"
    assert smsgate("init", folder).status == 0
    config = folder / "gateway.yaml"
    written = config.read_text()
    config.write_text(written.replace("  # packs: [us-federal, us-carrier, us-fl]", "  packs: [us-federal, xx]"))
    assert config.read_text() != written
    ended = smsgate("serve", "-c", config)
    assert ended.status == 3
    assert "no policy is named `xx`, as `packs` wants" in ended.err
