"""Segments as carriers count them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.alphabet import BASIC, EXTENSION
from gateway.text.segments import Segments, segments


@pytest.mark.parametrize(
    ("situation", "text", "encoding", "units", "count"),
    [
        ("nothing still takes a message", "", "gsm-7", 0, 1),
        ("one full message", "a" * 160, "gsm-7", 160, 1),
        ("one character more", "a" * 161, "gsm-7", 161, 2),
        ("two full parts", "a" * 306, "gsm-7", 306, 2),
        ("one more than two parts", "a" * 307, "gsm-7", 307, 3),
        ("eighty euros are full", "€" * 80, "gsm-7", 160, 1),
        ("a euro takes two", "a" * 159 + "€", "gsm-7", 161, 2),
        ("a euro isn't split: 152 and 1", "a" * 152 + "€" + "a" * 151, "gsm-7", 305, 2),
        ("so that a third part is needed", "a" * 152 + "€" + "a" * 152, "gsm-7", 306, 3),
        ("euros alone: 76 in a part", "€" * 152, "gsm-7", 304, 2),
        ("and the next one", "€" * 153, "gsm-7", 306, 3),
        ("one full UCS-2 message", "я" * 70, "ucs-2", 70, 1),
        ("one letter more", "я" * 71, "ucs-2", 71, 2),
        ("two full UCS-2 parts", "я" * 134, "ucs-2", 134, 2),
        ("one more than two", "я" * 135, "ucs-2", 135, 3),
        ("one curly quote is enough for UCS-2", "a" * 69 + "’", "ucs-2", 70, 1),
        ("an emoji takes two", "😀" * 35, "ucs-2", 70, 1),
        ("an emoji isn't split: 66 and 1", "я" * 66 + "😀" + "я" * 65, "ucs-2", 133, 2),
        ("so that a third part is needed", "я" * 66 + "😀" + "я" * 66, "ucs-2", 134, 3),
        ("emojis alone: 33 in a part", "😀" * 66, "ucs-2", 132, 2),
        ("a euro in UCS-2 takes one", "€" * 69 + "я", "ucs-2", 70, 1),
        ("a family is eleven units", "👨‍👩‍👧‍👦", "ucs-2", 11, 1),
        ("half a surrogate pair", "a\ud83d", "ucs-2", 2, 1),
    ],
)
def test_a_text_takes_so_many_segments(situation, text, encoding, units, count):
    assert segments(text) == Segments(encoding, units, count)


def slowly(text: str) -> Segments:
    """Cut into parts as a phone would, character by character."""
    if all(character in BASIC + EXTENSION for character in text):
        encoding, alone, room = "gsm-7", 160, 153
        encoded = [[character] if character in BASIC else ["escape", character] for character in text]
    else:
        encoding, alone, room = "ucs-2", 70, 67
        encoded = [[*character.encode("utf-16-be", "surrogatepass")[::2]] for character in text]
    units = sum(map(len, encoded))
    if units <= alone:
        return Segments(encoding, units, 1)
    parts = [[]]
    for character in encoded:
        if len(parts[-1]) + len(character) > room:
            parts.append([])
        parts[-1] += character
    return Segments(encoding, units, len(parts))


def long(letters: str) -> st.SearchStrategy[str]:
    """Texts around the boundaries, where everything is decided."""
    pieces = st.tuples(st.sampled_from(letters), st.integers(1, 160)).map(lambda piece: piece[0] * piece[1])
    return st.lists(pieces, max_size=6).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), long("aé€[^"), long("aя😀€"), st.text(BASIC + EXTENSION, max_size=700)))
def test_counting_agrees_with_cutting(text):
    assert segments(text) == slowly(text)


@settings(deadline=None)
@given(long("aя€😀"), long("aя€😀"))
def test_more_text_never_takes_less(text, more):
    assert segments(text + more).count >= segments(text).count
