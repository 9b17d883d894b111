"""Scenarios held against policies: what differs from what was expected, and which rules they have tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.policy.book import Book
from gateway.policy.explain import Explanation, explain, instant
from gateway.policy.scenario import Expected, Scenario
from gateway.words.decision import Action, Decision


@dataclass(frozen=True, slots=True)
class Trial:
    """One scenario, and how it came out. No differences: as expected."""

    scenario: Scenario
    explanation: Explanation
    bound: frozenset[str]  # ids of the rules that could have had something to say
    differences: tuple[str, ...]


def tried(scenario: Scenario, book: Book) -> Trial:
    facts = scenario.facts_under(book)
    explanation = explain(scenario.message, facts, book, scenario.at, scenario.name)
    bound = frozenset(rule.id for rule in book.binding(scenario.message))
    return Trial(scenario, explanation, bound, tuple(_differences(scenario.expect, explanation)))


def _differences(expect: Expected, found: Explanation) -> Iterator[str]:
    decision, text = found.decision, found.text or ""
    if expect.action is not None and expect.action != decision.word:
        yield f"expected {expect.action}, found {decision.word}"
    # Right for the wrong reason is wrong.
    if expect.rule is not None and not any(rule.startswith(expect.rule) for rule in reasons(decision)):
        yield f"expected because of {expect.rule}, found because of {', '.join(reasons(decision)) or 'no rule'}"
    if expect.not_before is not None and expect.not_before != decision.not_before:
        at = instant(decision.not_before) if decision.not_before else "no time"
        yield f"expected not before {instant(expect.not_before)}, found {at}"
    if expect.text is not None and expect.text != found.text:
        yield f"expected the text {expect.text!r}, found {found.text!r}"
    yield from (f"expected {each!r} in the text, found {text!r}" for each in expect.text_contains if each not in text)
    yield from (f"expected no {each!r} in the text, found {text!r}" for each in expect.text_excludes if each in text)


def reasons(decision: Decision) -> list[str]:
    """The rules that it rests on: the deciding one, or all that change the text where it may leave."""
    if decision.action is Action.SEND:
        return [finding.rule for finding in decision.findings if finding.edit and not finding.observed]
    return [decision.deciding.rule] if decision.deciding else []


class Reached(StrEnum):
    """How far scenarios have tried a rule, the farthest first."""

    DECISIVE = "decisive"  # what came out rested on it
    MATCHED = "matched"  # it had something to say
    NEVER_MATCHED = "never matched"  # it could have, and hadn't
    NEVER_REACHED = "never reached"  # it was about none of the messages


def coverage(trials: Iterable[Trial], book: Book) -> dict[str, Reached]:
    """Of each rule of the book."""
    decisive, matched, bound = set[str](), set[str](), set[str]()
    for trial in trials:
        decision = trial.explanation.decision
        decisive.update(reasons(decision))
        matched.update(finding.rule for finding in decision.findings)
        bound |= trial.bound
    rules = [rule.id for policy in book.policies for rule in policy.rules]
    return {rule: _reached(rule, decisive, matched, bound) for rule in rules}


def _reached(rule: str, decisive: set[str], matched: set[str], bound: set[str]) -> Reached:
    sets: Sequence[tuple[set[str], Reached]] = (
        (decisive, Reached.DECISIVE),
        (matched, Reached.MATCHED),
        (bound, Reached.NEVER_MATCHED),
    )
    return next((reached for among, reached in sets if rule in among), Reached.NEVER_REACHED)
