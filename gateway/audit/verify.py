"""Whether the record is whole: who removed, edited, moved or added a line is found, and the place is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import orjson

from gateway.audit.chain import Kind, Line, Link, Opener, read_line
from gateway.audit.files import chains_in, files_of, read_head
from gateway.audit.signed import Checker, Head, Segment


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


def verify(
    folder: Path,
    vault: Opener | None = None,
    checker: Checker | None = None,
    published: Mapping[str, Head] = MappingProxyType({}),
) -> Verified:
    """Walk every chain of the folder. With `vault` each sealed part is opened as well, with `checker` the signatures
    are checked, and a chain must go through its `published` head, as somebody has noted it down.

    A gateway may be writing meanwhile. Raises OSError.
    """
    chains = sorted({*chains_in(folder), *published})
    walked = [_walked(folder, chain, vault, checker, published.get(chain)) for chain in chains]
    breaks = tuple(broken for _, broken in walked if broken)
    return Verified(sum(lines for lines, _ in walked), len(chains), breaks)


def _walked(
    folder: Path, chain: str, vault: Opener | None, checker: Checker | None, published: Head | None
) -> tuple[int, Break | None]:
    head = read_head(folder, chain)  # before the lines: they may grow meanwhile
    last, lines, place = Link(), 0, (f"{chain}.head", 0)
    for path in files_of(folder, chain):
        begun = last
        for number, raw in _lines(path):
            place = (path.name, number)
            line = read_line(raw.removesuffix(b"\n"), vault)
            if not raw.endswith(b"\n") and (head is None or last.n >= head.n):
                break  # it is just being written, or its writer died: it was never durable
            if why := _misfit(line, raw, last) or _unpublished(line, published):
                return lines, Break(*place, why)
            last, lines = Link(line.n, line.hash), lines + 1
        if why := _segment_wrong(path, begun, last, checker):
            return lines, Break(path.name, 0, why)
    wrong = _end(head, last, place) or _signature_wrong(chain, head, checker) or _short_of(published, last, place)
    return lines, wrong


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        yield from enumerate(file, 1)


def _unpublished(line: Line, published: Head | None) -> str:
    if published and line.n == published.n and line.hash != published.hash:
        return "the head that was published names another line here: the chain was written anew"
    return ""


def _short_of(published: Head | None, last: Link, place: tuple[str, int]) -> Break | None:
    if published and published.n > last.n:
        return Break(
            *place, f"lines up to {published.n} are missing after this line: the published head names that one"
        )
    return None


def _segment_wrong(path: Path, begun: Link, last: Link, checker: Checker | None) -> str:
    """What is wrong with a file as it was signed when it was finished; empty where nothing is, or it is not signed."""
    segment = Segment.read(path)
    if segment is None:
        return "the signature of this file can't be read" if Segment.is_there(path) else ""
    if replace(segment, signature="") != Segment(path.name, begun.n + 1, last.n, begun.hash, last.hash):
        return "the file is not what was signed when it was finished"
    if checker and not checker.signed(segment.covered(), segment.signature):
        return "the file's signature is none of a key of ours"
    return ""


def _signature_wrong(chain: str, head: Head | None, checker: Checker | None) -> Break | None:
    if checker is None or head is None or not (checker.signs or head.signature):
        return None
    if not head.signature:
        why = "the head is not signed: it is from before there was a key to sign with, or somebody else's"
        return Break(f"{chain}.head", 1, why)
    if not checker.signed(head.covered(chain), head.signature):
        return Break(f"{chain}.head", 1, "the head's signature is none of a key of ours")
    return None


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


def _end(head: Head | None, last: Link, place: tuple[str, int]) -> Break | None:
    if head is None and last.n:
        return Break(*place, "the chain's head is missing or damaged: lines may be missing at the end")
    if head and head.n > last.n:
        missing = f"line {head.n} is" if head.n == last.n + 1 else f"lines {last.n + 1} to {head.n} are"
        return Break(*place, f"{missing} missing after this line")
    if head and head.n == last.n and head.hash != last.hash:
        return Break(*place, "the chain's head names another last line")
    return None
