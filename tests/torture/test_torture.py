"""All that a message passes is killed, paused, cut off and slowed, while clients send, cancel and opt out.

One round is one night and the morning after it. At its end all is healed, the outbox must empty, and the checker
judges what the carrier, the clients, the record and the store have seen.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.front.world import World
from tests.torture.checker import Evidence, lost_in_fail_over, violations
from tests.torture.clients import Client
from tests.torture.served import RECIPIENTS
from tests.torture.site import Site

NIGHT = datetime.fromisoformat("2026-06-10T23:30:00-04:00")
# After NIGHT: still in it, at 07:59 in New York, and when the day has begun in New York, Chicago and Los Angeles.
STEPS = [timedelta(hours=hours) for hours in (0, 8.49, 8.5, 9.5, 11.51)]
QUIET = (0.1, 0.3)  # seconds from a step of the clock to the next fault
HURRY = timedelta(minutes=10)  # a call that failed is tried again after an hour, at most
EVENING = timedelta(hours=7)  # after the last of STEPS: still day in all zones
FLUSHED = 0.35  # seconds: the record gathers lines for a quarter of one
DAY = timedelta(days=1)
ZONES = {to: ZoneInfo(zone) for to, zone in RECIPIENTS.items()}
CLIENTS = 4
PATIENCE = 45.0  # seconds; nothing depends on how long it really takes
BATCH = 50  # rounds on one site: then a new one, so that its record stays short and nobody runs out of recipients
STORES = {"redis": "redis_server", "sentinel": "redis_with_sentinel"}  # and their fixtures
SEED = 315
ROUNDS = int(os.environ.get("ROUNDS", "1"))


@pytest.fixture
def seed() -> int:
    """A night with a worker killed, a carrier that fails and a store that goes away."""
    return SEED


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, world: World, seed: int) -> Iterator[Site]:
    store, _, away = request.param.partition(" ")
    redis = request.getfixturevalue(STORES[store]) if store in STORES else None
    site = Site(tmp_path / "site", world, redis, seed, away=bool(away))
    site.open(NIGHT)
    yield site
    site.close()


def tortured(site: Site, number: int) -> Evidence:
    """One round: what was seen in it."""
    seen, night = Evidence(ZONES, lost_calls=site.moody.lost, silences=site.wishes.silences), NIGHT + number * DAY
    site.rounds.append(seen)
    names = [f"r{number}c{n}" for n in range(CLIENTS)]
    clients = [Client(name, number, site.houses, site.world, site.wishes, seen) for name in names]
    without_store = site.chance.choice(STEPS) if site.away else None
    site.move_clock(night, seen)
    for client in clients:
        client.start()
    for later in STEPS:
        site.move_clock(night + later, seen)
        time.sleep(site.chance.uniform(*QUIET))
        if later == without_store:
            site.lose_store(seen)
        else:
            site.befall(seen)
    for client in clients:
        client.ended.set()
    for client in clients:
        client.join(PATIENCE)
    site.heal()
    settle(site, seen, f"r{number}c")
    return seen


def settle(site: Site, seen: Evidence, ours: str) -> None:
    """Wait until the outbox is empty, on a clock that hurries up to the evening; then collect what there is to see."""
    end, evening = time.monotonic() + PATIENCE, seen.moves[-1].to + EVENING
    while (waiting := site.witness.unfinished(seen)) and time.monotonic() < end:
        time.sleep(0.15)
        site.move_clock(min(seen.moves[-1].to + HURRY, evening), seen)
    seen.waiting += waiting
    seen.taken += [each for each in site.witness.taken() if each.key.startswith(ours)]
    seen.forgotten += site.witness.forgotten()
    seen.doubted += [each for each in site.witness.doubted() if each.key.startswith(ours)]
    ids, late = {each.id for each in seen.accepted}, time.monotonic() + FLUSHED
    while time.monotonic() < late or (violations(seen) and time.monotonic() < end):
        time.sleep(FLUSHED)
        seen.audit += [line for line in site.witness.audited() if line.get("message") in ids]


def figures(site: Site) -> str:
    """What there was to judge, in one line."""
    rounds = site.rounds
    silences = list(chain.from_iterable(site.wishes.silences.values()))
    begun_again = {to: several[0].until for to, several in site.wishes.silences.items()}
    count = Counter(
        rounds=len(rounds),
        accepted=sum(len(seen.accepted) for seen in rounds),
        taken=sum(len(seen.taken) for seen in rounds),
        canceled=sum(len(seen.canceled) for seen in rounds),
        opted_out=len(silences),
        opted_in=sum(each.until < float("inf") for each in silences),
        sent_again=sum(
            each.at > begun_again.get(each.recipient, float("inf")) for seen in rounds for each in seen.taken
        ),
        dropped=sum(line.get("fate") == "dropped" for seen in rounds for line in seen.audit),
        in_doubt=sum(len(seen.doubted) for seen in rounds),
        fail_overs=sum(len(seen.promoted) for seen in rounds),
        lost_in_fail_over=sum(len(lost_in_fail_over(seen)) for seen in rounds),
    )
    return " ".join(f"{name}={number}" for name, number in (*count.items(), *sorted(site.done.items())))


def judged(site: Site, rounds: int) -> str:
    for number in range(rounds):
        seen = tortured(site, number)
        assert seen.accepted, "nothing was put to the test"
        assert seen.taken, "nothing was put to the test"
        assert violations(seen) == [], f"seed {site.seed}, round {number}: {figures(site)}"
    return figures(site)


@pytest.mark.parametrize("site", ["sqlite away", "redis away"], indirect=True)
def test_nothing_is_lost_or_sent_twice_in_a_short_night(site: Site) -> None:
    judged(site, rounds=1)


@pytest.mark.torture
@pytest.mark.parametrize("site", ["sqlite", "sqlite away", "redis", "redis away", "sentinel"], indirect=True)
@pytest.mark.parametrize("seed", range((ROUNDS + BATCH - 1) // BATCH))
def test_nothing_is_lost_or_sent_twice_in_many_nights(
    site: Site, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    told = judged(site, rounds=min(BATCH, ROUNDS - seed * BATCH))
    with capsys.disabled():
        print(told)  # noqa: T201
