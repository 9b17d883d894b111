"""Counts of several worker processes that add up, through a small file for each.

Why not prometheus-client's own multi-process mode: it is switched on by an environment variable before the first
import, for the whole process; a count costs 2 us under a lock instead of 0.1; and a process leaves files that nobody
may remove. Here a worker takes the first slot that is free and goes on with the counts of the one that had it before,
so that no counter ever falls and nothing piles up. Who answers a scrape saves its own counts first: the next scrape,
whichever worker answers it, starts from no less.
"""

from __future__ import annotations

import fcntl
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from operator import add
from pathlib import Path

import orjson

Labels = tuple[str, ...]
Cell = list[float]  # what is counted for one set of labels: one number, or a histogram's buckets and their sum
Cells = dict[Labels, Cell]


class Kind(Enum):
    """How the cells of several workers come together, and whether a worker's successor goes on with them."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    PER_WORKER = "gauge: each living worker has its own; they are added up"
    SHARED = "gauge: every worker sees the same thing; the largest counts"

    @property
    def lasts(self) -> bool:
        return self in {Kind.COUNTER, Kind.HISTOGRAM}


@dataclass(slots=True)
class Family:
    """One metric with its cells by label values."""

    kind: Kind
    name: str
    help: str
    labels: Labels = ()
    buckets: tuple[float, ...] = ()  # upper bounds of a histogram's
    cells: Cells = field(default_factory=dict)

    def cell(self, *labels: str) -> Cell:
        return self.cells.get(labels) or self._begun(labels)

    def count(self, *labels: str) -> None:
        (self.cells.get(labels) or self._begun(labels))[0] += 1

    def observe(self, value: float, *labels: str) -> None:
        cell = self.cells.get(labels) or self._begun(labels)
        cell[bisect_left(self.buckets, value)] += 1
        cell[-1] += value

    def _begun(self, labels: Labels) -> Cell:
        size = len(self.buckets) + 2 if self.buckets else 1  # one bucket beyond the last bound, and the sum
        self.cells[labels] = cell = [0.0] * size
        return cell

    def joined(self, others: Iterable[Cells]) -> Cells:
        """Its own cells and those of other workers."""
        combine = max if self.kind is Kind.SHARED else add
        total = {labels: list(cell) for labels, cell in self.cells.items()}
        for labels, cell in (pair for cells in others for pair in cells.items()):
            total[labels] = list(map(combine, total[labels], cell)) if labels in total else cell
        return total


Snapshot = Mapping[str, Cells]  # by the family's name


class Slot:
    """One worker's place among the files of a folder; held, by a lock, until the process ends or `release`s it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._number, self._lock = _first_free(folder)

    def save(self, families: Iterable[Family]) -> None:
        """Replace this worker's file, whole or not at all. Raises OSError."""
        counts = {family.name: list(family.cells.items()) for family in families}
        path = self._path(self._number)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(counts))
        fresh.replace(path)

    def earlier(self) -> Snapshot:
        """What this slot's file holds: of the worker that had it before."""
        return _read(self._path(self._number))

    def others(self, families: Iterable[Family]) -> Iterator[Snapshot]:
        """The counts of all other slots; of dead workers only what lasts."""
        lasting = {family.name for family in families if family.kind.lasts}
        for path in self._folder.glob("*.json"):
            if int(path.stem) == self._number:
                continue
            counts = _read(path)
            alive = _held(path.with_suffix(".lock"))
            yield counts if alive else {name: cells for name, cells in counts.items() if name in lasting}

    def release(self) -> None:
        os.close(self._lock)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.json"


def _first_free(folder: Path) -> tuple[int, int]:
    number = 1
    while (lock := _locked(folder / f"{number}.lock")) is None:
        number += 1
    return number, lock


def _locked(path: Path) -> int | None:
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _held(path: Path) -> bool:
    lock = _locked(path)
    if lock is not None:
        os.close(lock)
    return lock is None


def _read(path: Path) -> Snapshot:
    """A file's counts; none where it is missing or, after a power cut, empty: these counts begin anew."""
    try:
        counts = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return {name: {tuple(labels): cell for labels, cell in cells} for name, cells in counts.items()}
