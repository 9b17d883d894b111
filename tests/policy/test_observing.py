"""A rule is tried out on real traffic first; whether it may be enforced is said with what speaks against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.audit.read import Recorded
from gateway.policy.book import Book
from gateway.policy.edits import Edits
from gateway.policy.observing import Observing, Ready
from gateway.policy.parse import parse
from gateway.policy.rule import Through
from gateway.words.facts import Facts
from gateway.words.program import Category, Program
from gateway.yamlfile import Document
from tests.policy.lines import line
from tests.policy.people import CLUB, FLORIDIAN, NEW_YORKER, TEXAN, message, moment, stopped

NOON = moment("2026-06-10T12:00-04:00")
DAY = timedelta(days=1)
HOURS = 'hours: {from: "13:00", to: "21:00"}'
TRIED = f"policy: p\ncountry: US\nrules:\n  - {{id: h, enforce: observe, {HOURS}}}\n"
ENOUGH = 5


class Site:
    """Policies, programs, and a record of what they decided."""

    def __init__(self, *files: str, programs: Iterable[Program] = (CLUB,), config: str = "") -> None:
        documents = [Document.read(text.encode(), f"{n}.yaml") for n, text in enumerate(files)]
        self.book = Book(tuple(map(parse, documents)), "now")
        self.programs = {program.name: program for program in programs}
        self.edits = Edits(documents, Document.read(config.encode(), "gateway.yaml") if config else None)
        self.lines: list[Recorded] = []
        self.opted_out: dict[int, datetime] = {}

    def decided(self, *, at: datetime = NOON, facts: Facts = Facts.NONE, times: int = 1, **said) -> None:
        text = message(**{"program": self.programs["club"], **said})
        self.lines += [line(text, facts, self.book, at)] * times

    def for_a_week(self, **said) -> None:
        for days in range(7):
            self.decided(at=NOON + days * DAY, **said)

    def ready(self) -> list[Ready]:
        observing = Observing(self.book, self.programs, self.edits, self.opted_out)
        for each in self.lines:
            observing.add(each)
        return observing.ready(ENOUGH)


def test_a_rule_that_was_asked_for_a_week_is_ready():
    site = Site(TRIED)
    site.for_a_week()
    [ready] = site.ready()
    assert (ready.verdict, ready.against, ready.seen, ready.days) == ("ready to be enforced", (), 7, 7)
    assert ready.edits == ("0.yaml:4:13: write `enforce: on`",)
    told = ready.told()
    assert (told["rule"], told["through"], told["would"]) == ("p/h", "rule", {"block": 0, "defer": 7, "rewrite": 0})
    assert told["by"] == [{"would": "defer", "category": "marketing", "program": "club", "count": 7}]
    assert (told["first"], told["last"]) == ("2026-06-10T16:00:00Z", "2026-06-16T16:00:00Z")


def test_a_rule_that_finds_nothing_in_a_week_is_ready_too():
    site = Site(TRIED.replace("13:00", "08:00"))
    site.for_a_week()
    [ready] = site.ready()
    assert (ready.verdict, ready.seen, ready.watched.found.total()) == ("ready to be enforced", 7, 0)


def test_a_rule_that_nobody_was_asked_about_is_listed():
    [ready] = Site(TRIED).ready()
    assert ready.against == ("it was asked about 0 messages of the 5 that tell", "it was observed for 0 of 7 days")


def test_few_messages_and_few_days_are_not_enough():
    site = Site(TRIED)
    site.decided(times=4)
    [ready] = site.ready()
    assert ready.against == ("it was asked about 4 messages of the 5 that tell", "it was observed for 1 of 7 days")


@pytest.mark.parametrize("category", [Category.OTP, Category.TRANSACTIONAL, Category.EMERGENCY])
def test_what_people_wait_for_must_not_be_stopped(category):
    site = Site(TRIED)
    site.for_a_week()
    site.decided(category=category, times=2)
    [ready] = site.ready()
    assert ready.against == (f"{category} messages that it would have stopped: 2",)


def test_what_people_wait_for_may_be_rewritten():
    label = "policy: p\ncountry: US\nrules:\n  - {id: l, enforce: observe, label: {prefix: {en: AD}}}\n"
    site = Site(label)
    site.for_a_week(category=Category.OTP)
    [ready] = site.ready()
    assert (ready.against, ready.told()["would"]) == ((), {"block": 0, "defer": 0, "rewrite": 7})


def test_what_was_blocked_anyhow_is_no_merit_of_the_rule():
    site = Site(TRIED)
    site.for_a_week(facts=Facts(suppressions=(stopped(),)), category=Category.OTP)
    [ready] = site.ready()
    assert (ready.seen, ready.watched.found.total(), ready.against) == (7, 0, ())


POLICY = f"policy: p\ncountry: US\nenforce: observe\nrules:\n  - {{id: h, {HOURS}}}\n  - {{id: c, consent: express}}\n"
SHARE = f"policy: p\ncountry: US\nrules:\n  - {{id: h, share: 0%, {HOURS}}}\n"
ENFORCED = f"policy: p\ncountry: US\nrules:\n  - {{id: h, {HOURS}}}\n"
RELAXED = """policy: site
country: US
relaxations:
  - {rule: p/h, by: Dana, reason: a pilot, until: 2026-12-31}
