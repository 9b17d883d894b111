"""Each kind of rule, in the words of a policy file: what it holds back, what it changes, what it lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.book import Book
from gateway.policy.decide import UNLIMITED, decide, limits
from gateway.policy.rewrite import rewritten
from gateway.policy.scenario import read
from gateway.policy.trial import tried
from gateway.words.decision import Action, Reason
from gateway.words.facts import SCOPE_ALL, Facts, Stop
from gateway.words.message import Message
from gateway.words.number import Sender, SenderKind
from gateway.words.program import Category, Program
from gateway.yamlfile import Document
from tests.policy.people import CLUB, FLORIDIAN, NEW_YORKER, PENSACOLA, SALE, book, message, moment, policy

NOON = moment("2026-06-10T12:00:00-04:00")  # a Wednesday


def ruled(rule: str, country: str = "US") -> Book:
    return book(policy(f"  - {{id: r, {rule}}}\n", country=country))


def word(rule: str, sent: Message, facts: Facts = Facts.NONE, now=NOON) -> str:
    return decide(sent, facts, ruled(rule), now).word


def facts_of(told: str) -> Facts:
    """What is remembered, as a scenario tells it."""
    written = f'message: {{to: "{NEW_YORKER}", text: x, program: club}}\nat: {NOON.isoformat()}\n{told}'
    return read(Document.read(written.encode(), "told"))[0].facts


AGES = "consent: {accept: [express-written, {kind: purchase, within: 18 months}, {kind: express, confirmed: true}]}"


@pytest.mark.parametrize(
    ("situation", "told", "passes"),
    [
        ("nothing on record", "", False),
        ("of a kind that counts", "consent: [{kind: express-written, at: 2019-01-01T00:00:00Z}]", True),
        ("of another kind", "consent: [{kind: inquiry, at: 2026-06-01T00:00:00Z}]", False),
        ("of a kind that grows too old", "consent: [{kind: purchase, at: 2024-12-10T16:00:01Z}]", True),
        ("to the second", "consent: [{kind: purchase, at: 2024-12-10T16:00:00Z}]", False),
        ("not confirmed", "consent: [{kind: express, at: 2026-01-01T00:00:00Z}]", False),
        ("confirmed", "consent: [{kind: express, at: 2026-01-01T00:00:00Z, confirmed: true}]", True),
        ("given later", "consent: [{kind: express-written, at: 2026-06-10T16:00:01Z}]", False),
        (
            "run out",
            "consent: [{kind: express-written, at: 2026-01-01T00:00:00Z, expires: 2026-06-10T16:00:00Z}]",
            False,
        ),
        ("to something else", "consent: [{kind: express-written, at: 2026-01-01T00:00:00Z, for: [charity]}]", False),
        (
            "to another program",
            "consent: [{kind: express-written, at: 2026-01-01T00:00:00Z, program: vip}]",
            False,
        ),
        (
            "one of two counts",
            ("consent: [{kind: inquiry, at: 2026-01-01T00:00:00Z}, {kind: express-written, at: 2026-01-01T00:00:00Z}]"),
            True,
        ),
    ],
)
def test_a_consent_counts_by_kind_age_category_and_program(situation, told, passes):
    decision = decide(message(), facts_of(told), ruled(AGES), NOON)
    assert (decision.action is Action.SEND) == passes
    if not passes:
        assert decision.deciding.reason is Reason.NO_CONSENT
        assert "express-written or purchase within 18 months or confirmed express" in decision.deciding.why


@pytest.mark.parametrize("written", ["consent: express", "consent: [express]", "consent: {accept: express}"])
def test_a_consent_rule_may_be_short(written):
    assert word(written, message()) == "block"
    assert word(written, message(), facts_of("consent: [{kind: express, at: 2026-01-01T00:00:00Z}]")) == "send"


def test_a_consent_may_lift_a_rule():
    rule = 'hours: {from: "01:00", to: "02:00"}, unless: {night: true}'
    night = facts_of("consent: [{kind: express, at: 2026-01-01T00:00:00Z, night: true}]")
    day = facts_of("consent: [{kind: express, at: 2026-01-01T00:00:00Z}]")
    assert [word(rule, message(), facts) for facts in (Facts.NONE, day, night)] == ["defer", "defer", "send"]


@pytest.mark.parametrize(
    ("situation", "rule", "hours_ago", "expected"),
    [
        ("two of three", "cap: {most: 3, within: 24 hours}", [1, 2], "send"),
        ("three of three", "cap: {most: 3, within: 24 hours}", [1, 2, 3], "block"),
        ("the oldest is a day old to the second", "cap: {most: 3, within: 24 hours}", [1, 2, 24], "send"),
        ("today, by the calendar", "cap: {most: 1, each: day}", [11], "block"),
        ("yesterday, by the calendar", "cap: {most: 1, each: day}", [13], "send"),
        ("this week: Monday is two days ago", "cap: {most: 1, each: week}", [59], "block"),
        ("last week", "cap: {most: 1, each: week}", [61], "send"),
        ("this month", "cap: {most: 1, each: month}", [9 * 24 + 11], "block"),
        ("last month", "cap: {most: 1, each: month}", [9 * 24 + 13], "send"),
    ],
)
def test_a_cap_counts_within_its_period(situation, rule, hours_ago, expected):
    counted = {"marketing": tuple(sorted(NOON - timedelta(hours=ago) for ago in hours_ago))}
    assert word(f"{rule}, for: [marketing]", message(), Facts(counted=counted)) == expected


def test_of_two_zones_the_longer_day_counts():
    before_midnight_in_the_east = moment("2026-06-10T04:30:00Z")  # half past midnight there, before it in Chicago
    counted = {"all": (moment("2026-06-10T03:30:00Z"),)}
    rule = "cap: {most: 1, each: day}"
    assert word(rule, message(NEW_YORKER), Facts(counted=counted), before_midnight_in_the_east) == "send"
    assert word(rule, message(PENSACOLA), Facts(counted=counted), before_midnight_in_the_east) == "block"


@pytest.mark.parametrize(
    ("per", "name"),
    [
        ("recipient", "marketing"),
        ("program", "marketing|program=club"),
        ("sender", "marketing|sender=+18335550100"),
        ("subject", "marketing|subject=flash"),
    ],
)
def test_a_cap_asks_the_store_for_its_counter_and_reserves_under_it(per, name):
    rules = ruled(f"cap: {{most: 2, within: 7 days, per: {per}}}, for: [marketing]")
    sent = replace(message(), subject="flash")
    assert rules.needs(sent).counters == (name,)
    [limit] = limits(sent, Facts.NONE, rules, NOON)
    assert (limit.counter, limit.since, limit.most) == (name, NOON - timedelta(days=7), 2)


def test_caps_of_the_same_conditions_share_a_counter_and_others_do_not():
    def counter(more: str) -> str:
        [name] = ruled(f"cap: {{most: 2, within: 7 days}}, for: [marketing]{more}").needs(message()).counters
        return name

    club, vip = counter(", when: {program: [vip, club]}"), counter(", when: {program: vip}")
    assert counter("") == counter(", when: {region: US-NY}") == "marketing"
    assert club == counter(", when: {program: [club, vip]}")
    assert len({club, vip, counter("")}) == 3


def test_a_cap_that_is_only_observed_counts_and_limits_nothing():
    rules = ruled("cap: {most: 2, within: 7 days}, enforce: observe")
    assert [limit.most for limit in limits(message(), Facts.NONE, rules, NOON)] == [UNLIMITED]


def test_a_cap_may_wait_until_the_hours_allow_it_too():
    rules = book(
        policy(
            "  - {id: c, cap: {most: 1, within: 24 hours}, otherwise: defer}\n"
            '  - {id: h, hours: {from: "08:00", to: "11:00"}}\n'
        )
    )
    counted = {"all": (NOON - timedelta(hours=2),)}  # free again at ten tomorrow
    decision = decide(message(), Facts(counted=counted), rules, NOON)
    assert (decision.word, decision.not_before) == ("defer", moment("2026-06-11T10:00:00-04:00"))
    late = {"all": (NOON - timedelta(minutes=30),)}  # half past eleven tomorrow, and so at eight the day after
    decision = decide(message(), Facts(counted=late), rules, NOON)
    assert decision.not_before == moment("2026-06-12T08:00:00-04:00")


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.integers(0, 72 * 60), max_size=4),
    st.integers(1, 3),
    st.sampled_from(["within: 24 hours", "within: 36 hours", "each: day"]),
    st.sampled_from([NEW_YORKER, PENSACOLA]),
    st.integers(0, 14 * 24 * 60),
)
def test_a_deferred_instant_is_allowed_and_the_first_with_caps_and_holidays_too(minutes, most, period, to, later):
    """The instant is held against the decisions of all the minutes before it."""
    now = moment("2026-06-26T00:00:00-04:00") + timedelta(minutes=later)  # Independence Day lies ahead
    rules = book(
        policy(
            f"  - {{id: c, cap: {{most: {most}, {period}}}, otherwise: defer}}\n"
            '  - {id: h, hours: {mon-sat: "08:00-20:00", sun: closed, holidays: "10:00-12:00", calendar: US}}\n'
        )
    )
    facts = Facts(counted={"all": tuple(sorted(now - timedelta(minutes=ago) for ago in minutes))})
    decision = decide(message(to), facts, rules, now)
    if decision.action is not Action.DEFER:
        return
    assert decision.not_before > now
    assert decide(message(to), facts, rules, decision.not_before).word == "send"
    step = max(timedelta(minutes=1), (decision.not_before - now) / 200)
    earlier = now
    while earlier < decision.not_before:
        assert decide(message(to), facts, rules, earlier).word == "defer"
        earlier += step
    assert decide(message(to), facts, rules, decision.not_before - timedelta(seconds=1)).word == "defer"


def test_who_is_on_a_list_gets_nothing_unless_a_consent_lifts_it():
    rule = "list: {any: [us-dnc, litigators]}, unless: express-written"
    assert ruled(rule).needs(message()).lists == ("us-dnc", "litigators")
    decision = decide(message(), Facts(lists=("litigators",)), ruled(rule), NOON)
    assert (decision.word, decision.deciding.reason) == ("block", Reason.LIST)
    assert word(rule, message()) == "send"
    agreed = facts_of("lists: [us-dnc]\nconsent: [{kind: express-written, at: 2026-01-01T00:00:00Z}]")
    assert word(rule, message(), agreed) == "send"


def left(rule: str, text: str, program: Program = CLUB, sender: Sender | None = None, country: str = "US") -> str:
    sent = replace(message(text=text, program=program), **({"sender": sender} if sender else {}))
    decision = decide(sent, Facts.NONE, ruled(rule, country), NOON)
    assert decision.action is Action.SEND, decision.deciding
    return rewritten(text, decision.edits)


ACME = Sender(SenderKind.ALPHANUMERIC, "ACME")
REACHED = replace(CLUB, contact="acme.example")


@pytest.mark.parametrize(
    ("situation", "rule", "text", "whole"),
    [
        ("the brand is missing", "identify: {by: brand}", "20% off", "Acme: 20% off"),
        ("the brand is there, in any case", "identify: {by: brand}", "20% off at ACME", "20% off at ACME"),
        ("behind the text", 'identify: {by: contact, add: " ({contact})", place: after}', "Hi", "Hi (acme.example)"),
        ("either is enough", "identify: {by: either}", "20% off acme.example", "20% off acme.example"),
        ("behind a label", "identify: {by: brand}", "[AD] 20% off", "[AD] Acme: 20% off"),
        ("a label", 'label: {prefix: "(AD) "}', "20% off", "(AD) 20% off"),
        ("a label that stands there", 'label: {prefix: "(AD) "}', " (ad) 20% off", " (ad) 20% off"),
        ("another spelling", 'label: {prefix: "(AD) ", accept: ["[AD]"]}', "[AD] 20% off", "[AD] 20% off"),
        ("at the end", 'label: {suffix: " (AD)"}', "20% off", "20% off (AD)"),
        (
            "a card",
            "forbid: {numbers: card}, otherwise: mask",
            "Card 4111 1111 1111 1111!",
            "Card **** **** **** ****!",
        ),
        ("no card", "forbid: {numbers: card}, otherwise: mask", "Nr 4111 1111 1111 1112", "Nr 4111 1111 1111 1112"),
        ("an account", "forbid: {numbers: iban}, otherwise: mask", "DE89370400440532013000", "*" * 22),
        ("a word", "forbid: {words: casino}, otherwise: mask", "The Casino!", "The ******!"),
        ("a word within another", "forbid: {words: sex}, otherwise: mask", "Essex", "Essex"),
    ],
)
def test_a_text_is_changed_where_it_must_be(situation, rule, text, whole):
    assert left(rule, text, REACHED) == whole


def test_label_brand_and_instruction_stand_in_their_order():
    rules = book(
        policy(
            "  - {id: i, instruct: {text: {en: Reply STOP to opt out}}}\n"
            '  - {id: l, label: {prefix: "(AD) "}}\n'
            "  - {id: b, identify: {by: brand}}\n"
        )
    )
    decision = decide(message(text="20% off"), Facts.NONE, rules, NOON)
    assert rewritten("20% off", decision.edits) == "(AD) Acme: 20% off Reply STOP to opt out"


def test_an_alphanumeric_sender_that_is_the_brand_says_who_sends():
    assert left("identify: {by: brand}", "20% off", sender=ACME) == "20% off"


def test_a_program_without_a_brand_can_not_be_named_and_the_finding_says_so():
    decision = decide(message(program=Program("bare")), Facts.NONE, ruled("identify: {by: brand}"), NOON)
    assert decision.word == "send"
    assert decision.findings[0].why == "program `bare` has no brand that could be named; write it"


@pytest.mark.parametrize(
    ("situation", "rule", "text", "expected"),
    [
        ("a word", "forbid: {words: [casino, payday loan]}", "Payday LOAN today", "block"),
        ("none of the words", "forbid: {words: [casino, payday loan]}", "A loan on payday", "send"),
        ("a pattern", 'forbid: {patterns: "(?i)get rich (quick|fast)"}', "Get rich fast", "block"),
        ("a host", "forbid: {hosts: bit.ly}", "See https://bit.ly/x", "block"),
        ("without a scheme", "forbid: {hosts: bit.ly}", "See bit.ly/x", "block"),
        ("below it", "forbid: {hosts: bit.ly}", "See http://a.BIT.ly", "block"),
        ("another that ends so", "forbid: {hosts: bit.ly}", "See https://rabbit.ly/x", "send"),
        ("everything", "forbid: everything", "Hello", "block"),
    ],
)
def test_a_text_may_not_hold_what_is_forbidden(situation, rule, text, expected):
    decision = decide(message(text=text), Facts.NONE, ruled(rule), NOON)
    assert decision.word == expected
    if expected == "block":
        assert decision.deciding.reason is Reason.CONTENT


@pytest.mark.parametrize(
    ("situation", "rule", "sender", "expected"),
    [
        ("an allowed type", "sender: {allow: [toll-free]}", Sender(SenderKind.NUMBER, "+18335550100"), "send"),
        ("the wider word", "sender: {allow: [number]}", Sender(SenderKind.NUMBER, "+12125550100"), "send"),
        ("another type", "sender: {allow: [toll-free]}", Sender(SenderKind.NUMBER, "+12125550100"), "block"),
        ("no toll-free number", "sender: {allow: [toll-free]}", Sender(SenderKind.NUMBER, "+44800555010"), "block"),
        ("a name", "sender: {allow: [short-code]}", ACME, "block"),
        ("registered", "sender: {registered: {alphanumeric: sg-ssir}}", ACME, "send"),
        ("not registered", "sender: {registered: {alphanumeric: uk-x}}", ACME, "block"),
        ("the carrier's choice", "sender: {allow: [short-code]}", Sender(SenderKind.POOL, "MG1"), "send"),
    ],
)
def test_a_sender_is_of_an_allowed_type_and_registered(situation, rule, sender, expected):
    club = replace(CLUB, registered={"ACME": ("sg-ssir",)})
    assert word(rule, replace(message(program=club), sender=sender)) == expected


@pytest.mark.parametrize(
    ("situation", "text", "expected"),
    [
        ("the registered text", "Dear Ann, your code is 1234.", "send"),
        ("with a line end", "Dear Ann, your code is 1234.\n", "send"),
        ("something behind it", "Dear Ann, your code is 1234. Buy now at example.com and save fifty", "block"),
        ("more than a blank takes", f"Dear {'A' * 31}, your code is 1234.", "block"),
        ("what a blank takes at most", f"Dear {'A' * 30}, your code is 1234.", "send"),
        ("the program's own", "Balance: 5", "send"),
    ],
)
def test_a_text_matches_a_registered_template(situation, text, expected):
    rule = 'template: {texts: ["Dear {#var#}, your code is {#var#}."]}'
    club = replace(CLUB, templates=("Balance: {#var#}",))
    assert word(rule, message(text=text, program=club)) == expected


@pytest.mark.parametrize(
    ("situation", "when", "expected"),
    [
        ("its category", "for: [marketing]", "block"),
        ("another category", "for: [otp]", "send"),
        ("its region", "when: {region: US-NY}", "block"),
        ("another region", "when: {region: US-FL}", "send"),
        ("its sender's type", "when: {sender: toll-free}", "block"),
        ("another type", "when: {sender: short-code}", "send"),
        ("its program", "when: {program: [vip, club]}", "block"),
        ("its upstream", "when: {upstream: twilio}", "block"),
        ("another upstream", "when: {upstream: kannel}", "send"),
        ("its client's address", "when: {client: 10.0.0.7}", "block"),
        ("its client's account", "when: {client: AC0}", "block"),
        ("another client", "when: {client: [10.0.0.8, AC1]}", "send"),
        ("its subject", "when: {subject: flash}", "block"),
        ("its language", "when: {language: en}", "block"),
        ("another language", "when: {language: es}", "send"),
        ("its text", 'when: {text: "20%"}', "block"),
        ("another text", 'when: {text: "^off"}', "send"),
        ("all of it must be so", "when: {region: US-NY, upstream: kannel}", "send"),
        ("before its first day", "from: 2026-06-11", "send"),
        ("on its last day", "until: 2026-06-10", "block"),
        ("for nobody yet", "share: 0%", "send"),
        ("for everybody", "share: 100%", "block"),
    ],
)
def test_a_rule_holds_where_and_when_it_says(situation, when, expected):
    sent = replace(message(), upstream="twilio", clients=("10.0.0.7", "AC0"), subject="flash")
    assert word(f"forbid: everything, {when}", sent) == expected


def test_a_share_is_always_the_same_recipients_and_grows():
    everybody = [message(f"+1212555{n:04d}") for n in range(100, 200)]

    def enforced(share: int) -> set[str]:
        rules = ruled(f"forbid: everything, share: {share}%")
        return {m.recipient.e164 for m in everybody if decide(m, Facts.NONE, rules, NOON).action is Action.BLOCK}

    assert enforced(20) == enforced(20)
    assert enforced(20) < enforced(60) < enforced(100)
    assert 5 < len(enforced(20)) < 40


def test_a_whole_policy_and_a_whole_program_can_be_observed():
    observed = book(policy("  - {id: r, forbid: everything}\n").replace("country:", "enforce: observe\ncountry:"))
    for sent, rules in (
        (message(), observed),
        (message(program=replace(CLUB, observed=True)), ruled("forbid: everything")),
    ):
        decision = decide(sent, Facts.NONE, rules, NOON)
        assert decision.word == "send"
        assert [(finding.observed, finding.action) for finding in decision.findings] == [(True, Action.BLOCK)]


RELAXED = """policy: site
country: US
relaxations:
  - {rule: p/r, by: Jane Doe, reason: agreed in writing, until: 2026-06-10, for: [marketing], when: {program: club}}
