"""The notation of the phrase files: what a person may write, as a translator can read it.

A file has sections, each a name and a colon, with one phrase a line below it, or several and commas between. The line
`@group = this, that or other` names
words or phrases that stand for one another (`/` parts them as well). In a phrase:

    word        that word                       word~       any word that begins so
    this/that   either word                     @group      any of the group's words or phrases
    0           any number
    ...         up to three words, or none      word?       that word or none (also `@group?`)
    ^           a clause begins                 $           a clause ends; politeness may stand between
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gateway.replies.normal import folded

COURTESY = "courtesy"  # the section of words that change nothing: please, thanks, ok
_ANY = "(?: [^ .,?_]+ )"
_SIGN = "(?: [.,?] )"


@dataclass(slots=True)
class Phrases:
    """What a phrase file holds."""

    groups: dict[str, list[str]] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)

    def patterns(self, section: str) -> list[str]:
        """A section's phrases as regular expressions on `Words.line`."""
        notation = _Notation(self.groups, self.sections.get(COURTESY, ()))
        lines = self.sections.get(section, ())
        return [notation.pattern(phrase) for line in lines for phrase in line.split(",")]


def read_phrases(text: str) -> Phrases:
    """A phrase file's groups and sections; `#` begins a comment."""
    phrases, section = Phrases(), ""
    for line in (line.partition("#")[0].strip() for line in text.splitlines()):
        if line.startswith("@") and "=" in line:
            name, _, said = line.partition("=")
            phrases.groups.setdefault(name.strip(), []).extend(parts(said))
        elif line.endswith(":"):
            section = line[:-1]
        elif line:
            phrases.sections.setdefault(section, []).append(line)
    return phrases


def parts(said: str) -> list[str]:
    return [part.strip() for part in re.split("[/,]", said) if part.strip()]


class _Notation:
    """Phrases into regular expressions, with the groups and courtesies of one language."""

    def __init__(self, groups: Mapping[str, Sequence[str]], courtesies: Iterable[str]) -> None:
        self._groups = groups
        polite = "|".join(self.pattern(each) for line in courtesies for each in parts(line))
        self._polite = f"(?:{polite})*" if polite else ""

    def pattern(self, phrase: str) -> str:
        return "".join(map(self._item, phrase.split()))

    def _item(self, item: str) -> str:
        if item == "^":
            return f"{_SIGN}{self._polite}"
        if item == "$":
            return f"{self._polite}{_SIGN}"
        if item == "...":
            return f"{_ANY}{{0,3}}"
        bare = item.removesuffix("?")
        one = self._one_of(bare)
        return one if bare == item else f"{one}?"

    def _one_of(self, item: str) -> str:
        return "(?:" + "|".join(map(self._part, item.split("/"))) + ")"

    def _part(self, part: str) -> str:
        if not part.startswith("@"):
            return _literal(part)
        return "(?:" + "|".join(self.pattern(each) for each in self._groups[part]) + ")"


def _literal(word: str) -> str:
    if word == "$":
        return _SIGN
    if word == "0":
        return " [0-9]+ "
    stem = word.removesuffix("~")
    plain = "".join(f" {re.escape(part)} " for part in folded(stem).split())
    return plain if stem == word else f"{plain[:-1]}[^ ]* "
