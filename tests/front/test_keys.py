"""Keys are rotated while messages flow, and the worker that renews what is kept is killed: nothing is lost."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import pytest
import requests

from gateway.config import Config
from gateway.numbering.read import read_number
from gateway.opening import kept
from gateway.store import keyring
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number, Place
from tests.cli.program import smsgate
from tests.front.house import House
from tests.front.served import AGREED
from tests.front.world import World

PATIENCE = 60.0  # seconds; nothing depends on how long it really takes
LEAD = 5  # seconds until new keys take over
PEOPLE = 2000
AMERICANS = [each for each in AGREED if each.startswith("+1")]


@pytest.fixture
def house(tmp_path: Path, world: World, store: str) -> Iterator[House]:
    house = House(tmp_path / "site", store, world.url, world.legacy)
    asyncio.run(_opted_out(Config.load(house.write_config())))
    house.start()
    yield house
    house.stop()


class Sending(threading.Thread):
    """A legacy system that sends on and on, and again what got no answer."""

    def __init__(self, house: House, rate: float) -> None:
        super().__init__(daemon=True)
        self.house, self.pause = house, 1 / rate
        self.answers: Counter[int] = Counter()
        self.ended = threading.Event()

    def run(self) -> None:
        recipients = cycle(AMERICANS)
        with requests.Session() as session:
            while not self.ended.wait(self.pause):
                self.answers[self._sent(session, next(recipients))] += 1

    def _sent(self, session: requests.Session, to: str) -> int:
        asked = {"username": "u", "password": "p", "from": "12345", "to": to, "text": "Your appointment is at 5"}
        while not self.ended.is_set():
            try:
                return session.get(f"{self.house.proxy}/kannel/cgi-bin/sendsms", params=asked, timeout=20).status_code
            except requests.RequestException:  # it was killed
                time.sleep(0.05)
        return 202


def rotated_under_load(house: House, rate: float, senders: int, kills: int) -> Counter[int]:
    """What the senders were answered."""
    sending = [Sending(house, rate / senders) for _ in range(senders)]
    for each in sending:
        each.start()
    config = house.folder / "house.yaml"
    for killed in range(kills):
        _rotate(house, config)
        _pretend_long_ago(house)
        _until(lambda new=f"h{killed + 2}": _is_on_its_way(config, new))
        house.kill()
        print("killed with", dict(asyncio.run(_counted(Config.load(config)))))  # noqa: T201 - for a run by hand
        house.start()
    _until(lambda: _has_no_more_under(house, kills))
    for each in sending:
        each.ended.set()
    for each in sending:
        each.join(PATIENCE)
    return sum((each.answers for each in sending), Counter())


def _rotate(house: House, config: Path) -> None:
    ended = smsgate("keys", "rotate", "--in", str(LEAD), "-c", config)
    assert ended.status == 0, ended.err
    _until(lambda: 'current="no"' in _metrics(house))


def _pretend_long_ago(house: House) -> None:
    """Once the keys have taken over, as if it were some minutes since."""
    path = house.folder / "keys.yaml"
    now = datetime.now(UTC)
    begins = max(keyring.load(path).begins.values())
    time.sleep(max(0.0, (begins - now).total_seconds()) + 0.1)
    text = path.read_text()
    stamp = begins.strftime("%Y-%m-%dT%H:%M:%SZ")
    earlier = (begins - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    beside = path.with_name("keys.new")
    beside.touch(0o600)
    beside.write_text(text.replace(f"current_from: {stamp}", f"current_from: {earlier}"))
    beside.replace(path)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError("never")


def _metrics(house: House) -> str:
    return requests.get(f"{house.admin}/metrics", timeout=10).text


def _value(house: House, name: str, key: str = "") -> float | None:
    labels = rf'\{{key="{key}"\}}' if key else ""
    found = re.search(rf"^smsgate_{name}{labels} (\S+)", _metrics(house), re.MULTILINE)
    return float(found[1]) if found else None


def _is_on_its_way(config: Path, new: str) -> bool:
    """Many are under the new key, and mostly there are as many left."""
    return asyncio.run(_counted(Config.load(config)))[new] > PEOPLE // 5


async def _counted(config: Config) -> Counter[str]:
    total: Counter[str] = Counter()
    async with kept(config) as store:
        async for page in store.under_keys():
            total.update(page)
    return total


async def _opted_out(config: Config) -> None:
    """So many people, before anything is sent, that it takes seconds to bring all of them under new keys."""
    said = [(Number(f"+1212666{n:04d}", Place("US")), _opt_out()) for n in range(PEOPLE)]
    async with kept(config) as store:
        assert await store.suppress_all(said, datetime.now(UTC)) == PEOPLE


def _opt_out() -> Suppression:
    return Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", datetime(2026, 6, 1, tzinfo=UTC), "STOP")


def _has_no_more_under(house: House, kills: int) -> bool:
    """But attempts that a kill has put in doubt: in Redis they stay where they were reserved until they are settled."""
    hashing, sealing = ([_value(house, "kept_under_key", f"{use}{n + 1}") for n in range(kills)] for use in "hs")
    if None in hashing or None in sealing:
        return False
    return not any(sealing) and sum(each or 0.0 for each in hashing) <= (_value(house, "in_doubt") or 0.0)


async def _read(config: Config) -> list[int]:
    """How many have opted out, of how many there is anything, and how many entries the ledger has of each recipient."""
    async with kept(config) as store:
        numbers = [number for each in AMERICANS if (number := read_number(each))]
        told = [one async for page in store.everybody() for one in page]
        entries = [len(await store.ledger(number)) for number in numbers]
    return [sum(one.suppressions == (_opt_out(),) for one in told), len(told), *entries]


def test_keys_change_while_messages_flow_and_the_worker_is_killed(house: House, world: World):
    config = Config.load(house.folder / "house.yaml")
    before = asyncio.run(_read(config))
    answers = rotated_under_load(house, rate=20, senders=2, kills=1)
    assert answers.keys() == {202}
    assert before[0] == PEOPLE
    assert all(before)
    assert asyncio.run(_read(config)) == before


@pytest.mark.torture
@pytest.mark.parametrize("rounds", range(int(os.environ.get("ROUNDS", "1"))))
def test_keys_change_three_times_under_two_hundred_messages_a_second(house: House, world: World, rounds: int):
    config = Config.load(house.folder / "house.yaml")
    before = asyncio.run(_read(config))
    answers = rotated_under_load(house, rate=200, senders=8, kills=3)
    print("answers", dict(answers))  # noqa: T201 - the figures of a run by hand
    assert answers.keys() == {202}
    assert asyncio.run(_read(config)) == before
