"""What a text must not hold is found whole, in any case, and however many words are asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.policy.compare import Verdict, compared
from gateway.policy.decide import decide
from gateway.policy.explain import explain
from gateway.policy.rewrite import rewritten
from gateway.words.decision import Reason
from gateway.words.facts import Facts
from gateway.words.program import Category, Program
from tests.policy.people import CLUB, GUYANESE, LONDONER, book, message, moment, policy

NOON = moment("2026-06-10T12:00:00-04:00")


def judged(forbid: str, text: str | None, more: str = ""):
    return decide(message(text=text), Facts.NONE, book(policy(f"  - {{id: f, forbid: {forbid}{more}}}\n")), NOON)


@pytest.mark.parametrize(
    ("situation", "forbid", "text", "word"),
    [
        ("the word itself", "{words: [casino]}", "Our casino opens", "block"),
        ("in capitals, at the end", "{words: [casino]}", "Our CASINO", "block"),
        ("inside another", "{words: [ham]}", "The shampoo", "send"),
        ("the second of several", "{words: [beer, wine]}", "Wine tasting", "block"),
        ("two words, apart", "{words: [gun show]}", "A gun, and a show", "send"),
        ("a word that ends in no letter", '{words: ["100% free"]}', "It is 100% free!", "block"),
        ("a word with a dot means the dot", "{words: [a.b]}", "axb", "send"),
        ("no text to be seen", "{words: [casino]}", "", "send"),
        ("a link", "{hosts: [bit.ly]}", "Go to https://bit.ly/x", "block"),
        ("a link without a scheme, in capitals", "{hosts: [bit.ly]}", "Go to BIT.LY/x", "block"),
        ("a host below it", "{hosts: [bit.ly]}", "Go to acme.bit.ly/x", "block"),
        ("a host that ends like it", "{hosts: [bit.ly]}", "Go to orbit.ly/x", "send"),
        ("a host that begins like it", "{hosts: [bit.ly]}", "Go to bit.ly.example/x", "send"),
        ("an address of mail", "{hosts: [bit.ly]}", "Write to bit.ly@acme.example", "send"),
        ("one of two", "{words: [casino], hosts: [bit.ly]}", "See bit.ly/x", "block"),
        ("a card number", "{numbers: card}", "Card 4111 1111 1111 1111", "block"),
        ("a number that is no card's", "{numbers: card}", "Order 4111 1111 1111 1112", "send"),
        ("a bank account", "{numbers: iban}", "Pay to GB82 WEST 1234 5698 7654 32", "block"),
        ("all of a category", "everything", "Hello", "block"),
        ("what nobody can read", "unreadable", None, "block"),
        ("a picture without words can be read", "unreadable", "", "send"),
        ("what can be read", "{unreadable: true, hosts: [bit.ly]}", "Go to acme.example", "send"),
        ("what can be read, with a link", "{unreadable: true, hosts: [bit.ly]}", "Go to bit.ly/x", "block"),
    ],
)
def test_what_is_forbidden_is_found_and_nothing_else(situation, forbid, text, word):
    assert judged(forbid, text).word == word


def test_the_finding_says_what_it_was_and_not_the_words():
    decision = judged("{words: [casino], hosts: [bit.ly]}", "Casino! bit.ly/x")
    assert decision.deciding.why == "the text holds a forbidden word and a link to a forbidden host"


def test_the_longest_of_words_that_begin_alike_is_blotted_out():
    decision = judged("{words: [debt, debt relief]}", "Debt relief for your debt", ", otherwise: mask")
    assert rewritten("Debt relief for your debt", decision.edits) == "**** ****** for your ****"


def test_what_nobody_can_read_can_not_be_blotted_out():
    assert judged("{unreadable: true, words: [casino]}", None, ", otherwise: mask").word == "block"


OPENED = """policy: site
country: US
relaxations:
  - {rule: gateway/unreadable, by: Jane Doe, reason: templates that we worded, until: 2026-06-10, when: {program: club}}
"""
A_RULE = policy("  - {id: r, list: us-dnc}\n")


@pytest.mark.parametrize(
    ("situation", "sent", "word"),
    [
        ("marketing", message(text=None), "block"),
        ("marketing that can be read", message(), "send"),
        ("a picture without words", message(text=""), "send"),
        ("a code", message(text=None, category=Category.OTP), "send"),
        ("a charity's", message(text=None, category=Category.CHARITY), "send"),
        ("a program that is only observed", message(text=None, program=replace(CLUB, observed=True)), "send"),
        ("of a country without a policy", message(GUYANESE, None), "block"),
    ],
)
def test_marketing_that_nobody_can_read_is_blocked_and_nothing_else_where_no_policy_says_a_word(situation, sent, word):
    decision = decide(sent, Facts.NONE, book(A_RULE), NOON)
    assert decision.word == word
    if word == "block":
        assert (decision.deciding.rule, decision.deciding.reason) == ("gateway/unreadable", Reason.CONTENT)


@pytest.mark.parametrize(
    ("situation", "sent", "at", "word"),
    [
        ("its program", message(text=None), NOON, "send"),
        ("another program", message(text=None, program=Program("vip")), NOON, "block"),
        ("the day after", message(text=None), moment("2026-06-11T00:00:00Z"), "block"),
        ("another country", message(LONDONER, None), NOON, "block"),
    ],
)
def test_a_policy_lets_it_pass_for_its_own_countries_by_name(situation, sent, at, word):
    assert decide(sent, Facts.NONE, book(A_RULE, OPENED), at).word == word


def test_it_is_explained_like_any_rule_and_letting_it_pass_is_looser():
    blocked = explain(message(text=None), Facts.NONE, book(A_RULE), NOON)
    assert str(blocked).startswith("BLOCK: it may not leave\n  gateway/unreadable: the text is not known here")
    assert ("gateway/unreadable", "the text is known here") in explain(message(), Facts.NONE, book(A_RULE), NOON).passed
    [change] = compared(book(A_RULE), book(A_RULE, OPENED), NOON.date())
    assert (change.rule, change.verdict) == ("gateway/unreadable", Verdict.LOOSER)
    assert compared(book(A_RULE, OPENED), book(A_RULE), NOON.date())[0].verdict is Verdict.STRICTER
