"""Learns the weights of `gateway/replies/likeness.py` from what rules are tuned by (`taught.py`).

    pip install -e '.[training]'
    python -m tests.replies.train

Nothing in it is left to chance: the same replies give the same weights. `held_out.jsonl` is never read here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from gateway.replies.keywords import Intent
from gateway.replies.likeness import INTENTS, UNITS, terms_of
from gateway.replies.normal import words_of
from gateway.replies.quotes import own_words
from tests.replies.taught import fingerprint, taught

WEIGHTS = Path(__file__).parents[2] / "gateway" / "replies" / "weights.txt"
COMMENT = "# Learnt by tests/replies/train.py from replies of this SHA-256; the bases; what each term adds, in tenths"
STRENGTH = 30  # the inverse of regularisation, as scikit-learn's C
LEAST = 0.2  # a term that adds less to each intent is left out, and the others are weighed anew


def main() -> None:
    WEIGHTS.write_text(learnt_from(taught()), "utf-8")
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size} bytes")  # noqa: T201 - told to whoever trains


def learnt_from(replies: list[tuple[str, Intent]]) -> str:
    """The file of weights that these replies teach."""
    said = [terms_of(words_of(own_words(text))) for text, _ in replies]
    asks = [[asked is intent for _, asked in replies] for intent in INTENTS]
    telling = told_by(said, asks)
    terms, learnt = fitted([each & telling for each in said], asks)
    lines = (_line(term, [model.coef_[0][place] for model in learnt]) for place, term in enumerate(terms))
    base = " ".join(str(_rounded(model.intercept_[0])) for model in learnt)
    return "\n".join([COMMENT, fingerprint(replies), base, *lines]) + "\n"


def told_by(said: list[frozenset[str]], asks: list[list[bool]]) -> frozenset[str]:
    """The terms that tell one intent from the others."""
    terms, learnt = fitted(said, asks)
    most = np.max([abs(model.coef_[0]) for model in learnt], axis=0)
    return frozenset(term for term, weight in zip(terms, most, strict=True) if weight >= LEAST)


def fitted(said: list[frozenset[str]], asks: list[list[bool]]) -> tuple[list[str], list[LogisticRegression]]:
    """All terms in order, and a model for each intent that weighs them."""
    terms = sorted(frozenset[str]().union(*said))
    table = tabled(said, {term: place for place, term in enumerate(terms)})
    return terms, [LogisticRegression(C=STRENGTH, max_iter=3000, random_state=0).fit(table, each) for each in asks]


def tabled(said: list[frozenset[str]], places: dict[str, int]) -> csr_matrix:
    """A row for each reply, of length 1, in which its terms weigh the same."""
    cells = [(len(each) ** -0.5, row, places[term]) for row, each in enumerate(said) for term in sorted(each)]
    values, rows, columns = zip(*cells, strict=True)
    return csr_matrix((values, (rows, columns)), shape=(len(said), len(places)))


def _line(term: str, row: list[float]) -> str:
    return f"{term}\t{' '.join(str(_rounded(weight)) for weight in row)}"


def _rounded(weight: float) -> int:
    return round(weight * UNITS)


if __name__ == "__main__":
    main()
