"""The record is read back line by line: what is asked for, and no more than that is opened."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.audit.chain import Entry, Kind, Link, chained
from gateway.audit.files import file_name
from gateway.audit.read import lines_recorded, messages_recorded
from gateway.words.errors import GatewayError
from tests.audit.things import NOW, Keys

KEYS, OTHERS = Keys(), Keys(b"o" * 32)
DAY = timedelta(days=1)


def write(folder: Path, file: datetime, *lines: tuple[Kind, datetime, str], keys: Keys = KEYS) -> None:
    """A file that was begun on that day; each line has a name in clear, and sealed."""
    end = Link(sum(len(path.read_bytes().splitlines()) for path in folder.iterdir()))
    path = folder / file_name("w1", file.date(), end.n + 1)
    for kind, at, name in lines:
        line, end = chained(Entry(kind, at, {"name": name}, {"secret": name}), end, keys)
        with path.open("ab") as out:
            out.write(line)


def test_lines_of_a_kind_are_read_with_what_is_sealed_in_them(tmp_path: Path):
    write(tmp_path, NOW, (Kind.MESSAGE, NOW, "a"), (Kind.HEARD, NOW, "b"), (Kind.MESSAGE, NOW, "c"))
    assert [each.private["secret"] for each in messages_recorded(tmp_path, KEYS)] == ["a", "c"]
    assert [each.clear["name"] for each in lines_recorded(tmp_path, KEYS, Kind.HEARD)] == ["b"]


def test_a_line_that_only_quotes_another_kind_is_not_of_it(tmp_path: Path):
    write(tmp_path, NOW, (Kind.HEARD, NOW, '"kind":"message"'))
    assert list(messages_recorded(tmp_path, KEYS)) == []


@pytest.mark.parametrize(
    ("since", "read"), [(NOW, ["b", "c"]), (NOW + DAY, ["c"]), (NOW + 2 * DAY, []), (None, ["a", "b", "c"])]
)
def test_from_an_instant_on(tmp_path: Path, since, read):
    write(tmp_path, NOW - DAY, (Kind.MESSAGE, NOW - DAY, "a"), (Kind.MESSAGE, NOW, "b"))  # restarted: one file goes on
    write(tmp_path, NOW + DAY, (Kind.MESSAGE, NOW + DAY, "c"))
    assert [each.clear["name"] for each in messages_recorded(tmp_path, KEYS, since)] == read


def test_what_is_not_wanted_is_not_opened(tmp_path: Path):
    write(tmp_path, NOW, (Kind.MESSAGE, NOW, "ours"))
    write(tmp_path, NOW, (Kind.MESSAGE, NOW, "theirs"), keys=OTHERS)
    wanted = messages_recorded(tmp_path, KEYS, None, lambda clear: clear["name"] == "ours")
    assert [each.clear["name"] for each in wanted] == ["ours"]
    with pytest.raises(GatewayError):
        list(messages_recorded(tmp_path, KEYS))


def test_files_that_end_before_are_not_read(tmp_path: Path):
    write(tmp_path, NOW - 9 * DAY, (Kind.MESSAGE, NOW - 9 * DAY, "old"))
    write(tmp_path, NOW - 5 * DAY, (Kind.MESSAGE, NOW, "new"))
    oldest = min(tmp_path.iterdir())
    oldest.write_bytes(b'{"kind":"message" and no more of it\n')
    assert [each.clear["name"] for each in messages_recorded(tmp_path, KEYS, NOW - DAY)] == ["new"]
    with pytest.raises(GatewayError, match="audit verify"):
        list(messages_recorded(tmp_path, KEYS))
