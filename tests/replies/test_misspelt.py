"""Slips of the finger."""

from __future__ import annotations

import pytest

from gateway.replies.misspelt import mended


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("messagee", "message"),
        ("unsubscribee", "unsubscribe"),
        ("mensajem", "mensajes"),
        ("nachrichtem", "nachrichten"),
    ],
)
def test_a_slip_that_may_be_of_several_words_is_always_taken_for_the_first_of_our_list(word, meant):
    assert mended(word) == meant
