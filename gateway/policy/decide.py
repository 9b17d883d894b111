"""May it leave? A pure function: no clock, no I/O, no globals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from gateway.policy.book import Book
from gateway.policy.rules import ALWAYS, Hours, Rule
from gateway.policy.rules.hours import first_open
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message

UNREAD = Finding(
    "gateway/facts",
    Action.BLOCK,
    "what is remembered of the recipient can't be read now; nothing was sent",
    reason=Reason.TRY_AGAIN,
)


class Asked(Protocol):
    """What every rule can be asked."""

    @property
    def id(self) -> str: ...

    def find(self, message: Message, facts: Facts, now: datetime) -> Finding | None: ...


def decide(message: Message, facts: Facts, book: Book, now: datetime) -> Decision:
    """What is to be done with this message, and why. It cannot fail: what can't be judged is closed."""
    if not facts.known:
        return Decision((UNREAD,), book.revision)
    rules = book.binding(message, now)
    asked = (_asked(rule, message, facts, now) for rule in (*ALWAYS, *rules))
    decision = Decision(tuple(finding for finding in asked if finding), book.revision)
    return _deferred(decision, rules, message, now) if decision.action is Action.DEFER else decision


def _asked(rule: Asked, message: Message, facts: Facts, now: datetime) -> Finding | None:
    try:
        return rule.find(message, facts, now)
    except Exception as error:  # noqa: BLE001 a rule that fails must not open the gate
        why = f"this rule could not be judged ({type(error).__name__}); nothing was sent"
        return Finding(rule.id, Action.BLOCK, why, reason=Reason.TRY_AGAIN)


def _deferred(decision: Decision, rules: Sequence[Rule], message: Message, now: datetime) -> Decision:
    """The same, with the first instant at which all hours rules agree; blocked where they never do."""
    hours = [rule for rule in rules if isinstance(rule, Hours) and not rule.observed]
    instant = first_open(hours, message, now)
    if instant is not None:
        return replace(decision, not_before=instant)
    never = replace(_deciding(decision), action=Action.BLOCK, why="the rules on hours that bind it never agree")
    return replace(decision, findings=(*decision.findings, never))


def _deciding(decision: Decision) -> Finding:
    assert decision.deciding is not None, "a deferral has a finding"  # noqa: S101
    return decision.deciding
