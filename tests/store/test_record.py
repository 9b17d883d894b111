"""A recipient's record: its changes as a value, and its bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.record import NOTHING, Asked, Entered, Mark, Record, instant, micros, revision_of
from gateway.words.facts import Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.ledger import Happened, Withdrawal
from gateway.words.program import Category
from gateway.words.question import QuestionKind
from tests.store.people import NOON, opt_out

instants = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
words = st.sampled_from(["all", "keyword", "", "program:club"]) | st.text(max_size=40)
times = st.integers(0, 1 << 52)
marks = st.builds(Mark, st.sampled_from(SuppressionKind), words, words, times, times, st.just(0) | times)
many = st.lists(st.sampled_from(Category), max_size=3).map(tuple)
flags = st.booleans()
consents = st.builds(
    Consent, st.sampled_from(ConsentKind), instants, words, words, many, flags, flags, st.none() | instants
)
ids = st.binary(min_size=8, max_size=8)
entered = (
    st.builds(Entered, st.just(Happened.GIVEN), consents, st.just(b""))
    | st.builds(Entered, st.sampled_from([Happened.REQUESTED, Happened.GIVEN, Happened.CONFIRMED]), consents, ids)
    | st.builds(Entered, st.just(Happened.WITHDRAWN), st.builds(Withdrawal, instants, words, words, many), ids)
)
asked = st.builds(Asked, st.sampled_from(QuestionKind), words, times, times)
records = st.builds(
    Record,
    st.integers(0, 1 << 40),
    st.lists(marks, max_size=4).map(tuple),
    st.lists(entered, max_size=3).map(tuple),
    st.lists(asked, max_size=2).map(tuple),
)


@given(records)
def test_a_record_is_read_as_it_was_written(record: Record):
    assert Record.from_bytes(record.to_bytes()) == record
    assert revision_of(record.to_bytes()) == record.revision


@given(instants)
def test_an_instant_keeps_its_microseconds(at: datetime):
    assert instant(micros(at)) == at


def test_an_opt_out_takes_12_bytes():
    assert len(NOTHING.suppressed(opt_out(), NOON, replayed=False).to_bytes()) == 12


seconds = st.integers(0, 6).map(lambda second: NOON + timedelta(seconds=second))
stops = st.builds(lambda at: ("stop", at), seconds)
starts = st.builds(lambda at: ("start", at), seconds)


def _live(record: Record, said: tuple[str, datetime]) -> Record:
    what, at = said
    if what == "start":
        return record.lifted(SuppressionKind.OPT_OUT, "all", at)
    return record.suppressed(opt_out(at), at, replayed=False)


def _replayed(record: Record, said: tuple[str, datetime]) -> Record:
    what, at = said
    if what == "start":
        return record.lifted(SuppressionKind.OPT_OUT, "all", at)
    return record.suppressed(opt_out(at), at, replayed=True)


@settings(max_examples=300)
@given(st.lists(stops | starts, max_size=8, unique_by=lambda said: said[1]), st.integers(0, 8))
def test_replaying_the_whole_journal_changes_nothing_whatever_the_store_had_lost_of_it(said, kept):
    """A server that took over has the beginning of what was written; the journal brings the rest, in order."""
    said.sort(key=lambda one: one[1])
    complete = reduce(_live, said, NOTHING)
    survived = reduce(_live, said[:kept], NOTHING)
    assert _in_force(reduce(_replayed, said, survived)) == _in_force(complete)
    assert reduce(_replayed, said, complete) == complete


def _in_force(record: Record) -> list[Suppression]:
    return [mark.suppression for mark in record.in_force]
