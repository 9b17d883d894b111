"""A text of our own, on its way to a recipient: an answer, a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.words.number import Number, Sender
from gateway.words.program import Category, Program


@dataclass(frozen=True, slots=True)
class Said:
    """What we say. It goes through the rules and the outbox as everything that leaves."""

    key: str  # the same key once more is the same text: it leaves once
    recipient: Number
    sender: Sender
    text: str
    program: Program
    category: Category
    upstream: str
    within: timedelta  # after that it would come too late, and is dropped
