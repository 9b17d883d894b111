"""The policies in force, by country: which of them bind a message, and what they need to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from gateway.policy.rules import Rule
from gateway.words.facts import Needs
from gateway.words.message import Message
from gateway.words.program import Category

ELSEWHERE = "*"  # a policy for every country that has none of its own


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file's rules, for its countries."""

    name: str
    countries: frozenset[str]
    rules: tuple[Rule, ...]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """All policies, as one set with a revision. A thousand of them for other countries cost nothing."""

    policies: tuple[Policy, ...]
    revision: str
    _index: dict[tuple[str, Category], tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", dict(self._indexed()))

    def binding(self, message: Message, now: datetime) -> list[Rule]:
        """The rules that are about this message. No country is without any: the generic ones bind where no other do."""
        if message.recipient is None:
            return []
        country, category = message.recipient.place.country, message.category
        rules = self._index.get((country, category))
        if rules is None:
            rules = self._index.get((ELSEWHERE, category), ())
        return [rule for rule in rules if rule.scope.holds(message, now)]

    def needs(self, message: Message) -> Needs:
        """What to look up before it can be decided. The message has a recipient."""
        assert message.recipient is not None, "nothing is known of nobody"  # noqa: S101
        return Needs(message.recipient, message.program.name)

    def _indexed(self) -> Iterator[tuple[tuple[str, Category], tuple[Rule, ...]]]:
        for country in sorted(set().union(*(policy.countries for policy in self.policies))):
            # Sorted by name: what is decided must not hang on the order of the files.
            policies = sorted((p for p in self.policies if country in p.countries), key=lambda policy: policy.name)
            rules = [rule for policy in policies for rule in policy.rules]
            for category in Category:
                yield (
                    (country, category),
                    tuple(r for r in rules if not r.scope.categories or category in r.scope.categories),
                )
