"""What is recorded of a message reads back as what was known of it, whatever that was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.policy.anonymous import anonymous
from gateway.policy.rules.cap import Cap
from gateway.policy.scenario import ScenarioWritten, scenario
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Facts, Stop
from gateway.words.program import Category
from gateway.yamlfile import Document, parsed
from tests.policy.lines import line
from tests.policy.people import NOBODY, PENSACOLA, book, hours, message, moment, policy, stopped

NOON = moment("2026-06-10T12:00-04:00")
ASKING = policy(
    "  - {id: a, cap: {most: 3, within: 24 hours}}\n"
    "  - {id: b, cap: {most: 9, each: month}}\n"
    "  - {id: c, for: [marketing], cap: {most: 1, within: 7 days, per: program}}\n"
    "  - {id: d, list: [us-dnc, litigators]}\n"
)
FULL = Facts(
    suppressions=(stopped(),),
    consents=(
        Consent(
            ConsentKind.EXPRESS,
            NOON - timedelta(days=9),
            "paper",
            "club",
            (Category.MARKETING, Category.CHARITY),
            confirmed=True,
            night=True,
            expires=NOON + timedelta(days=9),
        ),
    ),
    instructed=NOON - timedelta(days=1),
    counted={"all": (NOON - timedelta(hours=2), NOON - timedelta(hours=1))},
    lists=("us-dnc",),
    stopped=Stop(SCOPE_ALL, "a fire", NOON),
)


def written(facts: Facts = Facts.NONE, rules: str = ASKING, **said) -> ScenarioWritten:
    private = line(message(**said), facts, book(rules), NOON).private
    return parsed(Document("the record", private["scenario"]), ScenarioWritten)


@pytest.mark.parametrize("facts", [Facts.NONE, Facts.UNKNOWN, FULL], ids=["nothing", "not known", "all that there is"])
def test_the_facts_are_those_of_then(facts):
    assert scenario(written(facts)).facts == facts


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"to": NOBODY},
        {"to": PENSACOLA},
        {"text": None},
        {"text": ""},
        {"category": Category.OTP},
        {"subject": "order 7", "upstream": "twilio", "clients": ("10.0.0.7", "shop"), "media": 2},
        {"send_at": NOON + timedelta(hours=3)},
    ],
)
def test_the_message_is_the_one_of_then(said):
    read, sent = scenario(written(**said)).message, message(**said)
    for each in ("recipient", "text", "sender", "category", "subject", "upstream", "clients", "media", "send_at"):
        assert getattr(read, each) == getattr(sent, each), each
    assert read.program.name == sent.program.name


def test_what_was_looked_up_is_told_with_how_far_back():
    looked_up = written().looked_up
    asked = book(ASKING).binding(message())
    periods = {rule.id: rule.kind.period for rule in asked if isinstance(rule.kind, Cap)}
    assert looked_up.counters == {
        "all": (periods["p/a"], periods["p/b"]),
        "marketing|program=club": (periods["p/c"],),
    }
    assert looked_up.lists == ("us-dnc", "litigators")


@pytest.mark.parametrize(("rules", "to"), [(hours('{from: "08:00", to: "21:00"}'), PENSACOLA), (ASKING, NOBODY)])
def test_where_nothing_is_looked_up_nothing_is_told(rules, to):
    looked_up = written(rules=rules, to=to).looked_up
    assert (looked_up.counters, looked_up.lists) == ({}, ())


def test_a_scenario_to_show_does_not_say_what_was_looked_up():
    read = line(message(), FULL, book(ASKING), NOON)
    shown = anonymous(read.private["scenario"], read.clear)
    assert "looked_up" not in shown
    assert parsed(Document("shown", shown), ScenarioWritten).lists == ("us-dnc",)
