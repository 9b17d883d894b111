"""The shipped policies say what the authorities say: each state's week, the minute before and after each boundary."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gateway.numbering.zones import zone
from gateway.policy.decide import decide
from gateway.words.facts import Facts
from tests.policy.people import POLICIES, SHIPPED, somewhere

MONDAY = datetime(2026, 11, 23, tzinfo=zone("America/Chicago"))  # in a week without a change of clocks
MINUTE = timedelta(minutes=1)
CLOSED = None
FEDERAL = (8, 21)

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
    return decide(somewhere("America/Chicago", regions=(region,)), Facts.NONE, SHIPPED, at).word == "rewrite"


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


def test_every_state_s_rule_is_in_the_table():
    rules = [rule for each in SHIPPED.policies if each.name == "us-states" for rule in each.rules]
    assert {region for rule in rules for region in rule.scope.regions} <= {f"US-{state}" for state in STATES}


def test_of_whom_no_state_is_known_is_texted_only_when_every_state_allows_it():
    for quarter in range(7 * 24 * 4):
        at = MONDAY + timedelta(minutes=15 * quarter)
        nowhere = somewhere("America/Chicago", regions=())
        if decide(nowhere, Facts.NONE, SHIPPED, at).word == "rewrite":
            assert all(leaves(f"US-{state}", at) for state in STATES)


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_file_says_that_it_is_no_legal_advice(path):
    assert "not legal advice" in path.read_text().split("policy:")[0]


def test_every_rule_cites_what_it_rests_on():
    assert all(rule.cites for each in SHIPPED.policies for rule in each.rules)
