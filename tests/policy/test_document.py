"""Counsel can read the rules, and what was signed is what is in force."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.policy.checks.examined import Examined
from gateway.policy.document import Sheet, sheet
from gateway.policy.said import rule_said
from gateway.policy.signoff import Signature, read_signatures, standing
from gateway.policy.source import sources_of
from gateway.yamlfile import BadFile, Document
from tests.policy.people import POLICIES, SHIPPED, book, policy

TODAY = date(2026, 11, 24)
WORLD = 'policy: world\ncountry: "*"\nrules: [{id: l, list: litigators}]\n'
SITE = """\
policy: site
country: [US, CA]
title: Our *own* rules
reviewed: 2026-10-01
rules:
  - {id: r, list: ours, for: marketing, cite: 1 U.S.C. 1, verified: seen, verified_on: 2026-09-30, share: 10%}
  - {id: later, list: ours, from: 2027-01-01}
  - {id: over, list: ours, until: 2026-01-01}
relaxations:
  - {rule: site/r, by: Ann, approved_by: Bob, reason: a test, until: 2026-12-31, for: otp}
  - {rule: site/r, by: Cem, reason: past, until: 2026-01-31}
"""


def made(*files: str, signed: str = "not signed") -> Sheet:
    there = sources_of({f"{n}.yaml": text.encode() for n, text in enumerate((WORLD, *files))}, POLICIES)
    return sheet(Examined(there, there.book, TODAY), signed)


def test_the_document_has_each_rule_in_force_with_what_it_rests_on():
    text = made(SITE).markdown().replace(f"{POLICIES}/", "")
    assert "## US, CA: Our \\*own\\* rules\n\nPolicy `site`, reviewed on 2026-10-01.\n" in text
    assert (
        "- **site/r**: Marketing texts: the number must be on none of the lists ours; otherwise it is refused.\n"
        "  - Cites 1 U.S.C. 1 (seen on 2026-09-30); enforced for 10 % of recipients, observed for the others "
        "(`1.yaml:6:5`)\n"
        "  - relaxed until 2026-12-31 by Ann, approved by Bob (One-time code texts): a test\n"
    ) in text
    assert not {"site/later", "site/over", "Cem"} & set(text.replace("**", " ").replace(":", " ").split())


def test_the_generic_rules_come_last():
    assert [chapter.countries for chapter in made(SITE).chapters] == ["US, CA", "All other countries"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            (
                "hours: {mon-fri: '08:00-12:00, 14:00-24:00', sat: closed, sun: closed, holidays: closed, calendar: FR,"
                " also: 07-24}, otherwise: block"
            ),
            (
                "All texts: only in the recipient's own hours: Monday to Friday 08:00-12:00 and 14:00-24:00, Saturday "
                "and Sunday never, holidays (FR, 07-24) never; otherwise it is refused."
            ),
        ),
        (
            "cap: {most: 3, each: day, per: sender}, for: debt_collection",
            "Debt collection texts: at most 3 in each day to one recipient for each sender; otherwise it is refused.",
        ),
        (
            "consent: [express, {kind: purchase, within: 18 months}], when: {region: [US-FL, unknown], program: club}",
            (
                "All texts to US-FL and a region that is not known, of the program club: consent must be on record: "
                "express or purchase within 18 months; otherwise it is refused."
            ),
        ),
        (
            "list: us-dnc, unless: express-written, until: 2027-01-01",
            (
                "All texts, until 2027-01-01: the number must be on none of the lists us-dnc, unless there is consent "
                "on record: express-written; otherwise it is refused."
            ),
        ),
        (
            "instruct: {on: {days: 30}, text: {en: [Reply STOP to opt out]}}",
            (
                "All texts: a text every 30 days must say how to opt out; where it doesn't, it is told "
                "(en: “Reply STOP to opt out”)."
            ),
        ),
        ("label: {suffix: END}", "All texts: the text must end with “END”."),
        (
            "identify: {by: contact, add: ' {contact}'}",
            "All texts: the text must name a contact; where it doesn't, “ {contact}” is added.",
        ),
        (
            "forbid: {words: [a, b], hosts: bit.ly, numbers: card}, otherwise: mask",
            (
                "All texts: the text must not hold a link to bit.ly, a word or pattern that its file lists or a number "
                "of the kind card; otherwise it leaves with that blotted out."
            ),
        ),
        ("forbid: everything", "All texts: nothing may be sent."),
        (
            "forbid: unreadable, for: charity",
            (
                "Charity texts: nothing may be sent whose text is not known here (templates, other channels, binary "
                "messages)."
            ),
        ),
        (
            "forbid: {hosts: bit.ly, unreadable: true}",
            "All texts: the text must not hold a link to bit.ly; it must be known here; otherwise it is refused.",
        ),
        (
            "sender: {allow: [toll-free, short-code], registered: {toll-free: x}}",
            (
                "All texts: the sender must be of the type short-code or toll-free; of the type toll-free, registered "
                "as x; otherwise it is refused."
            ),
        ),
        (
            "template: {texts: a}",
            (
                "All texts: the text must match one that was registered (1 here, and those of the program); otherwise "
                "it is refused."
            ),
        ),
    ],
)
def test_each_kind_of_rule_is_a_sentence(rule, said):
    [made_of] = book(policy(f"  - {{id: r, {rule}}}\n")).policies[0].rules
    assert rule_said(made_of) == said


def test_every_shipped_rule_is_a_sentence():
    for each in SHIPPED.policies:
        assert all(rule_said(rule)[0].isupper() and rule_said(rule).endswith(".") for rule in each.rules)


ANN, BOB = Signature("Ann, counsel", TODAY, "aa"), Signature("Bob, owner", TODAY, "bb")


@pytest.mark.parametrize(
    ("situation", "signatures", "said"),
    [
        ("nobody", [], "not signed"),
        ("as it is", [ANN], "signed by Ann, counsel on 2026-11-24"),
        ("something else since", [BOB], "changed since it was signed by Bob, owner on 2026-11-24"),
        ("something else since, and put back", [ANN, BOB], "signed by Ann, counsel on 2026-11-24"),
    ],
)
def test_a_signature_is_of_the_contents(situation, signatures, said):
    assert standing(signatures, "aa") == said


def test_signatures_are_read_from_their_file():
    text = "signatures: [{by: Ann, day: 2026-11-24, digest: aa}, {by: Bob, day: 2026-11-25, digest: 12}]"
    read = read_signatures(Document.read(text.encode(), "signoff.yaml"))
    assert read == [Signature("Ann", TODAY, "aa"), Signature("Bob", date(2026, 11, 25), "12")]
    with pytest.raises(BadFile, match="unknown key `bye`"):
        read_signatures(Document.read(b"signatures: [{bye: Ann, day: 2026-11-24, digest: aa}]", "signoff.yaml"))
