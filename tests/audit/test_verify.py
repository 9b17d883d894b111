"""Whoever removes, edits, moves, adds or repeats a line is found, and the place is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.chain import Link, chained
from gateway.audit.files import Files, file_name
from gateway.audit.signed import Head
from gateway.audit.verify import Verified, verify
from tests.audit.things import NOW, Keys, note

KEYS = Keys()
FIRST, SECOND = file_name("w1", NOW.date(), 1), file_name("w1", NOW.date(), 6)

Lines = list[bytes]


def lines_of(count: int, keys: Keys = KEYS) -> tuple[Lines, Link]:
    lines, last = [], Link()
    for n in range(count):
        line, last = chained(note(n), last, keys)
        lines.append(line)
    return lines, last


TEN, END = lines_of(10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A chain of ten lines in two files of five."""
    files = Files(tmp_path)
    files.open()
    middle = lines_of(5)[1]
    files.write(FIRST, b"".join(TEN[:5]), middle)
    files.write(SECOND, b"".join(TEN[5:]), END)
    files.close()
    return tmp_path


def rewritten(folder: Path, name: str, change: Callable[[Lines], Lines]) -> Verified:
    path = folder / name
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    return verify(folder, KEYS)


def test_a_whole_chain_has_no_break(folder: Path) -> None:
    assert verify(folder, KEYS) == Verified(10, 1, ())


def test_no_record_at_all_is_whole(tmp_path: Path) -> None:
    assert verify(tmp_path, KEYS) == Verified(0, 0, ())


@pytest.mark.parametrize(
    ("situation", "name", "change", "where"),
    [
        ("a word is edited", FIRST, lambda lines: [lines[0], lines[1].replace(b"heard", b"Heard"), *lines[2:]], "2"),
        ("a key is added", FIRST, lambda lines: [lines[0], lines[1][:-2] + b',"n":2}\n', *lines[2:]], "2"),
        ("a key comes before the seal", FIRST, lambda lines: [lines[0].replace(b'{"n"', b'{"a":1,"n"')], "1"),
        ("a space is added", FIRST, lambda lines: [lines[0][:-1] + b" \n", *lines[1:]], "1"),
        ("a sealed part is taken from another line", FIRST, lambda lines: [_swapped(lines[0], lines[1])], "1"),
        ("a sealed part is removed", FIRST, lambda lines: [_unsealed(lines[0]), *lines[1:]], "1"),
        ("the first line is removed", FIRST, lambda lines: lines[1:], "1"),
        ("a line in the middle is removed", FIRST, lambda lines: lines[:2] + lines[3:], "3"),
        ("the last line of a file is removed", FIRST, lambda lines: lines[:4], f"{SECOND}:1"),
        ("the first line of the next file is removed", SECOND, lambda lines: lines[1:], "1"),
        ("two lines are swapped", FIRST, lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "2"),
        ("a line stands twice", FIRST, lambda lines: [*lines[:2], lines[1], *lines[2:]], "3"),
        ("a line is cut short", FIRST, lambda lines: [lines[0][:40] + b"\n", *lines[1:]], "1"),
        ("a line end is missing", FIRST, lambda lines: [lines[0][:-1], *lines[1:]], "1"),
        ("an empty line is added", FIRST, lambda lines: [*lines, b"\n"], "6"),
        ("the end is removed", SECOND, lambda lines: lines[:3], "3"),
        ("the end is cut short", SECOND, lambda lines: [*lines[:4], lines[4][:30]], "5"),
        ("only a line end is cut off", SECOND, lambda lines: [*lines[:4], lines[4][:-1]], "5"),
        ("a file is emptied", SECOND, lambda lines: [], f"{FIRST}:5"),
    ],
)
def test_every_change_is_found_and_named(
    folder: Path, situation: str, name: str, change: Callable[[Lines], Lines], where: str
) -> None:
    (broken,) = rewritten(folder, name, change).breaks
    assert str(broken).startswith(f"{where}:" if ":" in where else f"{name}:{where}:")
    assert broken.why


def _swapped(line: bytes, other: bytes) -> bytes:
    return line.partition(b'"sealed"')[0] + b'"sealed"' + other.partition(b'"sealed"')[2]


def _unsealed(line: bytes) -> bytes:
    return line.partition(b',"sealed"')[0] + b"}\n"


@given(place=st.integers(0, sum(map(len, TEN[:5])) - 1), bit=st.integers(0, 7))
@settings(max_examples=200)
def test_one_flipped_bit_is_found_in_its_line(place: int, bit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    data = bytearray(b"".join(TEN[:5]))
    flipped_in = data[:place].count(b"\n") + 1
    data[place] ^= 1 << bit
    (folder / FIRST).write_bytes(data)
    (folder / "w1.head").write_text(f"5 {lines_of(5)[1].hash}\n")
    (broken,) = verify(folder).breaks  # also without the keys
    assert (broken.file, broken.line) == (FIRST, flipped_in)


def test_a_file_that_is_gone_is_missed(folder: Path) -> None:
    (folder / FIRST).unlink()
    (broken,) = verify(folder).breaks
    assert str(broken) == f"{SECOND}:1: lines 1 to 5 are missing before this line"


def test_all_files_gone_are_missed(folder: Path) -> None:
    (folder / FIRST).unlink()
    (folder / SECOND).unlink()
    (broken,) = verify(folder).breaks
    assert str(broken) == "w1.head:0: lines 1 to 10 are missing after this line"


@pytest.mark.parametrize("head", [None, "", "nonsense", "1x \n"])
def test_a_head_that_is_gone_or_damaged_is_missed(folder: Path, head: str | None) -> None:
    (folder / "w1.head").unlink()
    if head is not None:
        (folder / "w1.head").write_text(head)
    (broken,) = verify(folder).breaks
    assert "head is missing or damaged" in broken.why


def test_a_last_line_that_is_another_is_found(folder: Path) -> None:
    other, _ = chained(note(99), lines_of(9)[1], KEYS)
    (broken,) = rewritten(folder, SECOND, lambda lines: [*lines[:4], other]).breaks
    assert str(broken) == f"{SECOND}:5: the chain's head names another last line"


def test_a_chain_recomputed_without_the_keys_is_found_with_them(folder: Path) -> None:
    forged, end = lines_of(10, Keys(b"x" * 32))
    (folder / FIRST).write_bytes(b"".join(forged[:5]))
    (folder / SECOND).write_bytes(b"".join(forged[5:]))
    (folder / "w1.head").write_text(Head(end.n, end.hash).written())
    assert verify(folder).breaks == ()
    (broken,) = verify(folder, KEYS).breaks
    assert (broken.file, broken.line) == (FIRST, 1)
    assert "does not open" in broken.why


def test_a_line_that_is_just_being_written_is_no_break(folder: Path) -> None:
    with (folder / SECOND).open("ab") as file:
        file.write(b'{"n":11,"kind":"mess')
    assert verify(folder, KEYS) == Verified(10, 1, ())


def test_each_chain_has_its_own_first_break(folder: Path) -> None:
    (folder / FIRST.replace("w1", "w2")).write_bytes(b"".join(TEN[1:5]))
    (folder / FIRST).unlink()
    assert [broken.file for broken in verify(folder).breaks] == [SECOND, FIRST.replace("w1", "w2")]
