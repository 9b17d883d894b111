"""`{{opt_out_link}}` in a wording: a link as long as the recipient's own, and never as it stands."""

from __future__ import annotations

import pytest

from gateway.policy.decide import decide
from gateway.policy.explain import explain
from gateway.policy.rewrite import rewritten
from gateway.text.instruction import has_instruction
from gateway.words.facts import Facts
from gateway.words.link import SAMPLE
from gateway.words.program import Program
from tests.policy.people import SALE, book, message, moment, policy

NOON = moment("2026-06-10T12:00:00-04:00")
LINKS = "https://o.example.com"
LINKED, PLAIN = Program("club", links=LINKS), Program("club")
BOTH = '{en: ["Opt out: {{opt_out_link}}", Reply STOP to opt out]}'
ONLY = '{en: "Opt out: {{opt_out_link}}"}'


def decided(wordings: str, program: Program, text: str = SALE):
    rules = book(policy(f"  - {{id: i, instruct: {{text: {wordings}}}}}\n"))
    return decide(message(text=text, program=program), Facts.NONE, rules, NOON)


def leaves_as(wordings: str, program: Program, text: str = SALE) -> str:
    return rewritten(text, decided(wordings, program, text).edits)


@pytest.mark.parametrize("spelled", ["{{opt_out_link}}", "{opt_out_link}"])
def test_a_wording_has_a_link_where_the_site_has_links(spelled):
    assert leaves_as(f'{{en: "Opt out: {spelled}"}}', LINKED) == f"{SALE} Opt out: {LINKS}/{SAMPLE}"


def test_without_links_another_wording_is_taken():
    assert leaves_as(BOTH, PLAIN) == f"{SALE} Reply STOP to opt out"


def test_where_there_is_no_other_nothing_leaves():
    decision = decided(ONLY, PLAIN)
    assert decision.word == "block"
    assert "no opt-out links (`links` in the configuration)" in decision.deciding.why


def test_the_link_counts_as_long_as_it_will_be():
    """One character more would cost a second segment."""
    room = 160 - len(f" Opt out: {LINKS}/{SAMPLE}")
    fits = "Acme sale today ".ljust(room, "x")
    assert SAMPLE in leaves_as(BOTH, LINKED, fits)
    assert leaves_as(BOTH, LINKED, f"{fits}x").endswith("Reply STOP to opt out")


@pytest.mark.parametrize(
    ("situation", "text", "links", "told"),
    [
        ("a link of ours", f"Sale {LINKS}/abcdefghijkmn", LINKS, True),
        ("one that is not somebody's yet", f"Sale {LINKS}/{SAMPLE}", LINKS, True),
        ("another page of our host", f"Sale {LINKS}/spring", LINKS, False),
        ("another host", "Sale https://x.example.com/abcdefghijkmn", LINKS, False),
        ("no links of ours", f"Sale {LINKS}/abcdefghijkmn", "", False),
    ],
)
def test_a_text_with_a_link_of_ours_has_its_instruction(situation, text, links, told):
    assert has_instruction(text, links) is told
    word = "send" if told else "rewrite"
    assert decided(BOTH, Program("club", links=links), text).word == word


def test_an_explanation_shows_a_sample():
    rules = book(policy(f"  - {{id: i, instruct: {{text: {ONLY}}}}}\n"))
    told = explain(message(program=LINKED), Facts.NONE, rules, NOON)
    assert told.text == f"{SALE} Opt out: {LINKS}/{SAMPLE}"
