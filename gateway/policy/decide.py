"""May it leave? A pure function: no clock, no I/O, no globals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from gateway.policy.book import Book
from gateway.policy.rule import Rule
from gateway.policy.rules import ALWAYS, Cap, Hours
from gateway.policy.rules.hours import first_open
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.facts import Facts, Limit
from gateway.words.message import Message

UNLIMITED = 1 << 30  # messages: more than anybody is sent

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

    @property
    def observed(self) -> bool: ...

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None: ...


def decide(message: Message, facts: Facts, book: Book, now: datetime) -> Decision:
    """What is to be done with this message, and why. It cannot fail: what can't be judged is closed."""
    if not facts.known:
        return Decision((UNREAD,), book.revision)
    try:
        return _decided(message, facts, book, now)
    except Exception as error:  # noqa: BLE001 doubt closes the gate
        return Decision((_unjudged("gateway/decide", error),), book.revision)


def leaves_at(message: Message, now: datetime) -> datetime:
    """What the carrier is asked to send later is judged for then."""
    return max(now, message.send_at) if message.send_at else now


def limits(message: Message, facts: Facts, book: Book, at: datetime) -> tuple[Limit, ...]:
    """Under what a message that may leave at `at` is reserved. Caps that are only observed count, and limit nothing."""
    return tuple(
        limit if rule.enforced(message, facts, at) else replace(limit, most=UNLIMITED)
        for rule in book.capping(message)
        if isinstance(rule.kind, Cap) and rule.scope.in_force(at) and (limit := rule.kind.limit(message, at))
    )


def _decided(message: Message, facts: Facts, book: Book, now: datetime) -> Decision:
    at = leaves_at(message, now)
    rules = book.binding(message)
    asked: list[Asked] = [*ALWAYS, *(rule for rule in rules if rule.scope.in_force(at))]
    found = [finding for rule in asked if (finding := _asked(rule, message, facts, at))]
    decision = Decision(tuple(found), book.revision)
    return _deferred(decision, rules, message, facts, at) if decision.action is Action.DEFER else decision


def _asked(rule: Asked, message: Message, facts: Facts, at: datetime) -> Finding | None:
    try:
        return rule.find(message, facts, at)
    except Exception as error:  # noqa: BLE001 a rule that fails must not open the gate
        return _unjudged(rule.id, error, observed=rule.observed)


def _unjudged(rule: str, error: Exception, *, observed: bool = False) -> Finding:
    why = f"could not be judged ({type(error).__name__}); nothing was sent"
    return Finding(rule, Action.BLOCK, why, reason=Reason.TRY_AGAIN, observed=observed)


def _deferred(decision: Decision, rules: Sequence[Rule], message: Message, facts: Facts, at: datetime) -> Decision:
    """The same, with the first instant at which all rules that wait agree; blocked where they never do."""
    hours = [rule for rule in rules if isinstance(rule.kind, Hours) and rule.enforced(message, facts, at)]
    zones = message.recipient.place.zones if message.recipient else ()
    counted = [each.not_before for each in decision.findings if each.not_before and not each.observed]
    instant = first_open(hours, zones, max([at, *counted]))
    if instant is not None:
        return replace(decision, not_before=instant)
    never = Finding(
        "gateway/hours",
        Action.BLOCK,
        "the rules on hours that bind it never agree",
        "; ".join(rule.id for rule in hours),
        Reason.HOURS,
    )
    return replace(decision, findings=(*decision.findings, never))
