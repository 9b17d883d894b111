"""The notation of the phrase files: what a person may write, as a translator can read it.

A file has sections, each a name and a colon, with one phrase a line below it; `<name> = this that or_other` names
words that stand for one another (`_` joins those that belong together), and `#` begins a comment. In a phrase:

    (stop|quit) texting     either
    stop [all] texts        with or without
    unsub*                  any word that begins so; `*ing` one that ends so
    <name>                  any of the words of that name
    take me .. list         up to three words between; `.` is just one
    ^ stop $                from where a clause begins to where it ends; `,` is an end too, `?` that of a question
    ^^ leave $$             the whole reply, unless it asks
    remove <digits>         a telephone number, or any other of that length
    not <named>             a name (`names.py`), or somebody's

A phrase becomes an expression for RE2 over `Words.line`, and names the words without which it can't match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.replies.names import MARK, marked
from gateway.replies.normal import folded

COURTESY = "courtesy"  # the section of words that change nothing: please, thanks, ok


@dataclass(frozen=True, slots=True)
class Phrase:
    """What may be written. In each reply that matches stands a word of `needs` (`unsub*`: one that begins so)."""

    expression: str
    needs: frozenset[str] = frozenset()  # empty: nothing can be said of it


@dataclass(slots=True)
class Phrases:
    """What a phrase file holds."""

    groups: dict[str, list[Phrase]] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)

    def of(self, section: str) -> list[Phrase]:
        """A section's phrases."""
        groups = {name: _either(words) for name, words in self.groups.items()} | _GROUPS
        return [phrase(line, groups) for line in self.sections.get(section, ())]


_GROUP = re.compile(r"(<[a-z_]+>) = (.+)")


def read_phrases(text: str) -> Phrases:
    """A phrase file's groups and sections."""
    phrases, section = Phrases(), ""
    for line in (line.partition("#")[0].strip() for line in text.splitlines()):
        if group := _GROUP.fullmatch(line):
            words = [phrase(each.replace("_", " ")) for each in group[2].split()]
            phrases.groups.setdefault(group[1], []).extend(words)
        elif line.endswith(":"):
            section = line[:-1]
        elif line:
            phrases.sections.setdefault(section, []).append(line)
    return phrases


def parts(said: str) -> list[str]:
    """What a line of courtesies holds: `please/thank you`."""
    return [part.strip() for part in said.split("/") if part.strip()]


_ANY = "(?: [^ .,?_]+ )"
_REST = "[^ ]*"  # of a word
_STEM = "[^ ]{3,}"
_SIGNS = {
    "^": Phrase(" [.,?] "),
    "$": Phrase(" [.,?] "),
    "^^": Phrase(r"\A(?: [.,] )+"),
    "$$": Phrase(r"(?: [.,] )+\z"),
    ",": Phrase(" [.,] "),
    "?": Phrase(r" \? "),
    ".": Phrase(_ANY),
    "..": Phrase(f"{_ANY}{{0,3}}"),
}
_PIECE = re.compile(r"<[a-z_]+>|\.\.?|\^\^|\$\$|[\[\]()|^$?,]|[^\s\[\]()|<>^$?.,]+")
_GROUPS = {
    "<digits>": Phrase("(?: , )?(?: [0-9]{7,15} |(?: [0-9]{1,4} (?: , )?){1,4} [0-9]{4} )"),
    "<named>": Phrase(f" [^ ]+{MARK} "),
}


def phrase(line: str, groups: Mapping[str, Phrase] | None = None) -> Phrase:
    """What a line of the notation says, with the groups that it may name."""
    return _alternatives(_PIECE.findall(line)[::-1], groups or {})


def _alternatives(pieces: list[str], groups: Mapping[str, Phrase]) -> Phrase:
    """Up to the bracket that closes, or the end; takes what it reads from the end of `pieces`."""
    found, sequence = list[Phrase](), list[Phrase]()
    while pieces and (piece := pieces.pop()) not in {")", "]"}:
        if piece == "|":
            found.append(_sequence(sequence))
            sequence = []
        else:
            sequence.append(_item(piece, pieces, groups))
    return _either([*found, _sequence(sequence)])


def _item(piece: str, pieces: list[str], groups: Mapping[str, Phrase]) -> Phrase:
    if piece == "(":
        return _alternatives(pieces, groups)
    if piece == "[":
        return Phrase(f"{_alternatives(pieces, groups).expression}?")
    if piece[0] == "<":
        return groups[piece]
    return _SIGNS.get(piece) or _literal(piece)


def _literal(piece: str) -> Phrase:
    """A word, or several where their script has no spaces."""
    if piece[0] == "*":
        return Phrase(f" {_STEM}{re.escape(folded(piece))} ")
    words = folded(piece.rstrip("*")).split()
    if not piece.endswith("*"):
        return _sequence([Phrase(f" {re.escape(marked(word))} ", frozenset({word})) for word in words])
    beginning = Phrase(f" {re.escape(words[-1])}{_REST} ", frozenset({f"{words[-1]}*"}))
    return _sequence([*map(_literal, words[:-1]), beginning])


def _sequence(items: Iterable[Phrase]) -> Phrase:
    """All of them, one after the other. It needs what the most telling of them needs."""
    listed = list(items)
    needs = max((item.needs for item in listed), key=_telling, default=frozenset[str]())
    return Phrase("".join(item.expression for item in listed), needs)


def _telling(needs: frozenset[str]) -> tuple[int, int]:
    """Long words tell more than short ones, and few more than many."""
    return min((len(word) for word in needs), default=0), -len(needs)


def _either(found: list[Phrase]) -> Phrase:
    needs = frozenset[str]().union(*(each.needs for each in found))
    expression = found[0].expression if len(found) == 1 else f"(?:{'|'.join(each.expression for each in found)})"
    return Phrase(f"(?:{expression})", needs if all(each.needs for each in found) else frozenset())
