"""A reply that may be an opt-out: only a person can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.words.number import Number


@dataclass(frozen=True, slots=True)
class Doubtful:
    """It waits for a verdict, and advertising to its writer waits with it."""

    id: str
    recipient: Number
    text: str  # the writer's own words
    at: datetime
    upstream: str
    to: str  # the sender of ours that it answers
    program: str
    guess: str  # the intent that it was taken for: opt_out, opt_in, help, other
    matched: str = ""  # the words that raised the doubt
