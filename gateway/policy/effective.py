"""The rules that bind a place and a category, put together from all policies, each with where it comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.policy.checks.examined import Examined
from gateway.policy.compare import in_cell
from gateway.policy.grid import Cell, cells
from gateway.policy.rule import Rule
from gateway.policy.said import enforcement_said, relaxation_said, rule_said
from gateway.words.program import Category


@dataclass(frozen=True, slots=True)
class Effective:
    """What binds messages of these categories in that place."""

    place: str
    categories: tuple[Category, ...]
    rules: tuple[tuple[Rule, str], ...]  # each with its file, line and column

    def __str__(self) -> str:
        return "\n".join([f"{self.place}: {', '.join(self.categories)}", *self._lines()])

    def _lines(self) -> Iterator[str]:
        if not self.rules:
            yield "  no rule binds; suppressions and stopped programs always do"
        for rule, origin in self.rules:
            yield f"  {rule.id} ({origin})"
            yield f"    {rule_said(rule)}"
            yield f"    {cited(rule)}; {enforcement_said(rule)}"
            yield from (f"    {relaxation_said(each)}" for each in rule.relaxations)

    def told(self) -> dict[str, object]:
        return {
            "place": self.place,
            "categories": list(self.categories),
            "rules": [
                {
                    "rule": rule.id,
                    "origin": origin,
                    "says": rule_said(rule),
                    "cites": rule.cites,
                    "enforcement": enforcement_said(rule),
                    "relaxations": [relaxation_said(each) for each in rule.relaxations],
                }
                for rule, origin in self.rules
            ],
        }


def cited(rule: Rule) -> str:
    """What it rests on, and whether anybody has seen that."""
    if not rule.cites:
        return "cites nothing"
    return f"cites {rule.cites}{'' if rule.cites.endswith('(unverified)') else ' (seen)'}"


def effective(examined: Examined, place: str = "", category: Category | None = None) -> list[Effective]:
    """Of one place (`US`: of which only the country is known, `US-FL`), or of all that rules tell apart."""
    chosen = [Cell(place[:2], (place,) if "-" in place else (), each) for each in Category] if place else None
    groups = defaultdict[tuple[str, tuple[str, ...]], list[tuple[Category, Sequence[Rule]]]](list)
    for cell in chosen or cells(examined.book):
        if category is None or cell.category is category:
            rules = [rule for rule in in_cell(examined.book, cell, examined.day) if _has_begun(rule, examined)]
            if rules or place:
                groups[cell.place, tuple(rule.id for rule in rules)].append((cell.category, rules))
    return [_of(examined, place, several) for (place, _), several in groups.items()]


def _has_begun(rule: Rule, examined: Examined) -> bool:
    return rule.scope.since is None or rule.scope.since <= examined.day


def _of(examined: Examined, place: str, several: Sequence[tuple[Category, Sequence[Rule]]]) -> Effective:
    (_, rules), *_ = several
    binding = tuple((rule, examined.origin(rule.id)) for rule in rules)
    return Effective(place, tuple(category for category, _ in several), binding)
