"""The shipped policies say what the authorities say: each state's week, the minute before and after each boundary."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.numbering.zones import zone
from gateway.policy.decide import decide
from gateway.policy.rules import Hours
from gateway.policy.scope import UNKNOWN
from tests.policy.people import CONSENTED, POLICIES, SHIPPED, somewhere

MONDAY = datetime(2026, 11, 16, tzinfo=zone("America/Chicago"))  # in a week without holidays or a change of clocks
MINUTE = timedelta(minutes=1)
CLOSED = None
FEDERAL = (8, 21)
HOLIDAYS = ("AL", "LA", "PA", "RI", "UT")  # states that close on theirs
SUNDAY = 6

# Monday to Friday, Saturday, Sunday: from and to, in hours.
STATES = {
    "AL": ((8, 20), (8, 20), CLOSED),
    "CT": ((9, 20), (9, 20), (9, 20)),
    "FL": ((8, 20), (8, 20), (8, 20)),
    "KY": ((10, 21), (10, 21), (10, 21)),
    "LA": ((8, 20), (8, 20), CLOSED),
    "MA": ((8, 20), (8, 20), (8, 20)),
    "MD": ((8, 20), (8, 20), (8, 20)),
    "MI": ((9, 21), (9, 21), (9, 21)),
    "MN": ((9, 21), (9, 21), (9, 21)),
    "MS": ((8, 20), (8, 20), CLOSED),
    "NM": ((9, 21), (9, 21), (9, 21)),
    "NV": ((9, 20), (9, 20), (9, 20)),
    "OK": ((8, 20), (8, 20), (8, 20)),
    "OR": ((8, 20), (8, 20), (8, 20)),
    "PA": ((9, 19), (9, 19), CLOSED),
    "PR": ((9, 21), (9, 21), (9, 21)),
    "RI": ((9, 18), (10, 17), CLOSED),
    "SD": ((9, 21), (9, 21), CLOSED),
    "TX": ((9, 21), (9, 21), (12, 21)),
    "UT": ((8, 21), (8, 21), CLOSED),
    "WA": ((8, 20), (8, 20), (8, 20)),
    "WY": ((8, 20), (8, 20), (8, 20)),
}
ELSEWHERE = """
    AK AR AZ CA CO DC DE GA HI IA ID IL IN KS ME MO MT NC ND NE NH NJ NY OH SC TN VA VT WI WV
"""
STATES |= dict.fromkeys(ELSEWHERE.split(), (FEDERAL, FEDERAL, FEDERAL))


def leaves(region: str, at: datetime) -> bool:
    return decide(somewhere("America/Chicago", regions=(region,)), CONSENTED, SHIPPED, at).word == "rewrite"


@pytest.mark.parametrize(("state", "week"), STATES.items(), ids=STATES)
def test_a_state_s_week_is_open_when_the_table_says(state, week):
    weekdays, saturday, sunday = week
    for day, span in enumerate([weekdays] * 5 + [saturday, sunday]):
        midnight, region = MONDAY + timedelta(days=day), f"US-{state}"
        if span is CLOSED:
            assert not any(leaves(region, midnight + timedelta(hours=hour)) for hour in range(24))
            continue
        start, end = (midnight + timedelta(hours=hour) for hour in span)
        assert not leaves(region, start - MINUTE)
        assert leaves(region, start)
        assert leaves(region, end - MINUTE)
        assert not leaves(region, end)


def test_the_table_has_every_state_with_hours_of_its_own():
    rules = [rule for each in SHIPPED.policies if "US" in each.countries for rule in each.rules]
    stated = {region for rule in rules if isinstance(rule.kind, Hours) for region in rule.scope.regions}
    assert stated - {UNKNOWN} == {f"US-{state}" for state, week in STATES.items() if week != (FEDERAL,) * 3}


def leaves_nowhere(at: datetime) -> bool:
    """Whether a text to somebody of whom no state is known may leave."""
    return decide(somewhere("America/Chicago", regions=()), CONSENTED, SHIPPED, at).word == "rewrite"


def test_of_whom_no_state_is_known_is_texted_only_when_every_state_allows_it():
    for quarter in range(7 * 24 * 4):
        at = MONDAY + timedelta(minutes=15 * quarter)
        if leaves_nowhere(at):
            assert all(leaves(f"US-{state}", at) for state in STATES)


def test_and_on_no_holiday_of_any_state():
    noons = [MONDAY + timedelta(days=day, hours=12) for day in range(2 * 365)]
    holidays = [
        noon for noon in noons if noon.weekday() < SUNDAY and not all(leaves(f"US-{s}", noon) for s in HOLIDAYS)
    ]
    assert len(holidays) > 2 * 20
    assert not any(map(leaves_nowhere, holidays))


# New Year with its eve (2028 begins on a Saturday), King, Presidents, Memorial, Independence, Labor, Veterans,
# Thanksgiving and Christmas with its eve: all in 2027.
CORE = {"01-01", "12-31", "01-18", "02-15", "05-31", "07-05", "09-06", "11-11", "11-25", "12-24", "12-25"}


@pytest.mark.parametrize(
    ("state", "more"),
    [
        ("AL", {"02-09", "04-26", "06-07", "06-18", "06-19", "10-11"}),  # Mardi Gras, Confederates, Davis
        ("LA", {"02-09", "03-26", "06-18", "06-19"}),  # Mardi Gras, Good Friday
        ("PA", {"03-26", "06-14", "10-11", "11-02"}),  # Good Friday, Flag Day, Columbus, an odd year's elections
        ("RI", {"05-04", "06-18", "06-19", "08-09", "10-11"}),  # its own Independence Day, Victory Day
        ("UT", {"03-26", "06-18", "06-19", "06-21", "07-23", "07-24", "10-11"}),  # Good Friday, Juneteenth, Pioneers
    ],
)
def test_a_state_s_holidays_are_closed_like_its_sundays(state, more):
    year = [datetime(2027, 1, 1, 12, tzinfo=zone("America/Chicago")) + timedelta(days=day) for day in range(365)]
    closed = {f"{noon:%m-%d}" for noon in year if noon.weekday() < SUNDAY and not leaves(f"US-{state}", noon)}
    assert closed == CORE | more


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_says_that_it_is_no_legal_advice(path):
    assert "not legal advice" in path.read_text().split("policy:")[0]


def test_every_rule_cites_what_it_rests_on():
    assert all(rule.cites for each in SHIPPED.policies for rule in each.rules)
