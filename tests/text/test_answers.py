"""What the gateway itself answers is short, says whose it is, and shows the way back or out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.text.answers import HELP, OPTED_IN, OPTED_OUT, helped, opted_in, opted_out
from gateway.text.segments import segments

BRAND = "Twenty Letters Brand"
CONTACT = "help@example.com"
TWO = {  # segments: of a language that GSM-7 can't write, with more than 70 characters
    "opted out": "es fr pt pl cs ro hu el tr ru uk ar he hi vi",
    "opted in": "fr pt pl cs hu tr uk hi vi",
    "helped": "pl cs ro tr hi",
}

ANSWERS = [
    *[("opted out", language, opted_out(language, BRAND), "START") for language in OPTED_OUT],
    *[("opted in", language, opted_in(language, BRAND), "STOP") for language in OPTED_IN],
    *[("helped", language, helped(language, BRAND, CONTACT), "STOP") for language in HELP],
]


@pytest.mark.parametrize(("what", "language", "text", "word"), ANSWERS)
def test_an_answer_says_whose_it_is_and_what_to_reply(what, language, text, word):
    assert text.startswith(f"{BRAND}: ")
    assert word in text
    assert "{" not in text
    assert what != "helped" or CONTACT in text


@pytest.mark.parametrize(("what", "language", "text", "word"), ANSWERS)
def test_an_answer_fits_one_segment_or_two_where_the_language_needs_them(what, language, text, word):
    assert segments(text).count == (2 if language in TWO[what].split() else 1)


def test_every_language_has_every_answer():
    assert set(OPTED_OUT) == set(OPTED_IN) == set(HELP)


@given(st.text(max_size=30))
def test_a_brand_is_told_as_it_is(brand):
    assert opted_out("en", brand).startswith(f"{brand}: You")
    assert opted_in("xx", brand) == opted_in("en", brand)
