"""The notation of the phrase files, each sign by what it finds and what it leaves."""

from __future__ import annotations

import pytest
import re2

from gateway.replies.normal import words_of
from gateway.replies.notation import read_phrases


def found(line: str, text: str) -> bool:
    (phrase,) = read_phrases(f"opt out:\n{line}").of("opt out")
    return re2.search(phrase.expression.encode(), words_of(text).line) is not None


@pytest.mark.parametrize(
    ("sign", "line", "text", "other"),
    [
        ("either", "(stop|quit) texting", "quit texting me", "quit my job"),
        ("with or without", "stop [all] texts", "stop texts", "stop my texts"),
        ("a word that begins so", "unsub*", "unsubscribes", "unbelievable"),
        ("a word that ends so", "stop *ing me", "stop pestering me", "stop me"),
        ("up to three words between", "take me .. list", "take me off your list", "take me off the very long list"),
        ("just one", "take . off", "take me off", "take off"),
        ("where a clause begins and ends", "^ stop $", "no, stop, please", "stop by"),
        ("the whole reply", "^^ leave $$", "Leave!", "no, leave"),
        ("the whole reply, unless it asks", "^^ leave $$", "leave", "leave?"),
        ("a telephone number", "remove <digits>", "remove (555) 210-9921", "remove 2 tickets"),
        ("a name", "no <named> here", "no Tiffany here", "no parking here"),
        ("somebody's", "not <named>", "not Derrick's", "not hers"),
    ],
)
def test_a_phrase_finds_what_it_says_and_nothing_else(sign, line, text, other):
    assert found(line, text)
    assert not found(line, other)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("stoptextingme", ["stop", "texting", "me"]), ("nomoretexts", ["no", "more", "texts"]), ("nonstop", ["nonstop"])],
)
def test_words_written_as_one_are_parted_where_each_is_known(text, parts):
    assert [piece.word for piece in words_of(text).pieces] == parts


def test_a_parted_word_still_knows_where_it_stood():
    said = words_of("pls stoptextingme")
    assert [said.text[piece.start : piece.end] for piece in said.pieces] == ["pls", "stop", "texting", "me"]
