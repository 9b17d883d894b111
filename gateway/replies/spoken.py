"""Plain language: the phrase files of all languages, sought in a reply in time linear in its length."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import re2

from gateway.replies.normal import Words, folded
from gateway.replies.notation import COURTESY, Phrases, parts, read_phrases

_OPTIONS = re2.Options()
_OPTIONS.max_mem = 256 << 20  # bytes; with RE2's own 8 MiB it would forget and begin again in the middle of a reply
_OPTIONS.log_errors = False


@dataclass(frozen=True, slots=True)
class Section:
    """The phrases of one section, in all languages."""

    compiled: Any

    @classmethod
    def named(cls, name: str, languages: list[Phrases]) -> Section:
        patterns = [pattern for phrases in languages for pattern in phrases.patterns(name)]
        return cls(re2.compile("|".join(patterns).encode(), _OPTIONS))

    def find(self, line: bytes) -> tuple[int, int] | None:
        """Where in the line the first of the phrases stands."""
        found: Any = self.compiled.search(line)
        return (found.start(), found.end()) if found else None

    def hidden(self, line: bytes) -> bytes:
        """The line with these phrases' words made meaningless, each in its place."""
        hidden: bytes = self.compiled.sub(_blanked, line)
        return hidden


def _blanked(found: Any) -> bytes:
    blank: bytes = b" _ " * (found[0].count(b"  ") + 1)
    return blank


def _read() -> list[Phrases]:
    folder = files("gateway.replies") / "phrases"
    names = sorted(each.name for each in folder.iterdir() if each.name.endswith(".txt"))
    return [read_phrases((folder / name).read_text("utf-8")) for name in names]


_LANGUAGES = _read()
SURELY_OUT = Section.named("opt out whatever else is said", _LANGUAGES)
SURELY_IN = Section.named("opt in whatever else is said", _LANGUAGES)
NOT_OUT = Section.named("no opt out", _LANGUAGES)
ASKED_HOW = Section.named("opt out, asked how", _LANGUAGES)
OUT = Section.named("opt out", _LANGUAGES)
PERHAPS_OUT = Section.named("opt out, perhaps", _LANGUAGES)
IN = Section.named("opt in", _LANGUAGES)
HELP = Section.named("help", _LANGUAGES)
TOPIC = Section.named("topic", _LANGUAGES)
PERHAPS = Section.named("perhaps", _LANGUAGES)
COURTESIES = frozenset(
    folded(part) for each in _LANGUAGES for line in each.sections.get(COURTESY, ()) for part in parts(line)
)


def without_courtesy(words: Words) -> list[str]:
    """The reply's words without those that change nothing, each once."""
    return list(dict.fromkeys(piece.word for piece in words.bare if piece.word not in COURTESIES))
