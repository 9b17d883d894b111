"""Which characters GSM-7 has."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.alphabet import BASIC, EXTENSION, is_gsm7, offenders, septets


def test_the_alphabet_has_127_characters_an_escape_and_an_extension():
    assert len(set(BASIC)) == 127
    assert set(EXTENSION) == set("^{}\\[~]|€\f")
    assert not set(BASIC) & set(EXTENSION)


@pytest.mark.parametrize("text", ["", "Sale!", "@£$¥", "Ça va", "ÄÖÑÜ§¿äöñüà", "ΔΦΓΛΩΠΨΣΘΞ", "100 €", "a\r\nb\f"])
def test_these_fit(text):
    assert is_gsm7(text)
    assert offenders(text) == ()


@pytest.mark.parametrize(
    ("text", "characters"),
    [
        ("ça", "ç"),
        ("“Sale”", "“”"),
        ("it’s here…", "’…"),
        ("a – b – c", "–"),
        ("a\tb", "\t"),
        ("a\u00a0b", "\u00a0"),
        ("`code`", "`"),
        ("olá", "á"),
        ("zero\u200bwidth", "\u200b"),
        ("the escape \x1b itself", "\x1b"),
        ("Ελλάδα", "Ελάδα"),
        ("😀", "😀"),
    ],
)
def test_these_force_ucs2_and_are_named_once_in_order(text, characters):
    assert not is_gsm7(text)
    assert offenders(text) == tuple(dict.fromkeys(characters))


@settings(deadline=None)
@given(st.text())
def test_a_text_fits_when_nothing_offends(text):
    assert is_gsm7(text) == (offenders(text) == ())


@settings(deadline=None)
@given(st.text(BASIC + EXTENSION))
def test_extension_characters_take_two_septets(text):
    assert septets(text) == sum(2 if character in EXTENSION else 1 for character in text)