"""


def test_a_relaxed_rule_says_what_it_would_do_until_the_day_is_over():
    rules = book(policy("  - {id: r, forbid: everything}\n"), RELAXED)
    decision = decide(message(), Facts.NONE, rules, NOON)
    assert decision.word == "send"
    assert decision.findings[0].why.endswith("(relaxed until 2026-06-10 by Jane Doe)")
    assert decide(message(), Facts.NONE, rules, moment("2026-06-11T00:00:00Z")).word == "block"
    assert decide(message(program=Program("vip")), Facts.NONE, rules, NOON).word == "block"
    assert decide(message(category=Category.CHARITY), Facts.NONE, rules, NOON).word == "block"


def test_a_relaxation_alone_is_no_policy_of_a_country():
    world = policy("  - {id: r, forbid: everything}\n", "w", "*")
    assert decide(message(), Facts.NONE, book(world, RELAXED), NOON).word == "block"


@pytest.mark.parametrize(("program", "expected"), [("club", "program `club` was"), (SCOPE_ALL, "all programs were")])
def test_a_stopped_program_sends_nothing_but_what_people_asked_for(program, expected):
    facts = Facts(stopped=Stop(program, "wrong price", NOON))
    decision = decide(message(), facts, book(), NOON)
    assert (decision.word, decision.deciding.reason) == ("block", Reason.STOPPED)
    assert decision.deciding.why == f"{expected} stopped at 2026-06-10 16:00 UTC by an operator"
    for category in (Category.OPTOUT_CONFIRMATION, Category.HELP_REPLY):
        assert decide(message(category=category), facts, book(), NOON).word == "send"


def test_a_scenario_that_is_right_for_the_wrong_reason_has_failed():
    rules = book(policy('  - {id: a, forbid: everything}\n  - {id: b, hours: {from: "01:00", to: "02:00"}}\n'))
    told = 'message: {{to: "{}", text: x}}\nat: 2026-06-10T16:00:00Z\nexpect: {{action: block, rule: {}}}'
    right, wrong = (read(Document.read(told.format(FLORIDIAN, rule).encode(), "t"))[0] for rule in ("p/a", "p/b"))
    assert tried(right, rules).differences == ()
    assert tried(wrong, rules).differences == ("expected because of p/b, found because of p/a",)


def test_what_is_found_never_tells_number_or_text():
    rules = ruled("forbid: {words: [off], numbers: [card]}")
    decision = decide(message(text=f"{SALE} 4111111111111111"), Facts.NONE, rules, NOON)
    assert decision.deciding.why == "the text holds a forbidden word and a card number"
