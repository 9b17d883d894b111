"""A second opinion, where no rule says anything: how like a reply is to what people wrote who asked for something.

Each word of a reply, each two and each three side by side have a weight for each intent, learnt from labelled replies
(`tests/replies/train.py`). A reply's weights are summed and made a probability: a sum that anybody can do again. The
weights stand in `weights.txt`, which can be read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from math import exp, sqrt

from gateway.replies.keywords import Intent
from gateway.replies.misspelt import mended
from gateway.replies.normal import Words

INTENTS = (Intent.OPT_OUT, Intent.OPT_IN, Intent.HELP)  # the columns of the file
UNITS = 10  # in which a weight is written: tenths
_LONGEST = 60  # words that are weighed
_SIDE_BY_SIDE = 3
_NOTHING = (0,) * len(INTENTS)
_BEGINNING, _END, _NUMBER = "^", "$", "0"
# How probable each must be; how that was chosen is told in docs/replies.md.
LEAST = {Intent.OPT_OUT: 0.8, Intent.OPT_IN: 0.6, Intent.HELP: 0.7}


@dataclass(frozen=True, slots=True)
class Weights:
    """What was learnt: what each intent begins with, and what words add to it, in `UNITS`, in the order of INTENTS."""

    learnt_from: str  # SHA-256 of the replies (`tests/replies/taught.py`)
    base: tuple[int, ...]
    added: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Likeness:
    """The intent of the replies that this one is like, and its own words that weighed most."""

    intent: Intent
    matched: str


def likeness(said: Words) -> Likeness | None:
    """What the reply, which has a word, is most like; nothing where it is like none of them enough."""
    weights = weights_read()
    known = [weights.added[term] for term in terms_of(said) if term in weights.added]
    totals = map(sum, zip(_NOTHING, *known, strict=True))
    length = sqrt(len(known) or 1)
    scores = [(base + total / length) / UNITS for base, total in zip(weights.base, totals, strict=True)]
    probable, intent = max((_probability(score), intent) for score, intent in zip(scores, INTENTS, strict=True))
    return Likeness(intent, _weightiest(said, INTENTS.index(intent))) if probable >= LEAST[intent] else None


def terms_of(said: Words) -> frozenset[str]:
    """What is weighed: each word and sign, and each two and three side by side, with the reply's two ends."""
    return frozenset(_side_by_side([_BEGINNING, *_plain(said), _END]))


def _plain(said: Words) -> list[str]:
    return [_weighed_as(piece.word) for piece in said.pieces[:_LONGEST]]


@lru_cache(maxsize=4096)
def _weighed_as(word: str) -> str:
    return _NUMBER if word.isdigit() else mended(word)


def _side_by_side(words: list[str]) -> Iterator[str]:
    yield from words
    yield from (f"{first} {second}" for first, second in pairwise(words))
    yield from (f"{first} {second} {third}" for first, second, third in zip(words, words[1:], words[2:], strict=False))


def _probability(score: float) -> float:
    return 1 / (1 + exp(-score))


def _weightiest(said: Words, column: int) -> str:
    """Of the reply's own words, the three side by side that add most."""
    added, words = weights_read().added, _plain(said)

    def weight(first: int) -> int:
        return sum(added.get(term, _NOTHING)[column] for term in _side_by_side(words[first : first + _SIDE_BY_SIDE]))

    first = max(range(max(len(words) - _SIDE_BY_SIDE, 0) + 1), key=weight)
    inside = [piece for piece in said.pieces[first : first + _SIDE_BY_SIDE] if piece in said.bare] or said.bare
    return said.text[inside[0].start : inside[-1].end]


@cache
def weights_read() -> Weights:
    """Read once: it takes a twentieth of a second, which a process that hears no reply need not spend."""
    _comment, learnt_from, base, *lines = (files("gateway.replies") / "weights.txt").read_text("utf-8").splitlines()
    return Weights(learnt_from, _numbers(base), dict(map(_added, lines)))


def _added(line: str) -> tuple[str, tuple[int, ...]]:
    term, _, numbers = line.partition("\t")
    return term, _numbers(numbers)


def _numbers(written: str) -> tuple[int, ...]:
    return tuple(map(int, written.split()))
