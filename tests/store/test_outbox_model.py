"""Whatever happens in whatever order, both stores hold, lease, send and drop as a plain Python model does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.store.base import LEASE, Store
from gateway.words.decision import State
from gateway.words.facts import Facts, Limit, Reservation
from gateway.words.held import Held, Tracked
from tests.store.people import FAST, NOON, facts_of, granted, held_for, number, reservation

LEASES = {"w1": LEASE, "w2": LEASE, "brief": 0.0}  # the last one's run out at once
ALL = 1000

_strangers = count(2_000_000)  # each run is about a number and a lane that no other run knows

workers = st.sampled_from(list(LEASES))
places = st.integers(min_value=0)
seconds = st.integers(-20, 40).map(lambda whole: timedelta(seconds=whole))


@dataclass
class Life:
    """What became of one message, as the promises say it."""

    held: Held
    due: datetime
    state: State = State.WAITING
    worker: str = ""

    def leasable(self, now: datetime) -> bool:
        return self.state is State.WAITING and self.due <= now

    def lease(self, worker: str) -> None:
        if LEASES[worker]:
            self.state, self.worker = State.LEASED, worker

    def reserve(self, worker: str) -> bool:
        if self.worker == worker and self.state is State.LEASED:
            self.state = State.SENDING
        return self.worker == worker and self.state is State.SENDING

    def settle(self, state: State) -> None:
        if self.open:
            self.state = state

    def put_back(self, worker: str, due: datetime) -> bool:
        if self.worker != worker or not (self.open or self.state is State.LEASED):
            return False
        self.state, self.worker, self.due = State.WAITING, "", due
        return True

    def drop(self, worker: str | None) -> bool:
        mine = self.state is State.LEASED and self.worker == worker
        if not mine and not (worker is None and self.state is State.WAITING):
            return False
        self.state = State.DROPPED
        return True

    @property
    def open(self) -> bool:
        return self.state in {State.SENDING, State.IN_DOUBT}

    @property
    def here(self) -> bool:
        return self.state in {State.WAITING, State.LEASED}

    @property
    def counts(self) -> bool:
        """Whether it has a place under the limit."""
        return self.open or self.state is State.SENT

    def tracked(self) -> Tracked:
        held = replace(self.held, due=self.due) if self.here or self.open else None
        return Tracked(self.held.id, self.state, self.due, "", held)


class Outbox(RuleBasedStateMachine):
    """Three workers' stores on the same data, beside the model."""

    a_store: Callable[..., Store]

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.run = self.runner.run
        self.stores = {worker: self.a_store(lease=lease) for worker, lease in LEASES.items()}
        for store in self.stores.values():
            self.run(store.open())
        stranger = next(_strangers)
        self.recipient, self.lane = number(stranger), f"lane {stranger}"
        self.now = NOON
        self.lives: list[Life] = []

    @rule(passed=st.integers(1, 20).map(lambda whole: timedelta(seconds=whole)))
    def time_passes(self, passed: timedelta) -> None:
        self.now += passed

    @rule(worker=workers, ahead=st.lists(seconds, max_size=4))
    def some_are_held(self, worker: str, ahead: list[timedelta]) -> None:
        fresh = [held_for(self.recipient, lane=self.lane, due=self.now + wait) for wait in ahead]
        self.run(self.stores[worker].hold(fresh))
        self.lives += [Life(held, held.due) for held in fresh]

    @precondition(lambda self: self.lives)
    @rule(worker=workers, place=places)
    def one_is_held_again(self, worker: str, place: int) -> None:
        self.run(self.stores[worker].hold([self.life(place).held]))

    @rule(worker=workers, most=st.integers(1, 4))
    def some_are_leased(self, worker: str, most: int) -> None:
        found = self.leased(worker, most)
        assert len(found) <= most
        assert [held.due for held in found] == sorted(held.due for held in found)

    @precondition(lambda self: self.lives)
    @rule(worker=workers, place=places)
    def one_is_reserved(self, worker: str, place: int) -> None:
        life = self.life(place)
        assert self.run(granted(self.stores[worker], self.leaving(life), worker)) is life.reserve(worker)

    @precondition(lambda self: self.lives)
    @rule(worker=workers, place=places, state=st.sampled_from((State.SENT, State.REFUSED, State.IN_DOUBT)))
    def one_is_settled(self, worker: str, place: int, state: State) -> None:
        life = self.life(place)
        self.run(self.stores[worker].settle([(self.leaving(life), state)]))
        life.settle(state)

    @precondition(lambda self: self.lives)
    @rule(worker=workers, place=places, wait=seconds)
    def one_is_put_back(self, worker: str, place: int, wait: timedelta) -> None:
        life, due = self.life(place), self.now + wait
        assert self.run(self.stores[worker].put_back(life.held, worker, due)) is life.put_back(worker, due)

    @precondition(lambda self: self.lives)
    @rule(store=workers, worker=st.none() | workers, place=places)
    def one_is_dropped(self, store: str, worker: str | None, place: int) -> None:
        life = self.life(place)
        expected = replace(life.held, due=life.due) if life.drop(worker) else None
        assert self.run(self.stores[store].drop(life.held.id, life.held.minted, worker)) == expected

    @invariant()
    def every_worker_tells_of_each_what_the_model_tells(self) -> None:
        for store in self.stores.values():
            tracked = self.run(together(store.track(life.held.minted) for life in self.lives))
            assert tracked == [life.tracked() for life in self.lives]

    @invariant()
    def only_what_was_or_may_have_been_sent_has_a_place(self) -> None:
        facts = self.run(facts_of(self.stores["w1"], self.recipient, counters=("club",)))
        assert len(facts.counted.get("club", ())) == sum(life.counts for life in self.lives)

    @invariant()
    def no_lane_is_forgotten(self) -> None:
        """And none counts what is over or in doubt."""
        waiting = sum(life.here or life.state is State.SENDING for life in self.lives)
        due = any(life.leasable(self.now) for life in self.lives)
        store = self.stores["w2"]
        all_, ready = self.run(store.outbox()), self.run(store.lanes(self.now))
        assert [lane.waiting for lane in all_ if lane.name == self.lane] == ([waiting] if waiting else [])
        told = [lane.waiting for lane in ready if lane.name == self.lane]
        assert told == [waiting] or (told == [] and not due)

    def life(self, place: int) -> Life:
        return self.lives[place % len(self.lives)]

    def leaving(self, life: Life) -> Reservation:
        limit = Limit("club", NOON - timedelta(days=1), ALL)
        return replace(reservation(self.recipient, Facts.NONE, life.held.id, limits=(limit,)), held=True)

    def leased(self, worker: str, most: int) -> list[Held]:
        """Each of them could be leased, and is now."""
        found = self.run(self.stores[worker].lease(self.lane, most, worker, self.now, FAST))
        for held in found:
            [life] = [life for life in self.lives if life.held.id == held.id]
            assert life.leasable(self.now)
            assert held == life.tracked().held
            life.lease(worker)
        return found

    def teardown(self) -> None:
        """Nothing is lost: in the end all that waits can be had."""
        self.now += timedelta(days=1)
        wanted = {life.held.id for life in self.lives if life.state is State.WAITING}
        assert {held.id for held in self.leased("w1", ALL)} == wanted
        for store in self.stores.values():
            self.run(store.close())
        self.runner.close()


async def together(asked) -> list[Tracked | None]:
    return await asyncio.gather(*asked)


def test_both_stores_hold_and_release_as_the_model_does(a_store):
    Outbox.a_store = staticmethod(a_store)
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Outbox, settings=settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    )
