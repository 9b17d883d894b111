"""Rules that stand in each other's way: one within another, hours that never agree, two labels for one message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations

from gateway.policy.book import ELSEWHERE
from gateway.policy.checks.examined import Examined, Level, Remark, said_at
from gateway.policy.compare import in_cell, is_kept
from gateway.policy.grid import Cell, cells, shared_week
from gateway.policy.rule import Rule
from gateway.policy.rules import Hours, Label
from gateway.policy.scope import Scope
from gateway.words.program import Category

ASKED = (Category.MARKETING, Category.POLITICAL, Category.CHARITY)  # what no country leaves without any rule


def shadowed(examined: Examined) -> Iterator[Remark]:
    """Rules that change nothing wherever they bind. Across policies each rests on a law of its own: only said."""
    above: dict[str, set[str]] = {}  # of each rule, those that are as strict in every cell so far
    for cell in cells(examined.book):
        bound = in_cell(examined.book, cell, examined.day)
        for rule in bound:
            if above.get(rule.id, {""}):
                covering = _covering(rule, bound, cell, examined)
                above[rule.id] = above.get(rule.id, covering) & covering
    for rule_id in sorted(rule_id for rule_id, others in above.items() if others):
        other = min(above[rule_id])
        within = rule_id.partition("/")[0] == other.partition("/")[0]
        why = f"`{rule_id}` changes nothing: wherever it holds, `{other}` is at least as strict"
        yield examined.at_rule(rule_id, why, Level.WARNING if within else Level.INFO, "shadowed")


def _covering(rule: Rule, bound: Sequence[Rule], cell: Cell, examined: Examined) -> set[str]:
    """The rules of its kind that refuse wherever it does."""
    candidates = (other for other in bound if _may_stand_for(other, rule, examined))
    return {other.id for other in candidates if is_kept(rule, [other], cell, examined.day)}


def _may_stand_for(other: Rule, rule: Rule, examined: Examined) -> bool:
    """Of two rules that say the same, the later one is shadowed."""
    if other.id == rule.id or other.kind.NAME != rule.kind.NAME or rule.observed or rule.relaxations:
        return False
    return other.kind != rule.kind or other.scope != rule.scope or examined.order(other.id) < examined.order(rule.id)


def hours(examined: Examined) -> Iterator[Remark]:
    """Hours that leave no minute of an ordinary week, alone or together with others that bind the same messages."""
    told: set[frozenset[str]] = set()
    for rule in examined.rules():
        if isinstance(rule.kind, Hours) and not shared_week([rule.kind]):
            told.add(frozenset({rule.id}))
            why = f"`{rule.id}` leaves no minute of the week; write `forbid: everything` if that is meant"
            yield examined.at_rule(rule.id, why, Level.ERROR, "no-hours", ("hours",))
    for cell, several in _sets_of_hours(examined):
        ids = frozenset(rule.id for rule in several)
        if any(known <= ids for known in told) or shared_week([_hours(rule) for rule in several]):
            continue
        told.add(ids)
        last = max(ids, key=examined.order)
        others = ", ".join(f"`{each}`" for each in sorted(ids - {last}))
        why = f"`{last}` and {others} leave no minute of the week for {cell}"
        yield examined.at_rule(last, why, Level.ERROR, "no-hours", ("hours",))


def _sets_of_hours(examined: Examined) -> Iterator[tuple[Cell, list[Rule]]]:
    """Rules on hours that bind one message: all that hang on nothing else, and each of the others with these."""
    for cell in cells(examined.book):
        bound = [rule for rule in in_cell(examined.book, cell, examined.day) if _keeps_hours(rule, examined.day)]
        always = [rule for rule in bound if not rule.scope.asks_more]
        if len(always) > 1:
            yield cell, always
        yield from ((cell, [*always, rule]) for rule in bound if rule.scope.asks_more and always)


def _keeps_hours(rule: Rule, day: date) -> bool:
    return isinstance(rule.kind, Hours) and not rule.observed and (rule.scope.since or day) <= day


def _hours(rule: Rule) -> Hours:
    assert isinstance(rule.kind, Hours), "only these were kept"  # noqa: S101
    return rule.kind


def labels(examined: Examined) -> Iterator[Remark]:
    """Two labels that one message would need at the same end."""
    told: set[tuple[str, str]] = set()
    for cell in cells(examined.book):
        for first, second in _labelling(cell, examined):
            if (first.id, second.id) not in told:
                told.add((first.id, second.id))
                why = f"`{second.id}` and `{first.id}` both label a text for {cell}, in different words at the same end"
                yield examined.at_rule(second.id, why, Level.ERROR, "two-labels", ("label",))


def _labelling(cell: Cell, examined: Examined) -> Iterator[tuple[Rule, Rule]]:
    bound = [rule for rule in in_cell(examined.book, cell, examined.day) if isinstance(rule.kind, Label)]
    enforced = sorted((rule for rule in bound if not rule.observed), key=lambda rule: examined.order(rule.id))
    for first, second in combinations(enforced, 2):
        if _clash(first.kind, second.kind) and _can_meet(first.scope, second.scope):
            yield first, second


def _clash(one: object, other: object) -> bool:
    if not isinstance(one, Label) or not isinstance(other, Label) or one.leads != other.leads:
        return False
    spelled, wanted = ({each.strip().casefold() for each in (label.label, *label.accept)} for label in (one, other))
    return spelled.isdisjoint(wanted)


def _can_meet(one: Scope, other: Scope) -> bool:
    """Whether one message can be in both. Of two patterns that can't be told."""
    named = ("programs", "senders", "upstreams", "clients", "subjects", "languages")
    pairs = [(getattr(one, name), getattr(other, name)) for name in named]
    if any(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in pairs) or (one.text and other.text):
        return False
    since = max(one.since or date.min, other.since or date.min)
    return since <= min(one.until or date.max, other.until or date.max)


def uncovered(examined: Examined) -> Iterator[Remark]:
    """Countries whose own policies take the generic ones' place and say nothing of a category that those bind."""
    book = examined.book
    asked = [category for category in ASKED if book.bound(ELSEWHERE, category, ())]
    told: set[str] = set()
    for source in sorted(examined.sources.loaded, key=lambda source: source.written.policy):
        for country in source.written.country if source.written.rules else ():
            missing = [category for category in asked if not book.bound(country, category, ())]
            if country not in told and missing:
                why = f"no rule binds {' or '.join(missing)} in {country}, and the generic ones hold no longer there"
                yield said_at(source, ("country",), why, Level.WARNING, "uncovered")
            told.add(country)
