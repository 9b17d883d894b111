"""What is sealed of a suppression is read as it was written, whatever somebody wrote to us."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.details import detail_text, with_detail
from gateway.store.said import Batch, Suppressed, read
from gateway.words.facts import LastSent
from tests.store.people import ANN, LATER, NOON, opt_out

SENT = LastSent("5f0c" * 8, datetime(2026, 6, 10, 15, 58, 1, 42, UTC))
BARE = opt_out()

words = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0|\n"), max_size=12)
sent = st.none() | st.builds(
    LastSent,
    st.text("0123456789abcdef", min_size=1, max_size=32),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is beside
)


@given(detail=words, answers=sent)
def test_words_and_what_they_answer_come_back(detail, answers):
    said = replace(BARE, detail=detail, answers=answers)
    assert with_detail(BARE, detail_text(said)) == said


@pytest.mark.parametrize("kept", ["", "STOP", "asked by phone\non Tuesday"])
def test_words_that_were_sealed_before_are_words_still(kept):
    assert with_detail(BARE, kept) == replace(BARE, detail=kept)


@pytest.mark.parametrize("answers", [None, SENT])
def test_a_journal_brings_both_to_the_store(answers):
    said = replace(opt_out(NOON, detail="STOP"), answers=answers)
    entry = Suppressed(ANN.e164, said, LATER)
    assert read(entry.to_json()) == entry
    batch = Batch.of("b1", LATER, [(ANN.e164, said), (ANN.e164, BARE)])
    assert read(batch.to_json()).said == batch.said == [(ANN.e164, said), (ANN.e164, BARE)]
