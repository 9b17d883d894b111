"""Each pack comes with scenarios: all come out as they say, for the reason they name; no rule is left untried."""

from __future__ import annotations

import pytest

from gateway.policy.scenario import Scenario, read
from gateway.policy.trial import Reached, coverage, tried
from gateway.yamlfile import Document
from tests.policy.people import POLICIES, SHIPPED

FILES = sorted((POLICIES / "tests").glob("*.yaml"))


def scenarios(path) -> list[Scenario]:
    return read(Document.read(path.read_bytes(), path.name))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_pack_decides_as_its_scenarios_say(path):
    trials = [tried(scenario, SHIPPED) for scenario in scenarios(path)]
    assert trials
    assert {trial.scenario.name: trial.differences for trial in trials if trial.differences} == {}


def test_every_rule_has_had_something_to_say():
    trials = [tried(scenario, SHIPPED) for path in FILES for scenario in scenarios(path)]
    reached = coverage(trials, SHIPPED)
    assert {rule for rule, how in reached.items() if how in {Reached.NEVER_MATCHED, Reached.NEVER_REACHED}} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenarios_have_names_of_their_own(path):
    names = [scenario.name for scenario in scenarios(path)]
    assert len(set(names)) == len(names)
