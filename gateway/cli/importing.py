"""How every import runs: what was understood is shown, then asked for, then done; what is not taken is written down."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import click

from gateway.bulk import ROWS, Bulk
from gateway.cli.at_desk import in_bulk
from gateway.cli.ending import COULD_NOT
from gateway.cli.rejects import Rejects
from gateway.config import Config
from gateway.intake.columns import Columns, Meaning, has_header, recognised
from gateway.intake.reading import RowRejected
from gateway.intake.table import Cells, Row, Table, opened
from gateway.words.event import EventType

SAMPLE, SHOWN = 1000, 3  # rows that are tried before anything is asked, and of these shown

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Import(Generic[Item]):
    """One kind of import. `reader` makes a row's cells an item, or raises RowRejected."""

    what: str
    path: Path
    wanted: Sequence[Meaning]
    given: Mapping[str, Meaning]
    reader: Callable[[Columns], Callable[[Cells], Item]]
    write: Callable[[Bulk, Sequence[Item]], Awaitable[int]]
    shown: Callable[[Item], str]
    told_as: EventType | None = None  # to those who subscribe to events; None: it is not

    def data(self, table: Table) -> tuple[Row, Iterator[Row], Columns]:
        """The first row, all that are data, and what their columns mean. Raises BadTable, BadColumns."""
        rows = table.rows()
        first = next(rows)
        columns = recognised(first.cells, self.wanted, self.given)
        return first, rows if has_header(first.cells) else _with(first, rows), columns


@dataclass(frozen=True, slots=True)
class _Batch(Generic[Item]):
    """What was taken of so many rows."""

    good: list[Item]
    rows: int


@dataclass(slots=True)
class Tally:
    """How it goes."""

    taken: int = 0
    new: int = 0
    rejected: int = 0

    def add(self, batch: _Batch[Any], new: int) -> None:
        self.taken += len(batch.good)
        self.rejected += batch.rows - len(batch.good)
        self.new += new

    @property
    def rows(self) -> int:
        return self.taken + self.rejected


def run(wanted: Import[Any], config: Config, *, dry_run: bool, yes: bool) -> None:
    """Exit status 1 where there were rows and all were rejected."""
    _previewed(wanted)
    if dry_run:
        _tried(wanted)
        return
    if not yes:
        _confirmed(f"Import these {wanted.what}?")
    began = time.monotonic()
    with Rejects(wanted.path) as rejects:
        tally = in_bulk(config, lambda bulk: _imported(wanted, bulk, rejects))
    rate = round(tally.rows / max(time.monotonic() - began, 0.001))
    click.echo(f"{tally.rows} rows, {tally.taken} imported, {tally.new} of them made a difference; {rate} rows/s")
    if tally.rejected:
        click.echo(f"{tally.rejected} rejected: each stands with its reason in {rejects.path}")
    if tally.rejected and not tally.taken:
        sys.exit(COULD_NOT)


def _confirmed(question: str) -> None:
    """On a terminal only. Whatever else is at the other end has not seen what is asked."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            "nothing was done: this is no terminal to ask on; look at it by --dry-run, then add --yes"
        )
    click.confirm(question, abort=True)


def _previewed(wanted: Import[Any]) -> None:
    with opened(wanted.path) as table:
        first, rows, columns = wanted.data(table)
        named = has_header(first.cells)
        kind = "with a header" if named else "without a header"
        click.echo(
            f"{wanted.what} from {wanted.path.name}: {table.encoding}, cells end with {table.delimiter!r}, {kind}"
        )
        by_place = {place: meaning for meaning, place in columns.items()}
        for place, header in enumerate(first.cells):
            name = f" {header.strip()!r}" if named else ""
            click.echo(f"  column {place + 1}{name}: {by_place.get(place, 'not used')}")
        _sampled(wanted, columns, rows)


def _sampled(wanted: Import[Any], columns: Columns, rows: Iterator[Row]) -> None:
    sample, reasons = _sorted(wanted.reader(columns), islice(rows, SAMPLE))
    for item in sample[:SHOWN]:
        click.echo(f"  {wanted.shown(item)}")
    click.echo(f"of the first {len(sample) + reasons.total()} rows {len(sample)} can be imported")
    _reasons(reasons)


def _sorted(read: Callable[[Cells], Item], rows: Iterator[Row]) -> tuple[list[Item], Counter[str]]:
    good: list[Item] = []
    reasons: Counter[str] = Counter()
    for row in rows:
        try:
            good.append(read(row.cells))
        except RowRejected as rejected:
            reasons[str(rejected)] += 1
    return good, reasons


def _reasons(reasons: Counter[str]) -> None:
    for reason, count in reasons.most_common():
        click.echo(f"  {count} not: {reason}")


def _tried(wanted: Import[Any]) -> None:
    """All of it is read, and nothing is written."""
    taken, reasons = 0, Counter[str]()
    with opened(wanted.path) as table:
        _, rows, columns = wanted.data(table)
        read = wanted.reader(columns)
        while some := list(islice(rows, ROWS)):
            good, bad = _sorted(read, iter(some))
            taken, reasons = taken + len(good), reasons + bad
    click.echo(
        f"{taken + reasons.total()} rows, {taken} would be imported, {reasons.total()} rejected; nothing was written"
    )
    _reasons(reasons)


async def _imported(wanted: Import[Any], bulk: Bulk, rejects: Rejects) -> Tally:
    what, tally, began = f"import of {wanted.what}", Tally(), bulk.clock()
    await bulk.begun(what, wanted.path.name)
    with ExitStack() as house:
        table = house.enter_context(opened(wanted.path))
        bar = house.enter_context(click.progressbar(length=table.size, label=what, file=sys.stderr))
        first, rows, columns = wanted.data(table)
        rejects.columns = first.cells if has_header(first.cells) else ()
        batches = _Batches(wanted.reader(columns), rows, rejects)
        batch = batches.following()
        while batch is not None:
            writing = wanted.write(bulk, batch.good)
            new, following = await asyncio.gather(writing, asyncio.to_thread(batches.following), return_exceptions=True)
            if isinstance(new, BaseException):
                raise new
            tally.add(batch, new)
            bar.update(table.position - bar.pos)
            if isinstance(following, BaseException):
                raise following
            batch = following
    counts = {"rows": tally.rows, "taken": tally.taken, "new": tally.new, "rejected": tally.rejected}
    if wanted.told_as:
        digest = await asyncio.to_thread(_digest, wanted.path)
        await bulk.tell(wanted.told_as, "import", counts, began, digest)
    await bulk.done(what, counts, wanted.path.name)
    return tally


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


class _Batches(Generic[Item]):
    """The rows by the thousand: the next are read, in a thread, while the last are written."""

    def __init__(self, read: Callable[[Cells], Item], rows: Iterator[Row], rejects: Rejects) -> None:
        self._read = read
        self._rows = rows
        self._rejects = rejects

    def following(self) -> _Batch[Item] | None:
        """None: that was all. Raises BadTable."""
        some = list(islice(self._rows, ROWS))
        return _Batch(list(self._taken(some)), len(some)) if some else None

    def _taken(self, rows: Sequence[Row]) -> Iterator[Item]:
        for row in rows:
            try:
                yield self._read(row.cells)
            except RowRejected as rejected:
                self._rejects.add(row, str(rejected))


def _with(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows
