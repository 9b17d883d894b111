"""A file of rows, whoever wrote it: packed or not, in which encoding, with which delimiter; read as a stream."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from gateway.words.errors import GatewayError

SNIFFED = 64 * 1024  # bytes by which a file's encoding is told
DELIMITERS = ",;\t|"
LONGEST = 1 << 20  # characters of one cell

_GZIP = b"\x1f\x8b"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Cells = Sequence[str]


class BadTable(GatewayError):
    """It holds no rows that can be read."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row, and the line on which it ends, from 1."""

    line: int
    cells: Cells


class Table:
    """An open file. Its rows can be had once."""

    def __init__(self, raw: BinaryIO, text: io.TextIOBase, encoding: str, delimiter: str, size: int) -> None:
        self.encoding = encoding
        self.delimiter = delimiter
        self.size = size  # bytes, packed where it is packed
        self._raw = raw
        self._text = text

    @property
    def position(self) -> int:
        """How many of `size` bytes are read."""
        return self._raw.tell()

    def rows(self) -> Iterator[Row]:
        """Empty ones are left out. Raises BadTable where the file is cut short, or a quote is never closed."""
        csv.field_size_limit(LONGEST)
        reader = csv.reader(self._text, delimiter=self.delimiter)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield Row(reader.line_num, cells)
        except csv.Error:
            why = "a cell that never ends, or a byte that is no text: is a quote open?"
            raise BadTable(f"line {reader.line_num} can't be read: {why}") from None
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadTable(f"the packed file is cut short or damaged after line {reader.line_num}") from None


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    """Raises OSError, or BadTable where it is empty."""
    with ExitStack() as house:
        raw = house.enter_context(path.open("rb"))
        stream = _unpacked(house, raw)
        head = _peeked(stream)
        if not head.strip():
            raise BadTable(f"{path.name} is empty")
        encoding = encoding_of(head)
        text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
        first = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
        yield Table(raw, text, encoding, delimiter_of(first), path.stat().st_size)


def encoding_of(head: bytes) -> str:
    """By its mark, by the zeros of UTF-16, else UTF-8 or, where it is none, Latin-1. Numbers are ASCII in all."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if b"\0" in head[:2]:
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # it may end within a character
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def delimiter_of(text: str) -> str:
    """The one that stands in the first line most often, outside of quotes; a comma where none does."""
    outside = "".join(text.lstrip("\r\n").partition("\n")[0].split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _unpacked(house: ExitStack, raw: BinaryIO) -> io.BufferedReader:
    buffered = cast("io.BufferedReader", raw)
    if buffered.peek(len(_GZIP))[: len(_GZIP)] != _GZIP:
        return buffered
    return house.enter_context(io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=raw)), SNIFFED))


def _peeked(stream: io.BufferedReader) -> bytes:
    try:
        return stream.peek(SNIFFED)[:SNIFFED]
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadTable("the packed file is cut short or damaged") from None
