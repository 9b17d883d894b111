"""The demo's clock: the same morning whatever the hour, and it runs on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sandbox import clock as clock_module
from gateway.sandbox.clock import HOLIDAYS, DemoClock, NoTime


@pytest.fixture
def elapsed(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that have passed; the last one counts."""
    passed = [100.0]
    monkeypatch.setattr(clock_module.time, "monotonic", lambda: passed[-1])
    return passed


@pytest.mark.parametrize(
    ("situation", "now", "begins"),
    [
        ("a Thursday", "2026-11-26T12:00:00+00:00", "2026-11-24T10:00:00-05:00"),
        ("a Tuesday, later than ten", "2026-11-24T22:00:00-05:00", "2026-11-17T10:00:00-05:00"),
        ("a Monday", "2026-06-15T00:00:00+00:00", "2026-06-09T10:00:00-04:00"),
        ("still Monday in New York", "2026-06-16T03:59:00+00:00", "2026-06-09T10:00:00-04:00"),
        ("days after Veterans Day on a Tuesday", "2025-11-13T12:00:00+00:00", "2025-11-04T10:00:00-05:00"),
        ("days after two holiday Tuesdays", "2030-01-03T12:00:00+00:00", "2029-12-18T10:00:00-05:00"),
        ("just after the clocks went forward", "2026-03-10T12:00:00+00:00", "2026-03-03T10:00:00-05:00"),
    ],
)
def test_it_begins_at_ten_on_the_last_working_tuesday(
    elapsed: list[float], situation: str, now: str, begins: str
) -> None:
    assert DemoClock(datetime.fromisoformat(now))() == datetime.fromisoformat(begins)


@given(now=st.integers(1_600_000_000, 2_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_it_always_begins_on_a_working_tuesday_morning_before_now(now: datetime) -> None:
    begins = DemoClock(now).local
    assert (begins.weekday(), begins.hour) == (1, 10)
    assert (begins.month, begins.day) not in HOLIDAYS
    assert timedelta(0) < now - begins < timedelta(days=30)


def test_it_runs_on(elapsed: list[float]) -> None:
    clock = DemoClock(datetime(2026, 11, 24, tzinfo=UTC))
    before = clock()
    elapsed.append(190.0)
    assert clock() - before == timedelta(seconds=90)


@pytest.mark.parametrize(
    ("to", "local"),
    [
        ("21:30", "2026-11-17T21:30:00-05:00"),
        ("9:05", "2026-11-17T09:05:00-05:00"),
        ("+3h", "2026-11-17T13:00:00-05:00"),
        ("90m", "2026-11-17T11:30:00-05:00"),
        ("+2d", "2026-11-19T10:00:00-05:00"),
        ("2026-06-10T21:30:00-04:00", "2026-06-10T21:30:00-04:00"),
        ("2026-06-10T21:30", "2026-06-10T21:30:00-04:00"),
        ("2026-06-10T21:30:00Z", "2026-06-10T17:30:00-04:00"),
    ],
)
def test_it_can_be_moved_and_runs_on_from_there(elapsed: list[float], to: str, local: str) -> None:
    clock = DemoClock(datetime(2026, 11, 24, tzinfo=UTC))
    clock.move(to)
    elapsed.append(elapsed[-1] + 60)
    assert clock() == datetime.fromisoformat(local) + timedelta(minutes=1)
    assert clock.local.isoformat()[-6:] == local[-6:]


@pytest.mark.parametrize("to", ["", "noon", "25:00", "12:60", "+3w", "+99999h", "2026-13-01", "-3h"])
def test_what_is_no_time_is_said(elapsed: list[float], to: str) -> None:
    clock = DemoClock(datetime(2026, 11, 24, tzinfo=UTC))
    before = clock()
    with pytest.raises(NoTime, match="write 21:30"):
        clock.move(to)
    assert clock() == before
