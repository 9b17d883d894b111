"""Whatever happens in whatever order, both stores count as a plain Python model of claims does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from math import ceil, floor

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.store.base import Store
from gateway.words.decision import State
from gateway.words.facts import Limit, Reservation
from tests.store.people import NOON, facts_of, granted, number, opt_out, reservation

COUNTERS = ("club", "sender")
WORKERS = ("w1", "w2")

_strangers = count(1_000_000)  # each run is about a number that no other run knows

periods = st.integers(min_value=1, max_value=60_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))
asked = st.lists(st.tuples(st.sampled_from(COUNTERS), periods, st.integers(0, 3)), max_size=4)
places = st.integers(min_value=0)


@dataclass
class Model:
    """One recipient's claims and attempts, as the promises say it."""

    revision: int = 0
    claims: list[tuple[str, str, datetime]] = field(default_factory=list)  # counter, attempt, when
    held: dict[str, tuple[str, State]] = field(default_factory=dict)  # worker and state of each attempt

    def reserve(self, wanted: Reservation, worker: str) -> bool:
        if wanted.attempt in self.held:
            return self.held[wanted.attempt] == (worker, State.SENDING)
        if wanted.revision != self.revision or any(len(self.counting(limit)) >= limit.most for limit in wanted.limits):
            return False
        for counter in {limit.counter for limit in wanted.limits}:
            since = min(limit.since for limit in wanted.limits if limit.counter == counter)
            self.claims = [one for one in self.claims if one[0] != counter or counts(one[2], since)]
            self.claims.append((counter, wanted.attempt, wanted.at))
        self.held[wanted.attempt] = worker, State.SENDING
        return True

    def counting(self, limit: Limit) -> list[datetime]:
        return [at for counter, _, at in self.claims if counter == limit.counter and counts(at, limit.since)]

    def settle(self, attempt: str, state: State) -> None:
        if attempt not in self.held:
            return
        if state is State.IN_DOUBT:
            self.held[attempt] = self.held[attempt][0], state
            return
        del self.held[attempt]
        if state is State.REFUSED:
            self.claims = [one for one in self.claims if one[1] != attempt]

    def counted(self) -> dict[str, tuple[datetime, ...]]:
        told = {name: sorted(whole(at) for counter, _, at in self.claims if counter == name) for name in COUNTERS}
        return {
            name: tuple(map(datetime.fromtimestamp, at, [NOON.tzinfo] * len(at))) for name, at in told.items() if at
        }


def whole(at: datetime) -> int:
    return ceil(at.timestamp())


def counts(at: datetime, since: datetime) -> bool:
    return whole(at) > floor(since.timestamp())


class Claims(RuleBasedStateMachine):
    """Two workers' stores on the same data, beside the model."""

    a_store: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.run = self.runner.run
        self.stores = {worker: self.a_store() for worker in WORKERS}
        for store in self.stores.values():
            self.run(store.open())
        self.model = Model()
        self.recipient = number(next(_strangers))
        self.now = NOON
        self.known: list[Reservation] = []

    @rule(milliseconds=st.integers(1, 30_000))
    def time_passes(self, milliseconds: int) -> None:
        self.now += timedelta(milliseconds=milliseconds)

    @rule(asked=asked, worker=st.sampled_from(WORKERS), stale=st.integers(0, 5))
    def a_message_is_reserved(self, asked: list[tuple[str, timedelta, int]], worker: str, stale: int) -> None:
        limits = tuple(Limit(counter, self.now - period, most) for counter, period, most in asked)
        revision = self.model.revision - (stale == 0)
        wanted = reservation(self.recipient, at=self.now, limits=limits)
        wanted = Reservation(wanted.attempt, self.recipient, "club", revision, self.now, limits)
        self.known.append(wanted)
        self.reserved(wanted, worker)

    @precondition(lambda self: self.open())
    @rule(place=places, worker=st.sampled_from(WORKERS))
    def it_is_reserved_again(self, place: int, worker: str) -> None:
        self.reserved(self.open()[place % len(self.open())], worker)

    @precondition(lambda self: self.known)
    @rule(
        place=places,
        worker=st.sampled_from(WORKERS),
        state=st.sampled_from((State.SENT, State.REFUSED, State.IN_DOUBT)),
    )
    def it_is_settled(self, place: int, worker: str, state: State) -> None:
        wanted = self.known[place % len(self.known)]
        self.run(self.stores[worker].settle([(wanted, state)]))
        self.model.settle(wanted.attempt, state)

    @rule(worker=st.sampled_from(WORKERS), place=places)
    def the_record_changes(self, worker: str, place: int) -> None:
        scope = f"program:{self.model.revision}"
        self.run(self.stores[worker].suppress(self.recipient, opt_out(scope=scope)))
        self.model.revision += 1

    @invariant()
    def every_worker_counts_what_the_model_counts(self) -> None:
        for store in self.stores.values():
            facts = self.run(facts_of(store, self.recipient, counters=COUNTERS))
            assert facts.counted == self.model.counted()
            assert facts.revision == self.model.revision

    def reserved(self, wanted: Reservation, worker: str) -> None:
        expected = self.model.reserve(wanted, worker)
        assert self.run(granted(self.stores[worker], wanted, worker)) is expected

    def open(self) -> list[Reservation]:
        return [one for one in self.known if one.attempt in self.model.held]

    def teardown(self) -> None:
        for store in self.stores.values():
            self.run(store.close())
        self.runner.close()


def test_both_stores_count_as_the_model_does(a_store):
    Claims.a_store = staticmethod(a_store)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Claims, settings=settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    )
