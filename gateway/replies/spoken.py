"""Plain language: the phrase files of all languages, sought in a reply in time linear in its length.

A language is asked only where the reply has a word without which none of its phrases can match. One expression for
all of them would do as well, but each reply that is new would cost it a thousand states more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import re2

from gateway.replies.names import MARK
from gateway.replies.normal import Words, folded
from gateway.replies.notation import COURTESY, Phrase, Phrases, parts, read_phrases

_OPTIONS = re2.Options()
_OPTIONS.max_mem = 64 << 20  # bytes; with RE2's own 8 MiB it would forget and begin again in the middle of a reply
_OPTIONS.longest_match = True
_OPTIONS.never_capture = True
_OPTIONS.log_errors = False

_LETTER = re.compile(rb"[^ ]")
_REMEMBERED = 20_000  # words, and which expressions each calls for
_LINES = 8  # a reply's, with and without what is hidden


@dataclass(slots=True)
class Index:
    """Which expressions a word calls for, a bit each: those of all sections, so that a line is looked up but once."""

    expressions: int = 0
    by_word: dict[bytes, int] = field(default_factory=dict)
    by_beginning: dict[bytes, int] = field(default_factory=dict)
    always: int = 0
    called_by: Callable[[bytes], int] = field(init=False)
    called_in: Callable[[bytes], int] = field(init=False)

    def __post_init__(self) -> None:
        self.called_by = lru_cache(maxsize=_REMEMBERED)(self._looked_up)
        self.called_in = lru_cache(maxsize=_LINES)(self._called_in)

    def add(self, phrases: list[Phrase]) -> None:
        """The next expression, which is made of these."""
        bit = 1 << self.expressions
        self.expressions += 1
        if not all(each.needs for each in phrases):
            self.always |= bit
        for word in frozenset[str]().union(*(each.needs for each in phrases)):
            table, key = self.by_beginning if word.endswith("*") else self.by_word, word.rstrip("*").encode()
            table[key] = table.get(key, 0) | bit

    def _called_in(self, line: bytes) -> int:
        bits = self.always
        for word in line.split():
            bits |= self.called_by(word)
        return bits

    def _looked_up(self, word: bytes) -> int:
        word = word.removesuffix(MARK.encode())
        bits = self.by_word.get(word, 0)
        for length in range(1, len(word) + 1):
            bits |= self.by_beginning.get(word[:length], 0)
        return bits


@dataclass(slots=True)
class Section:
    """The phrases of one section: an expression for each language, the first of which has this place in the index."""

    index: Index
    first: int
    compiled: list[Any] = field(default_factory=list)

    @classmethod
    def named(cls, name: str, languages: list[Phrases], index: Index) -> Section:
        section = cls(index, index.expressions)
        for phrases in filter(None, (language.of(name) for language in languages)):
            index.add(phrases)
            section.compiled.append(re2.compile("|".join(each.expression for each in phrases).encode(), _OPTIONS))
        return section

    def find(self, line: bytes) -> tuple[int, int] | None:
        """Where in the line one of the phrases stands: the longest of those that the languages find first."""
        found: Any = [match.span() for compiled in self._called_for(line) if (match := compiled.search(line))]
        return max(found, key=_length, default=None)

    def find_beside(self, hiding: Section, line: bytes) -> tuple[int, int] | None:
        """As `find`, in what the other section's phrases leave of the line."""
        return self.find(hiding.hidden(line)) if self.find(line) else None

    def hidden(self, line: bytes) -> bytes:
        """The line with these phrases' words made meaningless, each in its place."""
        for compiled in self._called_for(line):
            line = compiled.sub(_blanked, line)
        return line

    def _called_for(self, line: bytes) -> Iterator[Any]:
        bits = self.index.called_in(line) >> self.first & (1 << len(self.compiled)) - 1
        while bits:
            lowest = bits & -bits
            yield self.compiled[lowest.bit_length() - 1]
            bits ^= lowest


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]


def _blanked(found: Any) -> bytes:
    return _LETTER.sub(b"_", found[0])


def _read() -> list[Phrases]:
    folder = files("gateway.replies") / "phrases"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".txt"))
    return [read_phrases((folder / name).read_text("utf-8")) for name in names]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The sections of all languages, and the words that change nothing."""

    surely_out: Section
    surely_in: Section
    surely_not_out: Section
    not_out: Section
    asked_how: Section
    out: Section
    perhaps_out: Section
    not_in: Section
    in_: Section
    not_help: Section
    help: Section
    topic: Section
    perhaps: Section
    courtesies: frozenset[str]


_SECTIONS = {
    "surely_out": "opt out whatever else is said",
    "surely_in": "opt in whatever else is said",
    "surely_not_out": "no opt out whatever else is said",
    "not_out": "no opt out",
    "asked_how": "opt out, asked how",
    "out": "opt out",
    "perhaps_out": "opt out, perhaps",
    "not_in": "no opt in",
    "in_": "opt in",
    "not_help": "no help",
    "help": "help",
    "topic": "topic",
    "perhaps": "perhaps",
}


@cache
def spoken() -> Spoken:
    """Read once: it takes half a second, which a process that hears no reply need not spend."""
    languages, index = _read(), Index()
    courtesies = (part for each in languages for line in each.sections.get(COURTESY, ()) for part in parts(line))
    sections = {attribute: Section.named(name, languages, index) for attribute, name in _SECTIONS.items()}
    return Spoken(**sections, courtesies=frozenset(map(folded, courtesies)))


def without_courtesy(words: Words) -> list[str]:
    """The reply's words without those that change nothing, each once."""
    return list(dict.fromkeys(piece.word for piece in words.bare if piece.word not in spoken().courtesies))
