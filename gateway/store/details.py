"""What is sealed of a suppression: the recipient's own words, and before them which message they answer.

Most have words alone, and these stand as they are. A line that begins with a NUL says the rest.
"""

from __future__ import annotations

from dataclasses import replace

from gateway.store.record import instant, micros
from gateway.words.facts import LastSent, Suppression

_MORE = "\0"


def detail_text(said: Suppression) -> str:
    """As it is sealed."""
    if said.answers:
        return f"{_MORE}{micros(said.answers.at)}|{said.answers.message}\n{said.detail}"
    return f"{_MORE}\n{said.detail}" if said.detail.startswith(_MORE) else said.detail


def with_detail(said: Suppression, text: str) -> Suppression:
    """With what `detail_text` wrote."""
    if not text.startswith(_MORE):
        return replace(said, detail=text)
    head, _, detail = text.removeprefix(_MORE).partition("\n")
    at, _, message = head.partition("|")
    return replace(said, detail=detail, answers=LastSent(message, instant(int(at))) if at else None)