"""
CONFIG = "programs:\n  - {name: vip}\n  - {name: club, enforce: observe}\n"


@pytest.mark.parametrize(
    ("site", "through", "edit"),
    [
        (Site(TRIED), Through.RULE, "0.yaml:4:13: write `enforce: on`"),
        (Site(POLICY), Through.RULE, "0.yaml:3:1: write `enforce: on`, for all rules of the policy"),
        (Site(SHARE), Through.SHARE, "0.yaml:4:13: take out `share`, or raise it"),
        (Site(ENFORCED, RELAXED), Through.RELAXATION, "1.yaml:4:5: take out this relaxation"),
        (
            Site(ENFORCED, programs=[replace(CLUB, observed=True)], config=CONFIG),
            Through.PROGRAM,
            "gateway.yaml:3:18: write `enforce: on`, for all rules of the program's messages",
        ),
    ],
)
def test_the_edit_is_where_it_is_written(site, through, edit):
    site.for_a_week()
    ready = next(each for each in site.ready() if each.watched.rule == "p/h")
    assert (ready.watched.through, ready.edits, ready.told()["would"]["defer"]) == (through, (edit,), 7)


def test_a_rule_that_is_enforced_is_not_listed():
    site = Site(ENFORCED)
    site.for_a_week()
    assert site.ready() == []


def test_of_a_share_only_those_count_for_whom_it_is_not_enforced():
    site = Site(SHARE.replace("0%", "50%"))
    for last in range(100):
        site.decided(to=f"+121255501{last:02}")
    [ready] = site.ready()
    assert 0 < ready.seen == ready.told()["would"]["defer"] < 100


def test_what_one_edit_enforces_together_must_be_ready_together():
    site = Site(POLICY.replace("consent: express", "for: [otp], consent: express"))
    site.for_a_week()
    site.decided(category=Category.OTP)
    consent, hours = site.ready()
    assert consent.watched.rule == "p/c"
    assert "otp messages that it would have stopped: 1" in consent.against
    assert hours.against == ("otp messages that it would have stopped: 1",)
    other = Site(POLICY.replace("consent: express", "for: [charity], consent: express"))
    other.for_a_week()
    assert other.ready()[1].against == ("the same edit would enforce p/c, not ready yet",)


def test_whoever_opted_out_after_what_would_have_been_held_back_is_counted_once():
    site = Site(TRIED)
    for to in (NEW_YORKER, TEXAN, FLORIDIAN):
        site.decided(to=to, times=3)
    site.opted_out = {hash(NEW_YORKER): NOON + DAY, hash(TEXAN): NOON - DAY}
    [ready] = site.ready()
    assert ready.told()["opted_out_later"] == 1


def _under(revision: str, read: Recorded) -> Recorded:
    return Recorded({**read.clear, "revision": revision}, read.private)


def test_messages_from_before_the_rule_was_observed_do_not_count():
    site = Site(TRIED)
    site.decided(times=3)
    [noticed] = {each.clear["revision"] for each in site.lines}
    before = Recorded({**site.lines[0].clear, "revision": "before", "findings": []}, site.lines[0].private)
    site.lines = [before, before, _under("saved since", site.lines[0]), *site.lines]
    [ready] = site.ready()
    assert (noticed, ready.seen) == ("now", 4)


@pytest.mark.parametrize("private", [{}, {"scenario": {"mood": "good"}}])
def test_a_line_that_can_not_be_read_says_nothing(private):
    site = Site(TRIED)
    site.decided()
    site.lines = [Recorded(site.lines[0].clear, private)]
    assert site.ready()[0].seen == 0


def test_messages_whose_facts_could_not_be_read_were_not_judged_by_any_rule():
    site = Site(TRIED)
    site.decided(facts=Facts.UNKNOWN)
    assert site.ready()[0].seen == 0
