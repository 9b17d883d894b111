"""A folder's policy files with where everything in them stands: for those that look at the files themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.policy.book import Book
from gateway.policy.parse import PolicyFolder, Source, assembled, digest_of, read_source
from gateway.yamlfile import BadFile, Document, Problem


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that are in force, and their book; or all that is wrong with them. `digest`: the SHA-256 of all."""

    folder: Path
    loaded: tuple[Source, ...] = ()
    found: Book | None = None
    problems: tuple[Problem, ...] = ()
    digest: str = ""

    @property
    def book(self) -> Book:
        """Raises BadFile with every problem of every file."""
        if self.found is None:
            raise BadFile(self.problems)
        return self.found


def load_sources(folder: Path, packs: Sequence[str] = ()) -> Sources:
    try:
        return sources_of(PolicyFolder(folder, packs).files(), folder, packs)
    except BadFile as error:
        return Sources(folder, problems=error.problems)


def sources_of(files: Mapping[str, bytes], folder: Path, packs: Sequence[str] = ()) -> Sources:
    """Of these files' contents, by the names that they have in the folder."""
    read, problems = list[Source](), list[Problem]()
    for name, raw in files.items():
        try:
            read.append(read_source(Document.read(raw, str(folder / name))))
        except BadFile as error:
            problems += error.problems
    try:
        book = assembled(folder, [source.policy for source in read], problems, files, packs)
    except BadFile as error:
        return Sources(folder, tuple(read), problems=error.problems)
    in_force = {policy.name for policy in book.policies}
    loaded = tuple(source for source in read if source.policy.name in in_force)
    return Sources(folder, loaded, book, digest=digest_of(files, packs))
