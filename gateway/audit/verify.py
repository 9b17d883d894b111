"""Whether the record is whole: who removed, edited, moved or added a line is found, and the place is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from gateway.audit.chain import Kind, Line, Link, Opener, read_line
from gateway.audit.files import chains_in, files_of, read_head


@dataclass(frozen=True, slots=True)
class Break:
    """The first place of a chain that does not hold. `line` counts from 1; 0: the file as a whole."""

    file: str
    line: int
    why: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.why}"


@dataclass(frozen=True, slots=True)
class Verified:
    """How many lines of how many chains were read, and the first break of each chain that has one."""

    lines: int
    chains: int
    breaks: tuple[Break, ...]


def verify(folder: Path, vault: Opener | None = None) -> Verified:
    """Walk every chain of the folder. With `vault` each sealed part is opened as well: the stronger proof.

    A gateway may be writing meanwhile. Raises OSError.
    """
    chains = chains_in(folder)
    walked = [_walked(folder, chain, vault) for chain in chains]
    breaks = tuple(broken for _, broken in walked if broken)
    return Verified(sum(lines for lines, _ in walked), len(chains), breaks)


def _walked(folder: Path, chain: str, vault: Opener | None) -> tuple[int, Break | None]:
    head = read_head(folder, chain)  # before the lines: they may grow meanwhile
    last, lines, place = Link(), 0, (f"{chain}.head", 0)
    for path, number, raw in _lines(folder, chain):
        place = (path.name, number)
        line = read_line(raw.removesuffix(b"\n"), vault)
        if not raw.endswith(b"\n") and (head is None or last.n >= head.n):
            break  # it is just being written, or its writer died: it was never durable
        if why := _misfit(line, raw, last):
            return lines, Break(*place, why)
        last, lines = Link(line.n, line.hash), lines + 1
    return lines, _end(head, last, place)


def _lines(folder: Path, chain: str) -> Iterator[tuple[Path, int, bytes]]:
    for path in files_of(folder, chain):
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                yield path, number, raw


def _misfit(line: Line, raw: bytes, last: Link) -> str:
    """Why this line cannot stand after the last one; empty where it can."""
    if line.why:
        return line.why
    if not raw.endswith(b"\n"):
        return "the line has no end"
    if line.n != last.n + 1:
        return _out_of_turn(line.n, last.n + 1)
    if line.prev != last.hash:
        return "the line before is not the one that this line was written after"
    return _lost(raw) if line.kind == Kind.RECOVERED else ""


def _out_of_turn(n: int, due: int) -> str:
    if n < due:
        return f"line {n} of the chain again, or moved, where line {due} is due"
    missing = f"line {due} is" if n == due + 1 else f"lines {due} to {n - 1} are"
    return f"{missing} missing before this line"


def _lost(raw: bytes) -> str:
    """What a gateway recorded itself as missing. A torn end that never was durable is no loss."""
    lost = orjson.loads(raw).get("lost")
    if lost is None:
        return "the chain's head was missing or damaged when the gateway started: lines may be missing before this line"
    return f"recorded as lost before this line: {lost} lines" if lost else ""


def _end(head: Link | None, last: Link, place: tuple[str, int]) -> Break | None:
    if head is None and last.n:
        return Break(*place, "the chain's head is missing or damaged: lines may be missing at the end")
    if head and head.n > last.n:
        missing = f"line {head.n} is" if head.n == last.n + 1 else f"lines {last.n + 1} to {head.n} are"
        return Break(*place, f"{missing} missing after this line")
    if head and head.n == last.n and head.hash != last.hash:
        return Break(*place, "the chain's head names another last line")
    return None
