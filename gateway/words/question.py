"""What a recipient was asked and has not answered yet: while it is open, a YES or a 1 means something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class QuestionKind(StrEnum):
    DOUBLE_OPT_IN = "double-opt-in"  # "reply YES"
    MAIL = "mail"  # no question: a mail was texted, and an answer to its sender (`program`) goes back as mail
    SCOPE = "scope"  # of an opt-out: "reply 1 to keep appointment texts"


@dataclass(frozen=True, slots=True)
class Question:
    """One open question. Of each kind a program has one at most to a recipient: the newest."""

    kind: QuestionKind
    program: str
    asked: datetime
    until: datetime  # from this instant on it is not open any more
    detail: str = ""  # what whoever asked needs again with the answer; sealed in the store
