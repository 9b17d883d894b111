"""Puts a changed policy folder in force: all of it or nothing, within two seconds, in every worker by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import time

from gateway.editions import CHANGING, Editions
from gateway.policy.book import Book
from gateway.policy.parse import PolicyFolder, policy_paths
from gateway.telemetry import Meter, log
from gateway.yamlfile import BadFile

LOOK = 0.4  # seconds between two looks; a save is taken when two looks in a row see the same files
HALF_DONE = 60.0  # seconds after which a change that never ended is no longer waited for

Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in force, and why the folder as it is now isn't, if it isn't."""

    revision: str
    broken: str = ""

    def __str__(self) -> str:
        return f"revision {self.revision}" + (f"; NOT in force: {self.broken}" if self.broken else "")


class Reloader:
    """Watches a policy folder. `book` is what is in force; a folder that doesn't load changes nothing.

    `enforce` is told of each new one.
    """

    def __init__(self, folder: PolicyFolder, editions: Editions, meter: Meter, enforce: Callable[[Book], None]) -> None:
        self._folder = folder
        self._editions = editions
        self._meter = meter
        self._enforce = enforce
        self._seen: Signature = ()
        self.book: Book  # since `start`
        self.standing = Standing("")

    def start(self) -> None:
        """Take the folder as it is now. Raises BadFile."""
        self._seen = signature(self._folder.path)
        self._stands(*self._loaded())

    async def run(self) -> None:
        """For a task of its own: looks again and again until it is cancelled.

        Looking, not being told: it also works where a folder is mounted, and where all of it is swapped by a link.
        """
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Take what was saved, once it lies still."""
        now = signature(self._folder.path)
        if now == self._seen or is_changing(self._folder.path):
            return
        await asyncio.sleep(LOOK)
        if signature(self._folder.path) != now:
            return
        try:
            files, book = await asyncio.to_thread(self._loaded)
        except BadFile as error:
            self._seen = now
            self._is_broken(error)
            return
        if signature(self._folder.path) != now:  # saved again while it was read: the next look takes it
            return
        self._seen = now
        self._stands(files, book)

    def _loaded(self) -> tuple[dict[str, bytes], Book]:
        files = self._folder.files()
        return files, self._folder.load(files)

    def _stands(self, files: dict[str, bytes], book: Book) -> None:
        if book.revision != self.standing.revision:
            self.book = book
            self._enforce(book)
            log.info("policies in force", revision=book.revision)
        self.standing = Standing(book.revision)
        self._meter.policies(book.revision, broken=False)
        try:
            self._editions.keep(book.revision, files)
        except OSError as error:
            log.warning("this set of policies can't be kept for a rollback", why=error.strerror)

    def _is_broken(self, error: BadFile) -> None:
        first, *others = map(str, error.problems)
        more = f" (and {len(others)} more)" if others else ""
        self.standing = Standing(self.standing.revision, first + more)
        self._meter.policies(self.standing.revision, broken=True)
        for problem in error.problems:
            log.error("a policy was not taken; the policies before it stay in force", problem=str(problem))


def signature(folder: Path) -> Signature:
    """Changes with every save: names, sizes, times and places on the disk of the policy files."""
    found = []
    for path in policy_paths(folder):
        try:
            stat = path.stat()
        except OSError:  # removed just now
            continue
        found.append((path.name, stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)


def is_changing(folder: Path) -> bool:
    """Whether somebody is in the middle of changing several files that belong together."""
    try:
        return time() - (folder / CHANGING).stat().st_mtime < HALF_DONE
    except OSError:
        return False
