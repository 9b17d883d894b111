"""Operators' patterns: what they find, and what is said of a bad one."""

from __future__ import annotations

import pytest

from gateway.text.pattern import BadPattern, Pattern
from gateway.words.errors import GatewayError


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        ("casino", "Best casino in town", True),
        ("casino", "Best CASINO in town", False),
        ("(?i)casino", "Best CASINO in town", True),
        (r"\bstop\b", "a stopper", False),
        ("^Your code", "Your code is 1234", True),
        (r"^\d{6}$", "1234567", False),
        ("né", "René", True),
        ("^.$", "é", True),
        ("Акция", "Большая Акция", True),
        ("", "anything", True),
        ("x", "half a pair \ud83d", False),
    ],
)
def test_a_pattern_is_looked_for_anywhere_in_the_text(source, text, found):
    assert Pattern(source).found_in(text) == found


def test_a_pattern_that_would_hang_a_backtracking_matcher_answers_at_once():
    assert not Pattern("^(a+)+$").found_in("a" * 5000 + "!")


def test_patterns_are_equal_when_they_are_spelled_alike():
    assert Pattern("a+") == Pattern("a+")
    assert Pattern("a+") != Pattern("a*")


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("abc(?<!x)", 3, "look-around"),
        ("abc(?=x)", 3, "look-around"),
        ("(?z)abc", 0, "flag"),
        (r"(a)\1", 3, "escape"),
        ("x[z-a]", 2, "range"),
        (r"x\p{Klingon}", 1, "class"),
        ("*abc", 0, "nothing stands before"),
        ("ab**", 2, "one repetition of another"),
        ("né{2,1}", 2, "1000 times"),
        ("a{1001}", 1, "1000 times"),
        ("(abc", None, "never closed"),
        ("[abc", None, "never closed"),
        ("abc)", None, "never opened"),
        ("abc\\", None, "ends in a backslash"),
    ],
)
def test_a_bad_pattern_says_what_is_wrong_and_where(source, position, words, capfd):
    with pytest.raises(BadPattern, match=words) as problem:
        Pattern(source)
    assert problem.value.position == position
    assert isinstance(problem.value, GatewayError)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("situation", "text", "named"),
    [
        ("all of it matches", "sms-0155-ann", {"number": "0155", "name": "ann"}),
        ("a group that took nothing is left out", "sms-0155", {"number": "0155"}),
        ("only a part of it matches", "sms-0155 ", None),
    ],
)
def test_named_groups_are_taken_where_the_whole_text_matches(situation, text, named):
    assert Pattern("sms-(?P<number>[0-9]+)(?:-(?P<name>[a-zä]+))?").named(text) == named
