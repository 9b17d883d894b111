"""Few bytes for a record: words that occur everywhere take 1, instants 7."""

from __future__ import annotations

from gateway.words.facts import SCOPE_ALL
from gateway.words.program import Category

# Stored by their place: only ever add at the end.
_WORDS = ("", SCOPE_ALL, "default", "keyword", "operator", "import", "carrier", "link", "web-form", "checkbox", "paper")
_WORDS += ("agent", "double-opt-in", *Category)
_CODES = {str(word): bytes([place + 1]) for place, word in enumerate(_WORDS)}

_INSTANT = 7  # bytes, microseconds


def word_bytes(word: str) -> bytes:
    if code := _CODES.get(word):
        return code
    spelled = word.encode()
    return b"\0" + len(spelled).to_bytes(2) + spelled


def time_bytes(at: int) -> bytes:
    """`at`: microseconds since 1970."""
    return at.to_bytes(_INSTANT, signed=True)


class Reader:
    """Takes a record's bytes one thing after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    @property
    def done(self) -> bool:
        return self.at >= len(self._data)

    def take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        self.at += count
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def word(self) -> str:
        code = self.byte()
        if code:
            return _WORDS[code - 1]
        return self.take(int.from_bytes(self.take(2))).decode()

    def time(self) -> int:
        return int.from_bytes(self.take(_INSTANT), signed=True)
