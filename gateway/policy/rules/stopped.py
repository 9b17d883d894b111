"""A program that an operator has stopped sends nothing until it is resumed. Always on."""

from __future__ import annotations

from datetime import datetime

from gateway.words.decision import Action, Finding, Reason
from gateway.words.facts import SCOPE_ALL, Facts
from gateway.words.message import Message
from gateway.words.program import Category

# Who asked to be left alone, or for help, is answered also by a program that has stopped.
_PASS = frozenset({Category.OPTOUT_CONFIRMATION, Category.HELP_REPLY})


class Stopped:
    """The stop-all switch: of one program, or of all."""

    id = "gateway/stopped"
    observed = False

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        stop = facts.stopped
        if stop is None or message.category in _PASS:
            return None
        what = "all programs were" if stop.program == SCOPE_ALL else f"program `{stop.program}` was"
        why = f"{what} stopped at {stop.at:%Y-%m-%d %H:%M} UTC by an operator"
        return Finding(self.id, Action.BLOCK, why, "", Reason.STOPPED)
