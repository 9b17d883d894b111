"""What a reply quotes is ours: it asks for nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.replies.classify import classify
from gateway.replies.keywords import Intent
from gateway.replies.quotes import is_tapback, own_words

OURS = "20% off today only. Reply STOP to end"
TAPBACKS = [
    "Liked “{}”",
    "Loved “{}”",
    "Disliked “{}”",
    'Laughed at "{}"',
    "Emphasized “{}”",
    "Questioned “{}”",
    "Removed a like from “{}”",
    "Removed an exclamation from “{}”",
    "Reacted 🖕 to “{}”",
    "👍 to “{}”",
    "\u200a❤️\u200a to \u200a“\u200a{}\u200a”\u200a",
    "Le gustó “{}”",
    "Le encantó “{}”",
    "Reaccionó con 👍 a “{}”",
    "A aimé « {} »",
    "A réagi avec 👍 à « {} »",
    "Gefällt „{}“",
    "Hat „{}“ mit „Gefällt mir“ markiert",
    "Hat mit 👍 auf „{}“ reagiert",
    "Gostou de “{}”",
    "Adorou “{}”",
    "Ha messo “Mi piace” a “{}”",
    "Vond “{}” leuk",
    "Polubiono „{}”",
    "Gillade ”{}”",
    "Reagerade med 👍 på ”{}”",
]


@settings(deadline=None)
@given(st.sampled_from(TAPBACKS), st.one_of(st.just(OURS), st.just("STOP"), st.text(max_size=80)))
def test_a_reaction_to_any_text_is_never_an_opt_out(tapback, text):
    assert classify(tapback.format(text)).intent is not Intent.OPT_OUT


@pytest.mark.parametrize("tapback", TAPBACKS)
def test_a_reaction_is_told_from_a_reply(tapback):
    assert is_tapback(tapback.format(OURS))


@pytest.mark.parametrize("text", ["Liked “20% off today. Reply STOP to e", "Loved an image", "Liked a photo"])
def test_a_reaction_that_was_cut_or_is_to_a_picture_is_one_too(text):
    assert is_tapback(text)


@pytest.mark.parametrize(
    "text", ["Loved it, now stop", "I liked “Hello”", "STOP", "Questioned my life. Stop texting me"]
)
def test_a_reply_that_begins_alike_is_none(text):
    assert not is_tapback(text)


@pytest.mark.parametrize(
    ("situation", "text", "left"),
    [
        ("lines that are quoted", f"ok\n> {OURS}\n> bye", "ok"),
        ("an original below", f"ok\n-----Original Message-----\nFrom: Shop\n{OURS}", "ok"),
        ("an original as mail programs quote it", f"ok\nOn Mon, Jun 2, 2025 at 9:00 AM Shop wrote:\n{OURS}", "ok"),
        ("in German", f"ok\nAm 02.06.2025 um 09:00 schrieb Shop:\n{OURS}", "ok"),
        ("a signature", "ok\nSent from my iPhone", "ok"),
        ("a signature in French", "ok\nEnvoyé de mon iPhone", "ok"),
        ("a subject's beginning", "RE: ok", "ok"),
        ("our words between quotes", f"You wrote “{OURS}” so", "You wrote ,  so"),
        ("a keyword between quotes is theirs", "“STOP”", "“STOP”"),
    ],
)
def test_only_the_writers_own_words_are_left(situation, text, left):
    assert own_words(text).strip() == left
