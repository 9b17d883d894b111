"""How every export runs: streamed to a file that only its owner reads, or to the standard output; on record."""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from gateway.bulk import Bulk
from gateway.cli.at_desk import in_bulk
from gateway.config import Config
from gateway.store.base import Remembered

Rows = Callable[[Remembered], Iterator[Sequence[str]]]

OUTPUT = click.option(
    "-o", "output", type=click.Path(dir_okay=False, path_type=Path), help="The file.  [default: standard output]"
)


def export_to(output: Path | None, config: Config, what: str, columns: Sequence[str], rows: Rows) -> None:
    """A file is there whole, or as it was before."""
    with _opened(output) as file:
        written = in_bulk(config, lambda bulk: _exported(bulk, file, what, columns, rows))
    click.echo(f"{written} {what} exported", err=True)


async def _exported(bulk: Bulk, file: IO[str], what: str, columns: Sequence[str], rows: Rows) -> int:
    await bulk.begun(f"export of {what}")
    to, written = csv.writer(file, lineterminator="\n"), 0
    to.writerow(columns)
    async for people in bulk.everybody():
        found = [row for one in people for row in rows(one)]
        to.writerows(found)
        written += len(found)
    file.flush()
    await bulk.done(f"export of {what}", {"rows": written})
    return written


@contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    beside = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with open(beside, "w", encoding="utf-8", newline="", opener=_private) as file:
            yield file
            os.fsync(file.fileno())
        beside.replace(output)
    finally:
        beside.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)
