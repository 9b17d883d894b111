"""How well the classifier does on replies that people have labelled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.replies.classify import classify
from gateway.replies.keywords import Intent

EVERY = "all"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A reply, and what a person says that it asks for."""

    text: str
    intent: Intent
    language: str = ""  # BCP 47
    country: str = ""  # ISO 3166-1
    line: int = 0  # of its file, from 1


@dataclass(slots=True)
class Score:
    """How often an intent was rightly seen, wrongly seen and not seen."""

    language: str
    intent: Intent
    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def recall(self) -> float:
        """Of the replies that ask for it, the share that was seen; 1 where there are none."""
        return self.right / asking if (asking := self.right + self.missed) else 1.0

    @property
    def precision(self) -> float:
        """Of the replies in which it was seen, the share that asks for it; 1 where there are none."""
        return self.right / seen if (seen := self.right + self.wrong) else 1.0


@dataclass(frozen=True, slots=True)
class Mistake:
    """A reply that was taken for something else."""

    line: int
    labelled: Intent
    heard: Intent


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores of each language and of all together, in the languages' order, and the mistakes."""

    replies: int
    scores: tuple[Score, ...]
    mistakes: tuple[Mistake, ...]

    def score(self, intent: Intent, language: str = EVERY) -> Score:
        """That of an intent; of no replies where the language has none."""
        found = (each for each in self.scores if (each.intent, each.language) == (intent, language))
        return next(found, Score(language, intent))


def evaluate(replies: Sequence[Labelled]) -> Evaluation:
    """What the classifier makes of them."""
    scores: dict[tuple[str, Intent], Score] = {}
    mistakes = []
    for reply in replies:
        heard = classify(reply.text, reply.country).intent
        if heard is not reply.intent:
            mistakes.append(Mistake(reply.line, reply.intent, heard))
        for language in (EVERY, reply.language):
            _count(scores, language, reply.intent, heard)
    return Evaluation(len(replies), tuple(_ordered(scores.values())), tuple(mistakes))


def _count(scores: dict[tuple[str, Intent], Score], language: str, labelled: Intent, heard: Intent) -> None:
    def of(intent: Intent) -> Score:
        return scores.setdefault((language, intent), Score(language, intent))

    if heard is labelled:
        of(labelled).right += 1
    else:
        of(labelled).missed += 1
        of(heard).wrong += 1


def _ordered(scores: Iterable[Score]) -> Iterator[Score]:
    intents = list(Intent)
    yield from sorted(scores, key=lambda each: (each.language == EVERY, each.language, intents.index(each.intent)))
