"""The policies in force, by country: which of them bind a message, and what they need to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TypeVar

from gateway.policy.optout import OptOut, strictest
from gateway.policy.reminding import Reminding, calmest
from gateway.policy.rule import Relaxation, Rule
from gateway.policy.rules import Cap, Forbid, Listed
from gateway.policy.scope import Scope
from gateway.words.facts import Needs
from gateway.words.message import Message
from gateway.words.program import Category

ELSEWHERE = "*"  # a policy for every country that has none of its own

Section = TypeVar("Section", OptOut, Reminding)

# Binds in every country, with no YAML: what nobody can read may hold no instruction, and who would know what it says. A
# policy relaxes it for its countries, as it relaxes any rule; for other categories one can be written.
UNREADABLE = Rule(
    "gateway/unreadable",
    Forbid((), frozenset(), None, (), unreadable=True),
    Scope(categories=frozenset({Category.MARKETING})),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file's rules, for its countries, and what it relaxes of others."""

    name: str
    countries: frozenset[str]
    rules: tuple[Rule, ...]
    relaxations: tuple[Relaxation, ...] = ()
    path: str = ""
    opt_out: OptOut | None = None
    opt_in: Reminding | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """The rules that can bind a message of one place and category."""

    rules: tuple[Rule, ...]
    asks_more: bool  # whether one of them hangs on more of the message
    caps: tuple[Cap, ...]
    lists: tuple[str, ...]

    @classmethod
    def of(cls, rules: tuple[Rule, ...]) -> Binding:
        kinds = [rule.kind for rule in rules]
        caps = tuple(kind for kind in kinds if isinstance(kind, Cap))
        lists = (name for kind in kinds if isinstance(kind, Listed) for name in kind.names)
        return cls(rules, any(rule.scope.asks_more for rule in rules), caps, tuple(dict.fromkeys(lists)))


NOTHING = Binding.of(())


@dataclass(frozen=True, slots=True)
class Book:
    """All policies, as one set with a revision. A thousand of them for other countries cost nothing."""

    policies: tuple[Policy, ...]
    revision: str
    _bound: dict[tuple[str, Category, tuple[str, ...]], Binding] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bound", {})

    def binding(self, message: Message) -> tuple[Rule, ...]:
        """The rules that are about this message, on the days on which they hold.

        No country is without any: the generic ones bind where no others do.
        """
        bound = self._of(message)
        return tuple(rule for rule in bound.rules if rule.scope.fits(message)) if bound.asks_more else bound.rules

    def capping(self, message: Message) -> tuple[Rule, ...]:
        """Those of them that are caps: most messages have none, and are done with."""
        if not self._of(message).caps:
            return ()
        return tuple(rule for rule in self.binding(message) if isinstance(rule.kind, Cap))

    def needs(self, message: Message) -> Needs:
        """What to look up before it can be decided. The message has a recipient."""
        assert message.recipient is not None, "nothing is known of nobody"  # noqa: S101
        bound = self._of(message)
        counters = tuple(dict.fromkeys([cap.counter(message) for cap in bound.caps])) if bound.caps else ()
        return Needs(message.recipient, message.program.name, counters, bound.lists)

    def looks_up(self, message: Message) -> dict[str, object]:
        """What `needs` asks for, with the periods over which each counter is looked at: for the record."""
        bound, counters = self._of(message), dict[str, list[str]]()
        for cap in bound.caps:
            counters.setdefault(cap.counter(message), []).append(cap.span)
        told: dict[str, object] = {"counters": counters} if counters else {}
        return told | {"lists": bound.lists} if bound.lists else told

    def opt_out(self, country: str) -> OptOut:
        """What an opt-out means there that names nothing."""
        return strictest(self._said(country, attrgetter("opt_out")))

    def reminding(self, country: str) -> Reminding:
        """Whether somebody there who does not answer a double opt-in is asked once more."""
        return calmest(self._said(country, attrgetter("opt_in")))

    def _said(self, country: str, of: Callable[[Policy], Section | None]) -> Iterator[Section]:
        """What the policies that bind there say beside their rules."""
        said = [(policy.countries, section) for policy in self.policies if (section := of(policy))]
        place = country if any(country in countries for countries, _ in said) else ELSEWHERE
        return (section for countries, section in said if place in countries)

    def bound(self, country: str, category: Category, regions: tuple[str, ...]) -> tuple[Rule, ...]:
        """All rules that can bind there, on some day and for some message."""
        return self._at((country, category, regions)).rules

    def _of(self, message: Message) -> Binding:
        if message.recipient is None:
            return NOTHING
        place = message.recipient.place
        return self._at((place.country, message.category, place.regions))

    def _at(self, key: tuple[str, Category, tuple[str, ...]]) -> Binding:
        bound = self._bound.get(key)
        if bound is None:  # places are few: each is selected for once
            bound = self._bound[key] = Binding.of(tuple(self._select(*key)))
        return bound

    def _select(self, country: str, category: Category, regions: tuple[str, ...]) -> Iterator[Rule]:
        known = any(country in policy.countries and policy.rules for policy in self.policies)
        place = country if known else ELSEWHERE
        relaxations = [relaxation for policy in self.policies for relaxation in policy.relaxations]
        # Sorted by name: what is decided must not hang on the order of the files.
        for policy in sorted(self.policies, key=attrgetter("name")):
            if place not in policy.countries:
                continue
            for rule in policy.rules:
                if rule.scope.covers(country, category, regions):
                    relaxed = tuple(each for each in relaxations if each.rule == rule.id)
                    yield replace(rule, relaxations=relaxed) if relaxed else rule
        if UNREADABLE.scope.covers(country, category, regions):
            own = [policy for policy in self.policies if not policy.countries.isdisjoint({country, place})]
            relaxed = tuple(each for policy in own for each in policy.relaxations if each.rule == UNREADABLE.id)
            yield replace(UNREADABLE, relaxations=relaxed) if relaxed else UNREADABLE
