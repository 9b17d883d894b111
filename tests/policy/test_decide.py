"""A message leaves only when everything agrees; what can't be judged stays."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.policy.book import Book, Policy
from gateway.policy.decide import decide
from gateway.policy.scope import Scope
from gateway.words.decision import Action, Reason
from gateway.words.facts import Facts, SuppressionKind
from gateway.words.message import Message
from gateway.words.number import Sender, SenderKind
from gateway.words.program import Category, Program
from tests.policy.people import (
    ALABAMIAN,
    CLUB,
    CONSENTED,
    FLORIDIAN,
    GUYANESE,
    LONDONER,
    NEW_YORKER,
    NOBODY,
    PENNSYLVANIAN,
    PENSACOLA,
    SHIPPED,
    TEXAN,
    book,
    hours,
    message,
    moment,
    policy,
    somewhere,
    stopped,
)

NOON = moment("2026-06-10T12:00:00-04:00")  # a Wednesday


@pytest.mark.parametrize(
    ("situation", "to", "category", "now", "word", "rule"),
    [
        ("a New Yorker at noon", NEW_YORKER, "marketing", "2026-06-10T16:00Z", "rewrite", "us-federal/instruction"),
        ("the minute before eight", NEW_YORKER, "marketing", "2026-06-10T11:59Z", "defer", "us-federal/quiet-hours"),
        ("eight sharp", NEW_YORKER, "marketing", "2026-06-10T12:00Z", "rewrite", "us-federal/instruction"),
        ("the minute before nine", NEW_YORKER, "marketing", "2026-06-11T00:59Z", "rewrite", "us-federal/instruction"),
        ("21:00 sharp is too late", NEW_YORKER, "marketing", "2026-06-11T01:00Z", "defer", "us-federal/quiet-hours"),
        ("Florida closes at eight", FLORIDIAN, "marketing", "2026-06-11T00:00Z", "defer", "us-fl/quiet-hours"),
        ("and not before", FLORIDIAN, "marketing", "2026-06-10T23:59Z", "rewrite", "us-federal/instruction"),
        ("850: one zone still sleeps", PENSACOLA, "marketing", "2026-06-10T12:30Z", "defer", "us-federal/quiet-hours"),
        ("850: both are up", PENSACOLA, "marketing", "2026-06-10T13:00Z", "rewrite", "us-federal/instruction"),
        ("a Texan's Sunday morning", TEXAN, "marketing", "2026-06-14T16:59Z", "defer", "us-tx/quiet-hours"),
        ("a Texan's Sunday noon", TEXAN, "marketing", "2026-06-14T17:00Z", "rewrite", "us-federal/instruction"),
        ("no Sunday in Alabama", ALABAMIAN, "marketing", "2026-06-14T17:00Z", "defer", "us-al/quiet-hours"),
        ("Pennsylvania before its Act", PENNSYLVANIAN, "marketing", "2026-10-17T23:59Z", "rewrite", "us-federal"),
        ("Pennsylvania under it", PENNSYLVANIAN, "marketing", "2026-10-19T23:00Z", "defer", "us-pa/quiet-hours"),
        ("a code at night", NEW_YORKER, "otp", "2026-06-10T06:00Z", "send", None),
        ("a delivery at night", NEW_YORKER, "transactional", "2026-06-10T06:00Z", "send", None),
        ("a debt at night", NEW_YORKER, "debt_collection", "2026-06-10T06:00Z", "defer", "us-federal/debt-hours"),
        ("a country without policies", GUYANESE, "marketing", "2026-06-10T13:59Z", "defer", "world/quiet-hours"),
        ("a country without any by day", GUYANESE, "marketing", "2026-06-10T14:00Z", "rewrite", "world/instr"),
        ("where nobody agreed", GUYANESE, "charity", "2026-06-10T14:00Z", "block", "world/consent"),
        ("no number", NOBODY, "otp", "2026-06-10T16:00Z", "block", "gateway/number"),
    ],
)
def test_a_message_leaves_only_when_everything_agrees(situation, to, category, now, word, rule):
    decision = decide(message(to, category=Category(category)), CONSENTED, SHIPPED, moment(now))
    assert decision.word == word
    assert (decision.deciding.rule if decision.deciding else "").startswith(rule or "")
    assert (decision.deciding is None) == (rule is None)
    assert decision.revision == SHIPPED.revision


OPT_OUT, LEGAL = SuppressionKind.OPT_OUT, SuppressionKind.LEGAL_HOLD
OTHER = [kind for kind in SuppressionKind if kind not in {OPT_OUT, SuppressionKind.DOUBT}]


@pytest.mark.parametrize(
    ("situation", "suppression", "category", "blocked"),
    [
        ("STOP ends marketing", stopped(), "marketing", True),
        ("and codes", stopped(), "otp", True),
        ("and service", stopped(), "service", True),
        ("but not the one confirmation", stopped(), "optout_confirmation", False),
        ("nor the answer to HELP", stopped(), "help_reply", False),
        ("nor a warning of danger", stopped(), "emergency", False),
        ("a STOP to this program", stopped(scope="program:club"), "marketing", True),
        ("a STOP to another", stopped(scope="program:clubs"), "marketing", False),
        ("a STOP to this sender", stopped(scope="sender:+18335550100"), "marketing", True),
        ("a STOP to another sender", stopped(scope="sender:+18335550199"), "marketing", False),
        ("a STOP to its brand", stopped(scope="brand:Acme"), "marketing", True),
        ("a STOP to another brand", stopped(scope="brand:Acme Toys"), "marketing", False),
        ("a STOP to its category", stopped(scope="category:marketing"), "marketing", True),
        ("a STOP to another category", stopped(scope="category:political"), "marketing", False),
        ("a scope that nobody understands", stopped(scope="planet:Mars"), "marketing", True),
        *((f"{kind}: nothing at all", stopped(kind), "emergency", True) for kind in OTHER),
        *((f"{kind}: no HELP either", stopped(kind), "help_reply", True) for kind in OTHER),
        *((f"{kind}: but the confirmation", stopped(kind), "optout_confirmation", False) for kind in OTHER),
    ],
)
def test_who_must_not_be_texted_is_not_texted(situation, suppression, category, blocked):
    facts = replace(CONSENTED, suppressions=(suppression,))
    decision = decide(message(category=Category(category)), facts, SHIPPED, NOON)
    assert (decision.action is Action.BLOCK) == blocked
    if blocked:
        assert decision.deciding.reason is Reason.SUPPRESSED


@pytest.mark.parametrize(("category", "blocked"), [("marketing", True), ("political", True), ("otp", False)])
def test_a_doubtful_reply_holds_advertising_and_is_no_opt_out(category, blocked):
    facts = replace(CONSENTED, suppressions=(stopped(SuppressionKind.DOUBT),))
    decision = decide(message(category=Category(category)), facts, SHIPPED, NOON)
    held = [finding for finding in decision.findings if finding.rule == "gateway/doubt"]
    assert bool(held) == blocked
    assert all(finding.reason is Reason.NO_CONSENT for finding in held)


def test_stop_outweighs_the_hour():
    night = moment("2026-06-11T03:00:00Z")
    decision = decide(message(), Facts(suppressions=(stopped(),)), SHIPPED, night)
    assert decision.word == "block"
    assert decision.not_before is None
    assert {finding.rule for finding in decision.findings} >= {"gateway/suppressed", "us-federal/quiet-hours"}


def test_the_first_suppression_that_binds_is_named_and_not_the_first_that_there_is():
    facts = Facts(suppressions=(stopped(scope="program:other"), stopped(LEGAL)))
    assert decide(message(), facts, SHIPPED, NOON).deciding.why.startswith("legal-hold since 2026-01-02")


def test_facts_that_could_not_be_read_mean_that_nothing_is_sent():
    for category in Category:
        decision = decide(message(category=category), Facts.UNKNOWN, SHIPPED, NOON)
        assert decision.action is Action.BLOCK
        assert decision.deciding.reason is Reason.TRY_AGAIN


def test_a_number_without_a_known_zone_is_never_within_hours():
    decision = decide(somewhere(), CONSENTED, SHIPPED, NOON)
    assert decision.action is Action.BLOCK
    assert decision.deciding.reason is Reason.HOURS
    assert "time zone is not known" in decision.deciding.why


@pytest.mark.parametrize(
    ("situation", "now", "word"),
    [
        ("a weekday at ten", "2026-06-10T14:00Z", "rewrite"),
        ("a minute before", "2026-06-10T13:59Z", "defer"),
        ("at six", "2026-06-10T22:00Z", "defer"),
        ("Saturday at five", "2026-06-13T21:00Z", "defer"),
        ("Saturday a minute before five", "2026-06-13T20:59Z", "rewrite"),
        ("Sunday", "2026-06-14T16:00Z", "defer"),
    ],
)
def test_of_whom_no_state_is_known_is_texted_when_every_state_allows_it(situation, now, word):
    nowhere = somewhere("America/New_York", regions=())
    assert decide(nowhere, CONSENTED, SHIPPED, moment(now)).word == word


def test_who_may_be_in_two_states_is_bound_by_both():
    decision = decide(
        somewhere("America/New_York", regions=("US-NY", "US-CT")), CONSENTED, SHIPPED, moment("2026-06-11T00:30Z")
    )
    assert decision.deciding.rule == "us-ct/quiet-hours"


def test_a_scheduled_message_is_judged_for_its_hour():
    at_night = message(send_at=moment("2026-06-11T03:00Z"))
    decision = decide(at_night, CONSENTED, SHIPPED, NOON)
    assert decision.word == "defer"
    assert decision.not_before == moment("2026-06-11T12:00Z")
    assert decide(message(send_at=NOON), CONSENTED, SHIPPED, moment("2026-06-10T06:00Z")).word == "rewrite"


def test_a_scheduled_message_is_judged_by_the_law_of_its_day():
    before_the_act = moment("2026-10-01T15:00Z")
    scheduled = message(PENNSYLVANIAN, send_at=moment("2026-10-19T23:30Z"))
    assert decide(scheduled, CONSENTED, SHIPPED, before_the_act).deciding.rule == "us-pa/quiet-hours"


def test_an_hour_that_has_passed_is_judged_as_now():
    assert decide(message(send_at=NOON), CONSENTED, SHIPPED, moment("2026-06-11T03:00Z")).word == "defer"


def test_an_observed_rule_changes_nothing_and_says_what_it_would_do():
    shop = book(hours("{from: 08:00, to: 09:00}, otherwise: block, enforce: observe"))
    decision = decide(message(), Facts.NONE, shop, NOON)
    assert decision.word == "send"
    assert [(finding.action, finding.observed) for finding in decision.findings] == [(Action.BLOCK, True)]


def test_a_rule_that_is_off_is_not_asked():
    shop = book(hours("{from: 08:00, to: 09:00}, enforce: off"))
    assert decide(message(), Facts.NONE, shop, NOON).findings == ()


def test_hours_may_block_instead_of_deferring():
    shop = book(hours("{from: 08:00, to: 09:00}, otherwise: block"))
    assert decide(message(), Facts.NONE, shop, NOON).word == "block"


def test_hours_that_never_agree_block():
    shop = book(hours("{from: 08:00, to: 12:00}", "a"), hours("{from: 13:00, to: 20:00}", "b"))
    decision = decide(message(), Facts.NONE, shop, NOON)
    assert decision.word == "block"
    assert decision.deciding.why == "the rules on hours that bind it never agree"
    assert decision.deciding.cites == "a/h; b/h"


def test_a_rule_for_one_program_leaves_the_others_alone():
    shop = book(policy("  - {id: h, hours: {from: 08:00, to: 09:00}, when: {program: club}}\n"))
    assert decide(message(), Facts.NONE, shop, NOON).word == "defer"
    assert decide(message(program=Program("news")), Facts.NONE, shop, NOON).word == "send"


@dataclass(frozen=True)
class Broken:
    """A rule that fails, as no rule should."""

    id = "p/broken"
    scope = Scope()
    kind = None
    observed: bool = False

    def find(self, message, facts, at):
        raise ZeroDivisionError("12125550100")


def test_a_rule_that_fails_closes_the_gate_and_tells_nothing_personal():
    shop = Book((Policy("p", frozenset({"US"}), (Broken(),)),), "r")
    decision = decide(message(), Facts.NONE, shop, NOON)
    assert decision.action is Action.BLOCK
    assert decision.deciding.reason is Reason.TRY_AGAIN
    assert decision.deciding.why == "could not be judged (ZeroDivisionError); nothing was sent"


def test_an_observed_rule_that_fails_changes_nothing():
    shop = Book((Policy("p", frozenset({"US"}), (Broken(observed=True),)),), "r")
    assert decide(message(), Facts.NONE, shop, NOON).action is Action.SEND


@pytest.mark.parametrize(
    ("situation", "strange", "now"),
    [
        ("a zone that there isn't", somewhere("America/Nowhere"), NOON),
        ("one of two", somewhere("America/New_York", "America/Nowhere"), moment("2026-06-11T03:00Z")),
        ("a time of no zone", message(send_at=datetime(2026, 6, 10)), NOON),  # noqa: DTZ001
        (
            "the end of all time",
            replace(somewhere("Pacific/Chatham"), send_at=datetime(9999, 12, 31, 23, tzinfo=UTC)),
            NOON,
        ),
    ],
)
def test_what_can_not_be_judged_is_closed(situation, strange, now):
    decision = decide(strange, CONSENTED, SHIPPED, now)
    assert decision.action is Action.BLOCK
    assert decision.deciding.reason is Reason.TRY_AGAIN


zones = st.sampled_from(["America/New_York", "America/Phoenix", "Pacific/Chatham", "America/Nowhere", "", "../etc"])
places = st.builds(
    lambda country, regions, zones: somewhere(*zones, country=country, regions=regions).recipient,
    st.sampled_from(["US", "GB", "", "*", "XX"]),
    st.lists(st.sampled_from(["US-FL", "US-PA", "US-XX", ""]), max_size=3).map(tuple),
    st.lists(zones, max_size=3).map(tuple),
)
anything = st.builds(
    Message,
    st.just("m"),
    st.none() | places,
    st.none() | st.text(max_size=40),
    st.builds(Sender, st.sampled_from(SenderKind), st.text(max_size=5)),
    st.just(CLUB),
    st.sampled_from(Category),
    st.none() | st.datetimes(),
)
everybody = st.builds(
    lambda suppressions, instructed: Facts(suppressions=suppressions, instructed=instructed),
    st.lists(st.builds(stopped, st.sampled_from(SuppressionKind), st.text(max_size=8)), max_size=2).map(tuple),
    st.none() | st.datetimes(),
)
moments = st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda after: moment("2024-01-01T00:00Z") + after)


@settings(max_examples=150, deadline=None)
@given(anything, everybody, moments)
def test_deciding_never_fails(sent, facts, now):
    decision = decide(sent, facts, SHIPPED, now)
    assert decision.word in {"send", "rewrite", "defer", "block"}
    assert (decision.not_before is not None) == (decision.word == "defer")


FILES = [
    hours("{from: 08:00, to: 21:00}", "a"),
    hours("{from: 09:00, to: 22:00}, otherwise: block", "b"),
    policy("  - {id: i, instruct: {text: {en: Reply STOP to opt out}}}\n", "c"),
    hours("{mon-sat: 10:00-20:00, sun: closed}, when: {region: US-NY}", "d"),
    hours("{mon-fri: 00:00-24:00, sat: closed, sun: closed}", "w", "*"),
]


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), moments)
def test_a_decision_does_not_hang_on_the_order_of_the_files(shuffler: random.Random, now):
    shuffled = FILES.copy()
    shuffler.shuffle(shuffled)
    for sent in (somewhere("America/New_York", "America/Chicago"), message(LONDONER)):
        assert decide(sent, Facts.NONE, book(*shuffled), now) == decide(sent, Facts.NONE, book(*FILES), now)


@settings(max_examples=60, deadline=None)
@given(moments, st.sampled_from(["FR", "IN", "GB"]))
def test_a_policy_for_another_country_changes_nothing(now, country):
    more = book(*FILES, hours("{mon-fri: 12:00-12:01, sat: closed, sun: closed}, otherwise: block", "x", country))
    sent = somewhere("America/New_York")
    assert decide(sent, Facts.NONE, more, now) == decide(sent, Facts.NONE, book(*FILES), now)


def test_a_country_s_own_policy_takes_the_place_of_the_generic_one():
    own = book(*FILES, hours("{from: 00:00, to: 24:00}", "gb", "GB"))
    saturday = moment("2026-06-13T12:00Z")
    assert decide(message(LONDONER), Facts.NONE, book(*FILES), saturday).word == "defer"
    assert decide(message(LONDONER), Facts.NONE, own, saturday).word == "send"


def test_needs_name_the_recipient_and_the_program():
    sent = message(program=replace(CLUB, name="news"))
    needs = SHIPPED.needs(sent)
    assert (needs.recipient, needs.program) == (sent.recipient, "news")
