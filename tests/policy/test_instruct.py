"""Each marketing text tells how to opt out: once, in its own language, and in as few segments as may be."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from gateway.policy.decide import decide
from gateway.policy.rewrite import rewritten
from gateway.replies.keywords import Intent, keyword_of
from gateway.text.instruction import has_instruction
from gateway.text.segments import segments
from gateway.words.decision import Edit, Placing
from gateway.words.facts import Facts
from gateway.words.program import Category, Program
from tests.policy.people import CONSENTED, GUYANESE, NEW_YORKER, SALE, SHIPPED, book, message, moment, policy

NOON = moment("2026-06-10T12:00:00-04:00")
SPANISH = "Solo hoy en Acme: 20% de descuento en la tienda para ti"
ENGLISH_PROGRAM, SPANISH_PROGRAM = Program("club", language="en"), Program("club", language="es-US")


def leaves_as(text: str | None, **more) -> str | None:
    sent = message(text=text, **more)
    decision = decide(sent, CONSENTED, SHIPPED, NOON)
    assert decision.word in {"send", "rewrite"}
    return sent.text and rewritten(sent.text, decision.edits)


@pytest.mark.parametrize(
    ("situation", "text", "more", "leaves"),
    [
        ("an English text", SALE, {}, f"{SALE} Reply STOP to opt out"),
        ("a Spanish text", SPANISH, {}, f"{SPANISH} Responda STOP o ALTO para cancelar"),
        ("a text that has one", "Acme sale! Reply STOP to end", {}, "Acme sale! Reply STOP to end"),
        ("a text that only says stop", "Stop by Acme today", {}, "Stop by Acme today Reply STOP to opt out"),
        ("no language to be told", "Acme 20", {}, "Acme 20 Reply STOP to opt out"),
        (
            "nor in a Spanish program",
            "Acme 20",
            {"program": SPANISH_PROGRAM},
            "Acme 20 Responda STOP o ALTO para cancelar",
        ),
        ("a text outweighs its program", SALE, {"program": SPANISH_PROGRAM}, f"{SALE} Reply STOP to opt out"),
        ("a language that we have no words in", "Svara nu och få rabatt på allt hos Acme i helgen", {}, None),
        ("an empty text", "", {}, ""),
        ("a text kept at the carrier", None, {"category": Category.SERVICE}, None),
        ("a code", "Your code is 123456", {"category": Category.OTP}, "Your code is 123456"),
        ("a country without policies", SALE, {"to": GUYANESE}, f"{SALE} Reply STOP to opt out"),
    ],
)
def test_a_text_leaves_with_one_instruction(situation, text, more, leaves):
    found = leaves_as(text, **more)
    assert found == (leaves if leaves is not None or text is None else f"{text} Reply STOP to opt out")


def test_the_shortest_is_taken_where_a_longer_one_would_cost_a_segment():
    text = ("Acme sale " * 20)[: 160 - len(" STOP=end")]
    assert leaves_as(text) == f"{text} STOP=end"
    assert segments(f"{text} STOP=end").count == 1


def test_several_rules_that_ask_for_it_add_it_once():
    edit = Edit(Placing.INSTRUCT, ("Reply STOP to opt out",))
    assert rewritten(SALE, (edit, edit)) == f"{SALE} Reply STOP to opt out"


def asking(on: str):
    return book(policy(f"  - {{id: i, instruct: {{on: {on}, text: {{en: Reply STOP to opt out}}}}}}\n"))


@pytest.mark.parametrize(
    ("situation", "on", "since", "word"),
    [
        ("every time, the first", "every", None, "rewrite"),
        ("every time, just after", "every", timedelta(seconds=1), "rewrite"),
        ("the first time", "first", None, "rewrite"),
        ("the first time is over", "first", timedelta(days=900), "send"),
        ("every 30 days, the first", "{days: 30}", None, "rewrite"),
        ("within 30 days", "{days: 30}", timedelta(days=30) - timedelta(seconds=1), "send"),
        ("30 days later", "{days: 30}", timedelta(days=30), "rewrite"),
    ],
)
def test_it_is_said_as_often_as_the_rule_asks(situation, on, since, word):
    facts = Facts(instructed=since and NOON - since)
    assert decide(message(), facts, asking(on), NOON).word == word


def test_an_observed_instruction_leaves_the_text_alone():
    rules = book(policy("  - {id: i, enforce: observe, instruct: {text: {en: Reply STOP to opt out}}}\n"))
    decision = decide(message(NEW_YORKER), Facts.NONE, rules, NOON)
    assert decision.word == "send"
    assert decision.findings[0].observed


def wordings() -> list[tuple[str, str, str, str]]:
    """Rule, its country where it has one of its own, language, and a wording with a program's number in it."""
    found = []
    for each in SHIPPED.policies:
        [country, *others] = sorted(each.countries)
        for rule in each.rules:
            for language, edit in getattr(rule.kind, "edits", {}).items():
                said = [variant.replace("{stop_number}", "36111") for variant in edit.variants]
                found += [(rule.id, "" if others else country, language, wording) for wording in said]
    return found


@pytest.mark.parametrize(("rule", "country", "language", "wording"), wordings())
def test_every_shipped_wording_is_known_for_what_it_is(rule, country, language, wording):
    assert has_instruction(f"Acme {wording}")


# The words that the wordings print: in capitals, Latin or Cyrillic, or as here. In Korea one calls.
UNCASED = {"ar": {"توقف"}, "he": {"הסר"}, "ja": {"停止"}}
CAPITALS = "(?<![A-Za-z\u0410-\u044f])(?:[A-Z]{2,}|[\u0410-\u042f]{2,})(?![A-Za-z\u0410-\u044f])"


@pytest.mark.parametrize(("rule", "country", "language", "wording"), wordings())
def test_we_act_on_every_word_that_we_print(rule, country, language, wording):
    capitals = CAPITALS.replace("{2,}", "+") if country == "CN" else CAPITALS  # where a letter is enough
    words = set(re.findall(capitals, wording)) or UNCASED.get(language, set())
    assert words or "36111" in wording, "a wording without a word to reply"
    for word in words:
        assert word in wording
        keyword = keyword_of(word, country)
        assert keyword is not None, word
        assert keyword.intent is Intent.OPT_OUT


@pytest.mark.parametrize(("rule", "country", "language", "wording"), wordings())
def test_a_shipped_wording_is_short_and_in_the_cheaper_alphabet_where_its_script_allows(
    rule, country, language, wording
):
    taken = segments(wording)
    is_latin = re.search("[^\u0000-\u024f]", wording) is None
    assert taken.encoding == ("gsm-7" if is_latin else "ucs-2")
    assert taken.units <= 35, "it leaves room for a text in one segment"
