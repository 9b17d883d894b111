"""Somebody who must not be texted is not texted. Always on: no policy can switch it off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from gateway.words.decision import Action, Finding, Reason
from gateway.words.facts import Facts, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.program import Category

RULE = "gateway/suppressed"
CITES = "47 CFR 64.1200(a)(10); CTIA Messaging Principles and Best Practices"

# The one answer to the recipient's own STOP passes everything.
_PASS_ALL = frozenset({Category.OPTOUT_CONFIRMATION})
# An opt-out also leaves the answer to HELP, and warnings of danger to health or safety.
_PASS_OPT_OUT = _PASS_ALL | {Category.HELP_REPLY, Category.EMERGENCY}


class Suppressed:
    """Finds the first suppression that this message falls under."""

    id = RULE
    observed = False

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        return next((_finding(one) for one in facts.suppressions if _binds(one, message)), None)


def _binds(suppression: Suppression, message: Message) -> bool:
    if suppression.kind is SuppressionKind.DOUBT:  # see doubted.py
        return False
    passing = _PASS_OPT_OUT if suppression.kind is SuppressionKind.OPT_OUT else _PASS_ALL
    return message.category not in passing and _covers(suppression.scope, message)


def _covers(scope: str, message: Message) -> bool:
    """A scope that is not understood covers everything."""
    what, _, name = scope.partition(":")
    of = _OF.get(what)
    return of is None or name == of(message)


_OF: Mapping[str, Callable[[Message], str]] = {
    "program": lambda message: message.program.name,
    "brand": lambda message: message.program.brand,
    "sender": lambda message: message.sender.value,
    "category": lambda message: message.category.value,
    "subject": lambda message: message.subject,
}


def _finding(one: Suppression) -> Finding:
    why = f"{one.kind.value} since {one.at:%Y-%m-%d} (source: {one.source})"
    return Finding(RULE, Action.BLOCK, why, CITES, Reason.SUPPRESSED)
