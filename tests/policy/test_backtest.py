"""A change is judged by what it would have done, with what was known then; where that can't be told, it says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.audit.read import Recorded
from gateway.policy.backtest import Change, Difference, Unchanged, Unjudged, compared
from gateway.policy.differences import EXAMPLES, Differences
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.facts import Consent, ConsentKind, Facts
from gateway.words.program import Category
from tests.policy.lines import line
from tests.policy.people import CLUB, NEW_YORKER, NOBODY, book, hours, message, moment, policy, stopped

NOON, NIGHT = moment("2026-06-10T12:00-04:00"), moment("2026-06-10T23:30-04:00")
PROGRAMS = {"club": CLUB}
INSTRUCT = "  - {id: i, for: [marketing], instruct: {text: {en: [Reply STOP to opt out]}}}\n"
LABEL = "  - {id: l, label: {prefix: {en: AD}}}\n"
CONSENT = "  - {id: c, consent: [express-written]}\n"
DAY, AFTERNOON = '{from: "08:00", to: "21:00"}', '{from: "13:00", to: "21:00"}'
WRITTEN = Facts(consents=(Consent(ConsentKind.EXPRESS_WRITTEN, moment("2026-01-02T00:00Z"), "paper", "club"),))


def judged(then: str, now: str, at=NOON, facts: Facts = Facts.NONE, **more):
    """One message that `then` decided, by `now`."""
    return compared(line(message(**more), facts, book(then), at), book(now), PROGRAMS)


@pytest.mark.parametrize(
    ("situation", "then", "now", "found"),
    [
        ("hours that open later", hours(DAY), hours(AFTERNOON), (Change.STRICTER, "p/h", "send", "defer")),
        ("hours that open earlier", hours(AFTERNOON), hours(DAY), (Change.LOOSER, "p/h", "defer", "send")),
        (
            "hours that open later still",
            hours(AFTERNOON),
            hours('{from: "14:00", to: "21:00"}'),
            (Change.STRICTER, "p/h", "defer", "defer"),
        ),
        (
            "hours that open sooner, though not yet",
            hours(AFTERNOON),
            hours('{from: "12:30", to: "21:00"}'),
            (Change.LOOSER, "p/h", "defer", "defer"),
        ),
        (
            "never rather than later",
            hours(AFTERNOON),
            hours(AFTERNOON, more=", otherwise: block"),
            (Change.STRICTER, "p/h", "defer", "block"),
        ),
        (
            "a rule that is added",
            policy(INSTRUCT),
            policy(INSTRUCT + CONSENT),
            (Change.STRICTER, "p/c", "rewrite", "block"),
        ),
        (
            "a rule that is gone",
            policy(INSTRUCT + CONSENT),
            policy(INSTRUCT),
            (Change.LOOSER, "p/c", "block", "rewrite"),
        ),
        ("an instruction that is gone", policy(INSTRUCT), hours(DAY), (Change.LOOSER, "p/i", "rewrite", "send")),
        ("one more edit", policy(INSTRUCT), policy(INSTRUCT + LABEL), (Change.REWORDED, "p/l", "rewrite", "rewrite")),
        ("one edit less", policy(INSTRUCT + LABEL), policy(INSTRUCT), (Change.REWORDED, "p/l", "rewrite", "rewrite")),
        (
            "another wording",
            policy(INSTRUCT),
            policy(INSTRUCT.replace("to opt out", "to end")),
            (Change.REWORDED, "p/i", "rewrite", "rewrite"),
        ),
        (
            "observed from now on",
            hours(AFTERNOON),
            hours(AFTERNOON, more=", enforce: observe"),
            (Change.LOOSER, "p/h", "defer", "send"),
        ),
    ],
)
def test_a_difference_is_told_with_the_rule_that_caused_it(situation, then, now, found):
    change, rule, before, after = found
    assert judged(then, now) == Difference(change, rule, "marketing", before, after)


@pytest.mark.parametrize(
    ("situation", "then", "now", "facts", "otherwise"),
    [
        ("the very same rules", policy(INSTRUCT), policy(INSTRUCT), Facts.NONE, False),
        (
            "other hours that make no difference at noon",
            hours(DAY),
            hours('{from: "09:00", to: "20:00"}'),
            Facts.NONE,
            False,
        ),
        (
            "a rule that only observes",
            policy(INSTRUCT),
            policy(INSTRUCT + CONSENT.replace("c,", "c, enforce: observe,")),
            Facts.NONE,
            False,
        ),
        ("what is needed was there then", policy(INSTRUCT), policy(INSTRUCT + CONSENT), WRITTEN, False),
        ("blocked for another reason", policy(CONSENT), policy(CONSENT.replace("id: c", "id: d")), Facts.NONE, True),
    ],
)
def test_what_comes_out_the_same_is_no_difference(situation, then, now, facts, otherwise):
    assert judged(then, now, facts=facts) == Unchanged(otherwise)


CAP = "  - {id: cap, cap: {most: 3, within: 24 hours}}\n"
LISTED = "  - {id: dnc, list: us-dnc}\n"


@pytest.mark.parametrize(
    ("situation", "then", "now", "asking"),
    [
        ("a list", policy(INSTRUCT), policy(INSTRUCT + LISTED), "p/dnc"),
        ("another list", policy(LISTED), policy("  - {id: dnc, list: {any: [us-dnc, litigators]}}\n"), "p/dnc"),
        ("a counter", policy(INSTRUCT), policy(INSTRUCT + CAP), "p/cap"),
        ("a counter of its own", policy(CAP), policy(CAP.replace("most: 3", "per: program, most: 3")), "p/cap"),
        ("a counter farther back", policy(CAP), policy(CAP.replace("24 hours", "30 days")), "p/cap"),
    ],
)
def test_a_rule_that_asks_for_what_was_not_looked_up_is_not_guessed_at(situation, then, now, asking):
    assert judged(then, now) == Unjudged(f"`{asking}` asks for what was not looked up then")


@pytest.mark.parametrize(
    ("situation", "then", "now", "facts"),
    [
        ("the same cap", policy(CAP), policy(CAP), Facts.NONE),
        ("a shorter period", policy(CAP), policy(CAP.replace("24", "12")), Facts.NONE),
        ("who is blocked anyhow", policy(INSTRUCT), policy(INSTRUCT + CAP), Facts(suppressions=(stopped(),))),
        ("a rule that only observes", hours(DAY), policy(CAP.replace("cap,", "cap, enforce: observe,")), Facts.NONE),
        (
            "a rule that is not in force yet",
            hours(DAY),
            policy(CAP.replace("cap,", "cap, from: 2027-01-01,")),
            Facts.NONE,
        ),
    ],
)
def test_what_was_not_looked_up_does_not_matter_where_nothing_hangs_on_it(situation, then, now, facts):
    assert judged(then, now, facts=facts) == Unchanged(otherwise=False)


def test_a_cap_is_judged_by_what_was_counted_then():
    facts = Facts(counted={"all": (moment("2026-06-10T14:00Z"), moment("2026-06-10T15:00Z"))})
    stricter = judged(policy(CAP), policy(CAP.replace("most: 3", "most: 2")), facts=facts)
    assert stricter == Difference(Change.STRICTER, "p/cap", "marketing", "send", "block")


def test_a_list_is_judged_by_who_was_on_it_then():
    facts = Facts(lists=("us-dnc",))
    looser = judged(
        policy(LISTED), policy(LISTED + INSTRUCT).replace("id: dnc,", "id: dnc, enforce: off,"), facts=facts
    )
    assert looser == Difference(Change.LOOSER, "p/dnc", "marketing", "block", "rewrite")


def _without_scenario(read: Recorded) -> Recorded:
    return Recorded(read.clear, {"left": None})


def _of_a_later_version(read: Recorded) -> Recorded:
    return Recorded(read.clear, {**read.private, "scenario": {**read.private["scenario"], "mood": "good"}})


def _held_by_the_store(read: Recorded) -> Recorded:
    return Recorded({**read.clear, "decision": "block", "rule": "gateway/store"}, read.private)


def _of_a_lost_program(read: Recorded) -> Recorded:
    told = read.private["scenario"]
    return Recorded(read.clear, {"scenario": {**told, "message": {**told["message"], "program": "vip"}}})


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (_without_scenario, "recorded before facts were kept with a decision"),
        (_of_a_later_version, "recorded in a form that this version can't read"),
        (_held_by_the_store, "held back since the store failed, not by a rule"),
        (_of_a_lost_program, "program `vip` is in the configuration no more"),
    ],
)
def test_what_can_not_be_judged_is_told_with_its_reason(broken, why):
    read = line(message(), Facts.NONE, book(policy(INSTRUCT)), NOON)
    assert compared(broken(read), book(policy(INSTRUCT)), PROGRAMS) == Unjudged(why)


def test_facts_that_could_not_be_read_then_are_not_read_now():
    found = judged(hours(DAY), hours(DAY), facts=Facts.UNKNOWN)
    assert found == Unjudged("what was remembered of the recipient could not be read then")


@pytest.mark.parametrize("to", [NEW_YORKER, NOBODY])
@pytest.mark.parametrize("text", ["20% off today", None])
@pytest.mark.parametrize("category", list(Category))
@pytest.mark.parametrize("at", [NOON, NIGHT])
def test_the_rules_of_then_decide_as_they_did(to, text, category, at):
    rules = policy(INSTRUCT + CAP + LISTED + LABEL) + hours(DAY).partition("rules:\n")[2]
    assert judged(rules, rules, at, to=to, text=text, category=category) == Unchanged(otherwise=False)


def test_a_message_of_the_program_that_nobody_configured_is_judged():
    read = line(message(program=replace(CLUB, name="default")), Facts.NONE, book(hours(DAY)), NOON)
    assert compared(read, book(hours(DAY)), {}) == Unchanged(otherwise=False)


STRICTER = Difference(Change.STRICTER, "p/h", "marketing", "send", "defer")
LOOSER = Difference(Change.LOOSER, "p/c", "marketing", "block", "send")
REWORDED = Difference(Change.REWORDED, "p/i", "marketing", "rewrite", "rewrite")


def summed(*found) -> Differences:
    sum_ = Differences()
    for n, each in enumerate(found):
        sum_.add(each, f"id-{n}", NOON)
    return sum_


@pytest.mark.parametrize(
    ("found", "looser", "verdict"),
    [
        ([], 0, "nothing was judged"),
        ([Unjudged("x")], 0, "nothing was judged; of 1 nothing can be said"),
        ([Unchanged(otherwise=False)], 0, "nothing became looser or stricter for 1 messages"),
        ([STRICTER, Unchanged(otherwise=True)], 0, "nothing became looser; for 1 of 2 messages it became stricter"),
        (
            [STRICTER, LOOSER, REWORDED, Unjudged("x")],
            2,
            "looser: 2 of 4 messages would have left, or sooner, or with another text; of 1 nothing can be said",
        ),
    ],
)
def test_the_verdict_says_whether_anything_became_looser(found, looser, verdict):
    assert (summed(*found).looser, summed(*found).verdict) == (looser, verdict)


def test_it_grows_with_the_rules_and_not_with_the_messages():
    told = summed(*[STRICTER] * 1000, LOOSER, *[Unjudged("x")] * 999).told()
    looser, stricter = told["differences"]
    assert (looser["rule"], stricter["count"], stricter["share"]) == ("p/c", 1000, 0.5)
    assert stricter["examples"] == [f"id-{n}" for n in range(EXAMPLES)]
    assert len(told["unjudged"][0]["examples"]) == EXAMPLES


def test_a_decision_that_was_only_observed_then_counts_now():
    watched = Finding("p/h", Action.DEFER, "outside", reason=Reason.HOURS, observed=True)
    read = line(message(), Facts.NONE, book(hours(AFTERNOON)), NOON, Decision((watched,)))
    assert compared(read, book(hours(AFTERNOON)), PROGRAMS) == STRICTER
