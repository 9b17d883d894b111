"""The policies in force, by country: which of them bind a message, and what they need to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

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
    _bound: dict[tuple[str, Category, tuple[str, ...]], tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bound", {})

    def binding(self, message: Message) -> list[Rule]:
        """The rules that are about this message, on the days on which they hold.

        No country is without any: the generic ones bind where no others do.
        """
        if message.recipient is None:
            return []
        place, program = message.recipient.place, message.program.name
        key = (place.country, message.category, place.regions)
        rules = self._bound.get(key)
        if rules is None:  # places are few: each is selected for once
            rules = self._bound[key] = tuple(self._select(*key))
        return [rule for rule in rules if not rule.scope.programs or program in rule.scope.programs]

    def needs(self, message: Message) -> Needs:
        """What to look up before it can be decided. The message has a recipient."""
        assert message.recipient is not None, "nothing is known of nobody"  # noqa: S101
        return Needs(message.recipient, message.program.name)

    def _select(self, country: str, category: Category, regions: tuple[str, ...]) -> Iterator[Rule]:
        known = any(country in policy.countries for policy in self.policies)
        # Sorted by name: what is decided must not hang on the order of the files.
        for policy in sorted(self.policies, key=attrgetter("name")):
            if (country if known else ELSEWHERE) in policy.countries:
                yield from (rule for rule in policy.rules if rule.scope.covers(category, regions))
