"""Operators' patterns on RE2: linear in the text, so that no pattern can hang a worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import re2

from gateway.words.errors import GatewayError


class BadPattern(GatewayError):
    """What is wrong with a pattern. `position` is the character where it is, from 0, or None where RE2 doesn't say."""

    def __init__(self, message: str, position: int | None) -> None:
        super().__init__(message)
        self.position = position


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that is looked for anywhere in a text; `(?i)` at its beginning ignores case.

    Raises BadPattern where RE2 can't read it, as with look-around and back references, which RE2 hasn't.
    """

    source: str
    _compiled: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            compiled = re2.compile(self.source.encode("utf-8", "surrogatepass"), _OPTIONS)
        except re2.error as error:
            raise _explained(self.source, error) from None
        object.__setattr__(self, "_compiled", compiled)

    def found_in(self, text: str) -> bool:
        """Whether some part of the text matches."""
        # UTF-8 has no form for half a surrogate pair, as broken JSON brings it.
        return self._compiled.search(text.encode("utf-8", "replace")) is not None

    def named(self, text: str) -> dict[str, str] | None:
        """What its named groups, `(?P<number>[0-9]+)`, took; None where it doesn't match the whole text."""
        found = self._compiled.fullmatch(text.encode("utf-8", "replace"))
        if found is None:
            return None
        return {name.decode(): taken.decode("utf-8", "replace") for name, taken in found.groupdict().items() if taken}

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it matches: characters, from and to before. Matches don't overlap, and empty ones are left out."""
        data = text.encode("utf-8", "replace")
        for found in self._compiled.finditer(data):
            start, end = found.span()
            if start < end:
                yield len(data[:start].decode("utf-8", "replace")), len(data[:end].decode("utf-8", "replace"))


_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # RE2 would write them to standard error

_IN_WORDS = {
    "invalid perl operator": "neither look-around nor this flag is supported; match what may stand around it instead",
    "invalid escape sequence": "an escape that isn't supported (\\1 to \\9 neither); write a backslash as \\\\",
    "missing )": "a bracket is opened and never closed; write ( as \\( where it is meant as a character",
    "unexpected )": "a bracket is closed and was never opened; write ) as \\) where it is meant as a character",
    "missing ]": "a set is opened and never closed; write [ as \\[ where it is meant as a character",
    "invalid character class range": "a range from high to low, or a class that there isn't",
    "no argument for repetition operator": "nothing stands before it that could repeat; write it as \\* \\+ or \\?",
    "bad repetition operator": "one repetition of another; use brackets, or write it as \\* \\+ or \\?",
    "invalid repetition size": "repeated more than 1000 times, or from high to low",
    "trailing \\": "it ends in a backslash; write a backslash as \\\\",
    "pattern too large": "repeats too much inside repetitions; make it simpler",
}


def _explained(source: str, error: re2.error) -> BadPattern:
    """RE2's `what: where` in words for people."""
    what, _, where = error.args[0].decode("utf-8", "replace").partition(": ")
    position = source.find(where) if where and where != source else -1
    here = f"`{where}` at character {position + 1}: " if position >= 0 else ""
    return BadPattern(f"{here}{_IN_WORDS.get(what, what)}", position if position >= 0 else None)
