"""What `check --diff` says of a change is true: nothing that it calls stricter lets anything through."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.policy.book import Book
from gateway.policy.compare import Verdict, compared, sections_compared
from gateway.policy.decide import decide
from gateway.words.decision import Action
from gateway.words.facts import Consent, ConsentKind, Facts
from gateway.words.message import Message
from gateway.words.number import Number, Place, Sender, SenderKind
from gateway.words.program import Category, Program
from tests.policy.people import SHIPPED, book, policy

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
WORLD = policy('  - {id: hours, hours: {from: "10:00", to: "18:00"}}\n', "world", "*")


def one(rule: str, country: str = "US") -> Book:
    return book(policy(f"  - {{id: r, {rule}}}\n", country=country), WORLD)


def verdicts(old: Book, new: Book) -> dict[str, str]:
    return {change.rule: change.verdict.value for change in compared(old, new, DAY)}


HOURS = 'hours: {from: "08:00", to: "21:00"}'
WEEK = 'hours: {mon-sat: "08:00-21:00", sun: closed}'


@pytest.mark.parametrize(
    ("situation", "before", "after", "verdict"),
    [
        ("an hour later in the morning", HOURS, 'hours: {from: "09:00", to: "21:00"}', "stricter"),
        ("a minute longer", HOURS, 'hours: {from: "08:00", to: "21:01"}', "looser"),
        ("closed on Sundays", HOURS, WEEK, "stricter"),
        ("shorter by day, longer at night", HOURS, 'hours: {from: "12:00", to: "22:00"}', "looser"),
        ("the same week in other words", HOURS, 'hours: {mon-sat: "08:00-21:00", sun: "08:00-21:00"}', "the same"),
        ("holidays too", WEEK, f"{WEEK[:-1]}, holidays: closed, calendar: US}}", "stricter"),
        (
            "one holiday less",
            f"{WEEK[:-1]}, holidays: closed, calendar: US}}",
            f'{WEEK[:-1]}, holidays: closed, calendar: US, never: "12-25"}}',
            "looser",
        ),
        (
            "a holiday that is a Sunday anyway",
            f"{WEEK[:-1]}, holidays: closed, also: [2026-12-24, 2026-12-27]}}",
            f"{WEEK[:-1]}, holidays: closed, also: 2026-12-24}}",
            "no difference",
        ),
        ("refused instead of kept", HOURS, f"{HOURS}, otherwise: block", "stricter"),
        ("kept instead of refused", f"{HOURS}, otherwise: block", HOURS, "looser"),
        ("a kind less is enough", "consent: [express, express-written]", "consent: express-written", "stricter"),
        ("a kind more is enough", "consent: express-written", "consent: [express, express-written]", "looser"),
        ("kinds in another order", "consent: [express, registry]", "consent: [registry, express]", "no difference"),
        ("only if confirmed", "consent: express", "consent: {accept: {kind: express, confirmed: true}}", "stricter"),
        (
            "for a shorter time",
            "consent: {accept: {kind: purchase, within: 18 months}}",
            "consent: {accept: {kind: purchase, within: 500 days}}",
            "stricter",
        ),
        (
            "twelve months for a year",
            "consent: {accept: {kind: purchase, within: 1 year}}",
            "consent: {accept: {kind: purchase, within: 12 months}}",
            "the same",
        ),
        (
            "a year in days is shorter where February is long",
            "consent: {accept: {kind: purchase, within: 365 days}}",
            "consent: {accept: {kind: purchase, within: 12 months}}",
            "looser",
        ),
        ("fewer", "cap: {most: 3, within: 24 hours}", "cap: {most: 2, within: 24 hours}", "stricter"),
        ("more", "cap: {most: 3, within: 24 hours}", "cap: {most: 4, within: 24 hours}", "looser"),
        ("as many in a longer time", "cap: {most: 3, within: 24 hours}", "cap: {most: 3, within: 2 days}", "stricter"),
        ("fewer in a shorter time", "cap: {most: 3, within: 24 hours}", "cap: {most: 2, within: 12 hours}", "looser"),
        ("a day in other words", "cap: {most: 3, within: 24 hours}", "cap: {most: 3, within: 1 day}", "the same"),
        ("each day, then each week", "cap: {most: 3, each: day}", "cap: {most: 3, each: week}", "stricter"),
        ("a week is in two months", "cap: {most: 3, each: week}", "cap: {most: 3, each: month}", "looser"),
        ("each sender apart", "cap: {most: 3, each: day}", "cap: {most: 3, each: day, per: sender}", "looser"),
        ("one list more", "list: us-dnc", "list: [us-dnc, us-reassigned]", "stricter"),
        ("one list less", "list: [us-dnc, us-reassigned]", "list: us-dnc", "looser"),
        ("a type less", "sender: {allow: [short-code, toll-free]}", "sender: {allow: short-code}", "stricter"),
        ("all numbers", "sender: {allow: toll-free}", "sender: {allow: number}", "looser"),
        ("numbers in two words", "sender: {allow: number}", "sender: {allow: [toll-free, long-code]}", "no difference"),
        (
            "no longer registered",
            "sender: {registered: {alphanumeric: sg-ssir}}",
            "sender: {allow: [number, alphanumeric]}",
            "looser",
        ),
        ("a changed wording", "label: {prefix: (AD)}", "label: {prefix: (ADV)}", "can't compare"),
        ("words forbidden", "forbid: {words: casino}", "forbid: {words: [casino, poker]}", "can't compare"),
        ("everything forbidden", "forbid: {words: casino}", "forbid: everything", "stricter"),
        ("another citation", f"{HOURS}, cite: x", f"{HOURS}, cite: y", "no difference"),
        ("a category less", f"{HOURS}, for: [marketing, political]", f"{HOURS}, for: marketing", "looser"),
        ("all categories", f"{HOURS}, for: marketing", HOURS, "stricter"),
        ("one state only", HOURS, f"{HOURS}, when: {{region: US-FL}}", "looser"),
        ("all states", f"{HOURS}, when: {{region: US-FL}}", HOURS, "stricter"),
        ("one program only", HOURS, f"{HOURS}, when: {{program: club}}", "looser"),
        (
            "numbers, whatever they are",
            f"{HOURS}, when: {{sender: [toll-free, long-code]}}",
            f"{HOURS}, when: {{sender: number}}",
            "no difference",
        ),
        ("lifted by consent", "list: us-dnc", "list: us-dnc, unless: express-written", "looser"),
        (
            "lifted by less",
            "list: us-dnc, unless: [express, express-written]",
            "list: us-dnc, unless: express-written",
            "stricter",
        ),
        ("only observed", HOURS, f"{HOURS}, enforce: observe", "looser"),
        ("for some", HOURS, f"{HOURS}, share: 10%", "looser"),
        ("for more", f"{HOURS}, share: 10%", f"{HOURS}, share: 20%", "stricter"),
        ("switched off", "list: a", "list: a, enforce: off", "looser"),
        (
            "what was off, removed in another way",
            f"{HOURS}, enforce: observe",
            "enforce: off, list: x",
            "no difference",
        ),
        ("until a day", HOURS, f"{HOURS}, until: 2027-01-01", "looser"),
        ("from a day that is gone", HOURS, f"{HOURS}, from: 2026-01-01", "no difference"),
        ("from a day to come", HOURS, f"{HOURS}, from: 2027-01-01", "looser"),
    ],
)
def test_a_changed_rule_is_called_what_it_is(situation, before, after, verdict):
    assert verdicts(one(before), one(after)).get("p/r", "the same") == verdict


def test_a_rule_that_has_ended_is_not_missed():
    assert verdicts(one(f"{HOURS}, until: 2026-11-23"), one("list: a"))["p/r"] == "stricter"


def test_a_rule_that_moves_to_another_policy_is_no_difference():
    old = book(policy(f"  - {{id: a, {HOURS}}}\n", "one"), WORLD)
    new = book(policy(f"  - {{id: b, {HOURS}}}\n", "two"), WORLD)
    assert verdicts(old, new) == {"one/a": "no difference", "two/b": "no difference"}


def test_hours_that_two_rules_keep_together_are_no_looser():
    old = one('hours: {mon-fri: "10:00-18:00", sat: closed, sun: closed}')
    rules = ('hours: {from: "10:00", to: "18:00"}', 'hours: {mon-fri: "00:00-24:00", sat: closed, sun: closed}')
    new = book(policy("".join(f"  - {{id: r{n}, {rule}}}\n" for n, rule in enumerate(rules))), WORLD)
    assert not any(change.verdict.loosens for change in compared(old, new, DAY))


def test_two_consent_rules_are_never_taken_for_one():
    """Somebody with two consents could pass both, and not the one that they replace."""
    old = one("consent: {accept: {kind: express, confirmed: true, night: true}}")
    rules = ("confirmed", "night")
    written = "".join(f"  - {{id: {r}, consent: {{accept: {{kind: express, {r}: true}}}}}}\n" for r in rules)
    assert verdicts(old, book(policy(written), WORLD))["p/r"] == "looser"


def test_a_country_s_first_policy_takes_the_generic_one_s_place():
    old, new = book(WORLD), book(WORLD, policy("  - {id: r, list: de-list}\n", country="DE"))
    [loosened] = [change for change in compared(old, new, DAY) if change.verdict.loosens]
    assert loosened.rule == "world/hours"
    assert {cell.country for cell in loosened.where} == {"DE"}


def test_a_relaxation_makes_its_rule_looser_where_it_holds():
    relaxation = "policy: site\ncountry: US\nrelaxations: [{rule: p/r, by: A, reason: B, until: 2026-12-31, for: otp}]"
    new = Book((*one(HOURS).policies, *book(relaxation).policies), "new")
    [change] = compared(one(HOURS), new, DAY)
    assert (change.verdict, change.places) == (Verdict.LOOSER, "US: otp")
    assert compared(one(HOURS), new, date(2027, 1, 1)) == []


def test_many_places_are_counted():
    several = "policy: p\ncountry: [US, CA, DE, FR, IT, ES]\nrules: [{id: r, list: l}]"
    change = compared(book(several, WORLD), book(WORLD), DAY)[0]
    assert change.places.startswith("CA, DE, ES, FR and 2 more: marketing, ")


def test_nothing_differs_from_itself():
    assert compared(SHIPPED, SHIPPED, DAY) == []


# Below: whatever is changed, if nothing is called looser, then nothing that was refused is let through.

SPANS = ["1 day", "24 hours", "30 days", "1 month", "4 weeks", "12 months", "365 days", "1 year"]
CLOCK = ["00:00", "08:00", "08:01", "12:00", "20:00", "21:00", "24:00"]
ACCEPTED = st.fixed_dictionaries(
    {"kind": st.sampled_from(["express", "purchase"])},
    optional={"within": st.sampled_from(SPANS), "confirmed": st.just(True), "night": st.just(True)},
)
TYPES = st.lists(
    st.sampled_from(["number", "long-code", "toll-free", "short-code", "alphanumeric"]), min_size=1, unique=True
)


@st.composite
def hours(draw: st.DrawFn) -> dict[str, Any]:
    start, end = draw(st.lists(st.sampled_from(CLOCK), min_size=2, max_size=2, unique=True))
    written = {"from": start, "to": end}
    written |= draw(st.sampled_from([{}, {"sun": "closed"}, {"holidays": "closed", "calendar": "US"}]))
    return {"hours": written, "otherwise": draw(st.sampled_from(["defer", "block"]))}


@st.composite
def caps(draw: st.DrawFn) -> dict[str, Any]:
    period = draw(
        st.sampled_from([{"each": each} for each in ("day", "week", "month")] + [{"within": s} for s in SPANS])
    )
    per = draw(st.sampled_from(["recipient", "sender", "program"]))
    written = {"most": draw(st.integers(1, 3)), **period, "per": per}
    return {"cap": written, "otherwise": draw(st.sampled_from(["defer", "block"]))}


KINDS = {
    "hours": hours(),
    "cap": caps(),
    "consent": st.lists(ACCEPTED, min_size=1, max_size=2).map(lambda accept: {"consent": {"accept": accept}}),
    "list": st.lists(st.sampled_from(["a", "b"]), min_size=1, unique=True).map(lambda names: {"list": names}),
    "sender": st.fixed_dictionaries(
        {"allow": TYPES}, optional={"registered": st.sampled_from([{"number": "x"}, {"toll-free": "y", "number": "x"}])}
    ).map(lambda written: {"sender": written}),
}
WHEN = st.fixed_dictionaries(
    {},
    optional={
        "region": st.sampled_from([["US-FL"], ["US-FL", "US-NY"], ["unknown"], ["unknown", "US-NY"]]),
        "program": st.sampled_from([["club"], ["club", "shop"]]),
        "sender": st.sampled_from([["number"], ["toll-free"], ["toll-free", "long-code"]]),
    },
)
FRAME = st.fixed_dictionaries(
    {},
    optional={
        "for": st.sampled_from([["marketing"], ["marketing", "political"]]),
        "when": WHEN,
        "unless": st.lists(ACCEPTED, min_size=1, max_size=2),
        "enforce": st.sampled_from(["on", "observe"]),
        "share": st.sampled_from(["30%", "60%"]),
        "from": st.sampled_from(["2026-01-01", "2027-01-01"]),
        "until": st.sampled_from(["2027-06-01", "2028-01-01"]),
    },
)


@st.composite
def rules(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    return {**draw(KINDS[kind]), **draw(FRAME)}


def dumped(written: dict[str, dict[str, Any]]) -> Book:
    several = [{"id": name, **rule} for name, rule in written.items()]
    ours = yaml.safe_dump({"policy": "p", "country": "US", "rules": several}, sort_keys=False)
    return book(ours) if several else book(policy("  - {id: x, label: {prefix: x}}\n"))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Book, Book]:
    """Some rules, and the same with one or two other ones in their place or beside them."""
    old = {f"r{n}": draw(st.sampled_from(sorted(KINDS)).flatmap(rules)) for n in range(draw(st.integers(1, 3)))}
    new = dict(old)
    for name in draw(st.lists(st.sampled_from(sorted(old)), min_size=1, max_size=2)):
        kind = next(kind for kind in KINDS if kind in old[name])
        changed, part = draw(rules(kind)), draw(st.sampled_from(["all", "kind", "frame", "none"]))
        body = {key: value for key, value in (changed if part in {"all", "kind"} else old[name]).items() if key in BODY}
        frame = changed if part in {"all", "frame"} else old[name]
        new[name] = {**{key: value for key, value in frame.items() if key not in BODY}, **body}
    for n in range(draw(st.integers(0, 1))):
        new[f"n{n}"] = draw(st.sampled_from(sorted(KINDS)).flatmap(rules))
    return dumped(old), dumped(new)


BODY = {*KINDS, "otherwise"}
CATEGORIES = [Category.MARKETING, Category.POLITICAL]
DAYS = timedelta(days=1)
AGES = [0, 1, 24, 27, 28, 29, 30, 31, 364, 365, 366, 500]
REGIONS = [(), ("US-FL",), ("US-NY",), ("US-FL", "US-NY"), ("US-TX",)]
SENDERS = [
    Sender(SenderKind.NUMBER, "+18335550100"),
    Sender(SenderKind.NUMBER, "+12125550100"),
    Sender(SenderKind.SHORT_CODE, "12345"),
    Sender(SenderKind.ALPHANUMERIC, "ACME"),
]

Situation = tuple[Message, datetime, list[Consent], tuple[str, ...], list[datetime]]


def situation(chance: Random) -> Situation:
    """Any: thousands are asked, and so many values drawn one by one would take most of a minute."""
    sender = chance.choice(SENDERS)
    registered = chance.choice([{}, {sender.value: ("x",)}, {sender.value: ("x", "y")}])
    program = Program(chance.choice(["club", "shop"]), registered=registered)
    place = Place("US", chance.choice(REGIONS), ("America/New_York",))
    recipient, category = Number(f"+1212555010{chance.randrange(10)}", place), chance.choice(CATEGORIES)
    message = Message("m", recipient, "Sale", sender, program, category)
    at = NOW + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
    consents = [_consent(chance, at, program) for _ in range(chance.randrange(3))]
    lists = tuple(chance.sample(["a", "b"], chance.randrange(3)))
    sent = [at - chance.choice(AGES) * DAYS - timedelta(hours=1) for _ in range(chance.randrange(5))]
    return message, at, consents, lists, sorted(sent)


def _consent(chance: Random, at: datetime, program: Program) -> Consent:
    kind, given = chance.choice([ConsentKind.EXPRESS, ConsentKind.PURCHASE]), at - chance.choice(AGES) * DAYS
    confirmed, night = chance.choices([True, False], k=2)
    return Consent(kind, given, "web-form", program.name, tuple(Category), confirmed, night)


def remembered(under: Book, message: Message, consents: list[Consent], lists: tuple[str, ...], sent: list[datetime]):
    counted = dict.fromkeys(under.needs(message).counters, tuple(sent))
    return Facts(consents=tuple(consents), lists=lists, counted=counted)


@settings(max_examples=120, deadline=None)
@given(changes(), st.builds(Random, st.integers(0, 1 << 32)))
def test_where_nothing_is_looser_nothing_that_was_refused_is_let_through(change, chance):
    old, new = change
    assume(not any(each.verdict.loosens for each in compared(old, new, DAY)))
    for message, at, *known in (situation(chance) for _ in range(20)):
        if decide(message, remembered(old, message, *known), old, at).action is not Action.SEND:
            assert decide(message, remembered(new, message, *known), new, at).action is not Action.SEND


@settings(max_examples=40, deadline=None)
@given(changes())
def test_what_is_stricter_one_way_is_looser_the_other_way(change):
    old, new = change
    there = {each.rule: each.verdict for each in compared(old, new, DAY)}
    back = {each.rule: each.verdict for each in compared(new, old, DAY)}
    assert there.keys() == back.keys()
    for rule, verdict in there.items():
        assert verdict is not Verdict.STRICTER or back[rule].loosens
        assert verdict is not Verdict.SAME or back[rule] is Verdict.SAME


@given(changes())
@settings(max_examples=20, deadline=None)
def test_the_order_of_rules_is_no_difference(change):
    old, _ = change
    turned = Book(tuple(replace(each, rules=each.rules[::-1]) for each in old.policies), "turned")
    assert compared(old, turned, DAY) == []


def meaning(opt_out: str) -> Book:
    return book(f"policy: us\ncountry: US\nopt_out: {{cite: x, {opt_out}}}\n", WORLD)


@pytest.mark.parametrize(
    ("situation", "before", "after"),
    [
        ("it ends less", "ends: site", "ends: program"),
        ("it need not be confirmed any more", "confirm: must", "confirm: may"),
        ("it may be confirmed where it must not", "confirm: never", "confirm: may"),
        ("it may be honoured later", "deadline: 10 business days", "deadline: 21 days"),
        ("it asks what is meant", "asks: false", "asks: true"),
    ],
)
def test_an_opt_out_that_means_less_is_looser_and_one_that_means_more_is_not(situation, before, after):
    [change] = sections_compared(meaning(before), meaning(after))
    assert (change.country, change.verdict) == ("US", Verdict.LOOSER)
    back = sections_compared(meaning(after), meaning(before))
    assert [each.verdict for each in back] == [Verdict.STRICTER]


@pytest.mark.parametrize(("before", "after"), [("must", "never"), ("never", "must")])
def test_where_one_law_wants_a_confirmation_and_one_forbids_it_each_change_is_looser(before, after):
    [change] = sections_compared(meaning(f"confirm: {before}"), meaning(f"confirm: {after}"))
    assert change.verdict is Verdict.LOOSER


def reminds(after: str) -> Book:
    return book(f"policy: us\ncountry: US\nopt_in: {{cite: x, remind_after: {after}}}\n", WORLD)


@pytest.mark.parametrize(
    ("situation", "calmer", "nearer"),
    [
        ("somebody is reminded who was not", book(WORLD), reminds("12 hours")),
        ("it was forbidden", reminds("never"), reminds("12 hours")),
        ("earlier than before", reminds("2 days"), reminds("47 hours")),
    ],
)
def test_to_remind_those_who_were_left_in_peace_is_looser(situation, calmer, nearer):
    [change] = sections_compared(calmer, nearer)
    assert (change.section, change.country, change.verdict) == ("opt_in", "US", Verdict.LOOSER)
    [back] = sections_compared(nearer, calmer)
    assert back.verdict is Verdict.STRICTER


def test_what_an_opt_out_means_is_compared_where_a_policy_is_gone():
    [change] = sections_compared(meaning("confirm: must"), book(WORLD))
    assert (change.country, change.verdict) == ("US", Verdict.LOOSER)
    assert sections_compared(SHIPPED, SHIPPED) == []
