"""Entries in a journal's file: what is whole is read, wherever the file was torn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.store.frames import LIMIT, framed, unframed

entries = st.lists(st.binary(max_size=60) | st.just(framed(b"a frame in an entry")), max_size=6)


@given(entries)
def test_what_was_written_is_read(written: list[bytes]):
    data = b"".join(map(framed, written))
    assert unframed(data) == (written, len(data))


@settings(max_examples=300)
@given(entries, st.data())
def test_a_file_torn_anywhere_gives_every_whole_entry(written: list[bytes], data: st.DataObject):
    frames = list(map(framed, written))
    whole = b"".join(frames)
    cut = data.draw(st.integers(0, len(whole)))
    ends = [len(b"".join(frames[: count + 1])) for count in range(len(frames))]
    complete = [entry for entry, end in zip(written, ends, strict=True) if end <= cut]
    if not any(b"a frame in" in entry for entry in written[len(complete) : len(complete) + 1]):
        assert unframed(whole[:cut]) == (complete, max((end for end in ends if end <= cut), default=0))


@settings(max_examples=300)
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=6), st.data())
def test_one_damaged_byte_costs_one_entry_at_most(written: list[bytes], data: st.DataObject):
    frames = list(map(framed, written))
    spoilt = data.draw(st.integers(0, len(frames) - 1))
    place = data.draw(st.integers(0, len(frames[spoilt]) - 1))
    frame = bytearray(frames[spoilt])
    frame[place] ^= data.draw(st.integers(1, 255))
    found, _ = unframed(b"".join([*frames[:spoilt], bytes(frame), *frames[spoilt + 1 :]]))
    assert found == written[:spoilt] + written[spoilt + 1 :]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_error(data: bytes):
    unframed(data)


def test_an_entry_beyond_the_limit_is_not_written():
    with pytest.raises(ValueError, match="too long"):
        framed(bytes(LIMIT + 1))
