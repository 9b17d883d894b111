"""Files as people have them: read whatever encoded, delimited or packed."""

from __future__ import annotations

import gzip
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.table import BadTable, opened

LINES = 'Téléphone,Note\r\n+33639980001,"né à Orléans, ""hier"""\r\n\r\n+33639980002,\r\n'
CELLS = [["Téléphone", "Note"], ["+33639980001", 'né à Orléans, "hier"'], ["+33639980002", ""]]


def rows(path: Path) -> list[list[str]]:
    with opened(path) as table:
        return [list(row.cells) for row in table.rows()]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_file_is_read_as_it_was_meant(tmp_path: Path, encoding, delimiter, packed):
    told = LINES.replace(",\r\n", f"{delimiter}\r\n").replace("e,N", f"e{delimiter}N").replace('1,"', f'1{delimiter}"')
    path = tmp_path / "file"
    content = told.encode(encoding)
    path.write_bytes(gzip.compress(content) if packed else content)
    assert rows(path) == CELLS


def test_rows_are_named_by_the_line_on_which_they_end(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text('a,b\n"one\ntwo",3\n\n4,5\n')
    with opened(path) as table:
        assert [row.line for row in table.rows()] == [1, 3, 5]
        assert table.position == table.size


def test_a_byte_that_is_no_utf_8_far_below_spoils_nothing_else(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"number\n" + b"+12125550100\n" * 10_000 + b"\xff\n+12125550101\n")
    found = rows(path)
    assert (len(found), found[-1]) == (10_003, ["+12125550101"])


@pytest.mark.parametrize(
    ("situation", "content", "why"),
    [
        ("nothing", b"", "is empty"),
        ("white space", b" \r\n\n", "is empty"),
        ("a packed file that is cut short", gzip.compress(b"number\n" * 1000, mtime=0)[:-9], "cut short"),
        ("a quote that is never closed", b'number\n"' + b"+12125550100\n" * 100_000, "quote"),
    ],
)
def test_what_holds_no_rows_says_why(tmp_path: Path, situation, content, why):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(BadTable, match=why):
        rows(path)


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_bad_table(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    with suppress(BadTable):
        assert all(any(cell.strip() for cell in cells) for cells in rows(path))
