"""A reply as plain words, each of which knows where it stood: case, accents, disguises and emoji are gone.

Signs that end a clause are words too (`,` `.` `?`), since "no, stop" is two things said. Scripts that are written
without spaces (Chinese, Japanese, Thai; Korean, whose words carry their endings) become one word a character.
"""

# ruff: noqa: RUF001 - letters of other scripts look like ours

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from gateway.replies.misspelt import mended
from gateway.replies.names import marked
from gateway.text.letters import plain

PAUSE, FULL_STOP, QUESTION = ",", ".", "?"
_SIGNS = {PAUSE, FULL_STOP, QUESTION}

_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_UNSPACED = "\u0e00-\u0e7f\u0e80-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
STOP_SIGN, STOP_HAND, CURSE, HELP_SIGN = "stopsign", "stophand", "fuckyou", "helpsign"
_EMOJI = {
    **dict.fromkeys("🛑🚫⛔📵", STOP_SIGN),
    **dict.fromkeys("✋🤚🖐🙅❌", STOP_HAND),
    "🖕": CURSE,
    "🆘": HELP_SIGN,
    "🙏": "please",
    **dict.fromkeys("😂🤣😍🥰😘😆", "laughing"),
}
# A word of other scripts is a character each; one of ours may hold an ending after its apostrophe, and signs that
# stand for letters ("$top", "st@p", "f***").
_PIECE = re.compile(
    f"[{_UNSPACED}]"
    f"|(?:(?![_{_UNSPACED}])[\\w{_MARKS}$@*])+(?:['’`](?:t|s|re|ve|ll|m|d)\\b)?"
    r"|#(?![\w#])"
    f"|[{''.join(_EMOJI)}]|[?¿؟？]+|[.!…。！।]+|[,;:\n、，；：—–|/()\\[\\]]+",
    re.IGNORECASE,
)
_SIGN = {
    **dict.fromkeys("?¿؟？", QUESTION),
    **dict.fromkeys(".!…。！।", FULL_STOP),
    **dict.fromkeys(",;:\n、，；：—–|/()[]", PAUSE),
}
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff]"
)
_SPELT_OUT = re.compile(r"(?<![\w'’])(?:[^\W\d_][ .\-_*~]{1,3}){3,}[^\W\d_](?![\w'’])")
_BETWEEN = re.compile(r"[ .\-_*~]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS_AS_LETTERS = str.maketrans("013457$@", "oieastsa")
# Words that are written as one in anger or by a dictation; the longest first, where one begins another.
_JOINABLE = (
    "unsubscribe|messaging|messages|contacting|texting|calling|sending|message|contact|number|remove|please|delete|cancel"
    "|leave|alone|texts|wrong|never|again|spam|stop|text|call|send|take|from|your|list|dont|more|this|these|quit|lose"
    "|plz|pls|all|now|not|off|out|opt|the|me|my|no|do"
)
_JOINED = re.compile(f"(?:{_JOINABLE}){{2,}}")
_ONE_OF_THEM = re.compile(rf"(?:{_JOINABLE})(?=(?:{_JOINABLE})*\Z)")
_LONG_ENOUGH = 7
_CURSE = re.compile(r"f(?:\*+|u?[*@#]+c?k|v?ck|uk|ukc|uq|ck)(?:ing|in|er)?")
_LOOK_ALIKE = str.maketrans("абвгеёзікмнорстухѕјԁ" + "αβεικνορτυχη", "abbreeeikmhopctyxsjd" + "abeiknoptuxn")
_LATIN = re.compile(r"[a-z]")


class Piece(NamedTuple):
    """A word in its plain form, and where it stood in the reply."""

    word: str
    start: int
    end: int
    is_emoji: bool = False


@dataclass(frozen=True)
class Words:
    """A reply's words, in order, with the signs that part its clauses. `text` is what the places refer to."""

    text: str
    pieces: tuple[Piece, ...]

    @cached_property
    def bare(self) -> tuple[Piece, ...]:
        """The words without signs and emoji."""
        return tuple([piece for piece in self.pieces if piece.word not in _SIGNS and not piece.is_emoji])

    @property
    def emoji(self) -> str:
        """What the first emoji that says something says."""
        return next((piece.word for piece in self.pieces if piece.is_emoji), "")

    @cached_property
    def line(self) -> bytes:
        """Each word between two spaces of its own, so that phrases can be sought side by side; a sign at both ends."""
        return f" . {''.join([_in_line(piece.word) for piece in self.pieces])} . ".encode("utf-8", "replace")

    @property
    def asks(self) -> bool:
        """Whether it ends in a question mark."""
        return bool(self.pieces) and self.pieces[-1].word == QUESTION

    def between(self, start: int, end: int) -> str:
        """The reply's own words that stand in a part of `line`, given in bytes."""
        first, last = self.line.count(b"  ", 0, start + 1), self.line.count(b"  ", 0, end)
        inside = [piece for piece in self.pieces[max(first - 1, 0) : last] if piece.word not in _SIGNS]
        return self.text[inside[0].start : inside[-1].end] if inside else ""


@lru_cache(maxsize=4096)
def _in_line(word: str) -> str:
    return f" {marked(mended(word))} "


def words_of(text: str) -> Words:
    """The reply's words."""
    seen = text if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return Words(seen, tuple(_pieces(_together(seen))))


def folded(text: str) -> str:
    """The words alone, in one form: no case, accents, punctuation, emoji, quotes or invisible characters."""
    return " ".join(piece.word for piece in words_of(text).bare)


def _pieces(text: str) -> list[Piece]:
    found = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if word := _word(match[0]):
            found.extend(_parted(word, start) or [Piece(word, start, end, match[0] in _EMOJI)])
    return found


def _parted(word: str, start: int) -> list[Piece]:
    """`stoptextingme`: the words that were written as one, or nothing where it is none of those."""
    if len(word) < _LONG_ENOUGH:
        return []
    return [Piece(word[first:last], start + first, start + last) for first, last in _joints(word)]


@lru_cache(maxsize=4096)
def _joints(word: str) -> list[tuple[int, int]]:
    return [each.span() for each in _ONE_OF_THEM.finditer(word)] if _JOINED.fullmatch(word) else []


def _word(piece: str) -> str:
    if piece == "#":
        return "number"
    if (sign := _SIGN.get(piece[0])) is not None:
        return QUESTION if "?" in piece else sign
    if piece.isalpha() and piece.isascii():
        return _unrepeated(piece.lower())
    return _EMOJI.get(piece) or _undisguised(plain(piece))


def _undisguised(word: str) -> str:
    """Without the apostrophe, and with the letters that digits and other scripts' letters stand for."""
    if ("*" in word or "@" in word) and _CURSE.fullmatch(word):
        return "fuck"
    bare = word.replace("'", "").replace("’", "").replace("`", "").strip("*$@~")
    if bare.isdigit() or not bare:
        return bare
    if not bare.isascii() and _LATIN.search(bare):
        bare = bare.translate(_LOOK_ALIKE)
    if (not bare.isalpha() and bare.isascii() and not bare[0].isdigit()) or bare.startswith("5t"):
        bare = word.replace("*", "").translate(_DIGITS_AS_LETTERS) if any(map(str.isalpha, bare)) else bare
    return _unrepeated(bare)


def _unrepeated(word: str) -> str:
    """`stoooop` is `stop`; doubles are left, since words have them."""
    return _REPEATED.sub(r"\1", word)


def _together(text: str) -> str:
    """`s t o p` as one word, at the same places: what stood between goes to the end as spaces."""
    return _SPELT_OUT.sub(lambda found: _BETWEEN.sub("", found[0]).ljust(len(found[0])), text)
