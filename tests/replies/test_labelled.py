"""What the classifier makes of replies that people labelled: one half it was tuned by, the other it wasn't."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from gateway.replies.evaluate import Evaluation, Labelled, evaluate
from gateway.replies.keywords import Intent

LABELLED = Path(__file__).parent / "labelled"


def replies(half: str) -> list[Labelled]:
    said = map(orjson.loads, (LABELLED / f"{half}.jsonl").read_bytes().splitlines())
    return [
        Labelled(each["text"], Intent(each["intent"]), each["language"], line=line) for line, each in enumerate(said, 1)
    ]


@pytest.fixture(scope="module")
def held_out() -> Evaluation:
    return evaluate(replies("held_out"))


def test_who_opts_out_is_heard_in_replies_that_nobody_tuned_by(held_out):
    assert held_out.score(Intent.OPT_OUT).recall >= 0.94


def test_who_does_not_is_seldom_taken_for_one_who_does(held_out):
    assert held_out.score(Intent.OPT_OUT).precision >= 0.955


def test_who_asks_to_hear_from_us_or_who_we_are_is_mostly_understood(held_out):
    assert held_out.score(Intent.OPT_IN).recall >= 0.88
    assert held_out.score(Intent.HELP).recall >= 0.84


def test_the_half_that_it_was_tuned_by_shows_what_rules_and_weights_can_say():
    tuned = evaluate(replies("tuning")).score(Intent.OPT_OUT)
    assert tuned.recall >= 0.997
    assert tuned.precision >= 0.994


def test_no_reply_stands_in_both_halves():
    tuning, held_out = ({each.text.casefold().strip() for each in replies(half)} for half in ("tuning", "held_out"))
    assert not tuning & held_out
