"""Every decision can be explained, in the same words everywhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.policy.decide import decide
from gateway.policy.explain import because, explained
from gateway.policy.scenario import read
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.facts import Facts
from gateway.yamlfile import Document
from tests.policy.people import CONSENTED, FLORIDIAN, NOBODY, SALE, SHIPPED, message, moment, stopped

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.txt"))
DASHES = "----------\n"


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_case_is_explained_as_it_stands_there(path: Path):
    """`make golden` writes them anew; the difference is to be read like code."""
    above, _, expected = path.read_text().partition(DASHES)
    [scenario] = read(Document.read(above.encode(), path.name))
    found = explained(decide(scenario.message, scenario.facts_under(SHIPPED), SHIPPED, scenario.at)) + "\n"
    if os.environ.get("GOLDEN") == "rewrite":
        path.write_text(above + DASHES + found)
        return
    assert found == expected


def test_there_are_golden_cases():
    assert len(GOLDEN) > 10


@pytest.mark.parametrize(
    ("situation", "to", "facts", "now", "said"),
    [
        (
            "too late",
            FLORIDIAN,
            CONSENTED,
            "2026-06-11T00:30Z",
            (
                "outside 08:00-20:00 in America/New_York; not before 2026-06-11T12:00:00Z "
                "(us-fl/quiet-hours; Fla. Stat. 501.616(6))"
            ),
        ),
        (
            "opted out",
            FLORIDIAN,
            Facts(suppressions=(stopped(),)),
            "2026-06-10T16:00Z",
            (
                "opt-out since 2026-01-02 (source: keyword) (gateway/suppressed; 47 CFR 64.1200(a)(10); CTIA Messaging "
                "Principles and Best Practices)"
            ),
        ),
        (
            "no number",
            NOBODY,
            Facts.NONE,
            "2026-06-10T16:00Z",
            (
                "the recipient is no phone number that can be texted; write it with + and country code: +12125550100"
                " (gateway/number; E.164)"
            ),
        ),
    ],
)
def test_the_client_is_told_why_and_until_when(situation, to, facts, now, said):
    assert because(decide(message(to), facts, SHIPPED, moment(now))) == said


def test_neither_number_nor_text_is_in_an_explanation():
    for now in ("2026-06-10T16:00Z", "2026-06-11T03:00Z"):
        decision = decide(message(FLORIDIAN), Facts(suppressions=(stopped(),)), SHIPPED, moment(now))
        told = because(decision) + explained(decision)
        assert SALE not in told
        assert FLORIDIAN not in told
        assert FLORIDIAN[2:] not in told


def test_what_was_only_observed_is_said_as_what_would_have_been():
    findings = (
        Finding("a/x", Action.BLOCK, "on a list", "L 1", Reason.LIST, observed=True),
        Finding("b/y", Action.DEFER, "outside 08:00-21:00 in UTC", reason=Reason.HOURS),
        Finding("c/z", Action.BLOCK, "no consent", reason=Reason.NO_CONSENT),
    )
    assert explained(Decision(findings)) == (
        "block\n  a/x: would block: on a list (L 1)\n  b/y: defer: outside 08:00-21:00 in UTC\n  c/z: no consent"
    )


def test_where_nothing_was_found_it_is_said_so():
    assert explained(Decision(())) == "send"
    assert because(Decision(())) == "no rule stands against it"
