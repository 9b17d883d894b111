"""What a text must not hold is found whole, in any case, and however many words are asked for."""

from __future__ import annotations

import pytest

from gateway.policy.decide import decide
from gateway.policy.rewrite import rewritten
from gateway.words.facts import Facts
from tests.policy.people import book, message, moment, policy

NOON = moment("2026-06-10T12:00:00-04:00")


def judged(forbid: str, text: str, more: str = ""):
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
