"""Two sets of policies held against each other: what came, what went, and whether anything became looser.

Nothing is looser as long as in every cell of the grid, for each rule that bound there, rules bind there now that
refuse wherever it did, for as many messages, and as firmly. What can't be compared counts as looser.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.policy.book import UNREADABLE, Book
from gateway.policy.grid import COMPARABLE, Cell, accepts_no_more, cells, refuses_as_much
from gateway.policy.optout import OptOut, looser
from gateway.policy.reminding import Reminding, sooner
from gateway.policy.rule import Relaxation, Rule
from gateway.policy.rules import Forbid
from gateway.policy.scope import Scope

SHOWN = 4  # places that are named before the rest is counted


class Verdict(StrEnum):
    """The worst first."""

    LOOSER = "looser"
    UNCLEAR = "can't compare"
    STRICTER = "stricter"
    SAME = "no difference"

    @property
    def loosens(self) -> bool:
        """What can't be compared may be looser."""
        return self in {Verdict.LOOSER, Verdict.UNCLEAR}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one rule, and where."""

    rule: str
    verdict: Verdict
    before: Rule | None  # None: it was added
    after: Rule | None  # None: it was removed, or switched off
    where: tuple[Cell, ...]

    @property
    def how(self) -> str:
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    @property
    def places(self) -> str:
        """`US-FL, US-GA and 3 more: marketing, political`."""
        places = list(dict.fromkeys(cell.place for cell in self.where))
        categories = list(dict.fromkeys(cell.category for cell in self.where))
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        return f"{', '.join(places[:SHOWN])}{more}: {', '.join(categories)}"


@dataclass(frozen=True, slots=True)
class SectionChange:
    """What policies say beside their rules in one country, and said."""

    section: str  # opt_out: what an opt-out means that names nothing; opt_in: who is asked once more
    country: str  # * stands for those that have no policy
    before: OptOut | Reminding
    after: OptOut | Reminding
    verdict: Verdict

    @property
    def about(self) -> str:
        what = "what an opt-out means" if self.section == "opt_out" else "whether a double opt-in is asked again"
        return f"{what} in {self.country}"


def compared(old: Book, new: Book, day: date) -> list[Change]:
    """Every rule that is not what it was, or holds no longer what it held, from that day on; the worst first."""
    lost, gained, unclear = defaultdict[str, list[Cell]](list), defaultdict[str, list[Cell]](list), set[str]()
    for cell in cells(old, new):
        before, after = (in_cell(book, cell, day) for book in (old, new))
        for rule in _not_kept(before, after, cell, day):
            lost[rule.id].append(cell)
            if _is_rewritten(rule, after):
                unclear.add(rule.id)
        for rule in _not_kept(after, before, cell, day):
            gained[rule.id].append(cell)
    changes = _changes(_by_id(old), _by_id(new), lost, gained, unclear)
    return sorted(changes, key=lambda change: (list(Verdict).index(change.verdict), change.rule))


def sections_compared(old: Book, new: Book) -> list[SectionChange]:
    """Every country in which an opt-out, or silence, means something else than it did; the worst first."""
    countries = sorted({each for book in (old, new) for policy in book.policies for each in policy.countries})
    changes = [change for each in countries for change in _in_country(each, old, new)]
    return sorted(changes, key=lambda change: list(Verdict).index(change.verdict))


def _in_country(country: str, old: Book, new: Book) -> Iterator[SectionChange]:
    meant, means = old.opt_out(country), new.opt_out(country)
    if meant != means:
        yield SectionChange("opt_out", country, meant, means, _verdict(is_looser=looser(means, meant)))
    reminded, reminds = old.reminding(country), new.reminding(country)
    if reminded != reminds:
        yield SectionChange("opt_in", country, reminded, reminds, _verdict(is_looser=sooner(reminds, reminded)))


def _verdict(*, is_looser: bool) -> Verdict:
    return Verdict.LOOSER if is_looser else Verdict.STRICTER


def _by_id(book: Book) -> dict[str, Rule]:
    return {rule.id: rule for rule in (UNREADABLE, *(each for policy in book.policies for each in policy.rules))}


def _changes(
    old: dict[str, Rule],
    new: dict[str, Rule],
    lost: dict[str, list[Cell]],
    gained: dict[str, list[Cell]],
    unclear: set[str],
) -> Iterator[Change]:
    for rule in sorted({*old, *new}):
        before, after = old.get(rule), new.get(rule)
        if rule in lost:
            verdict, where = Verdict.UNCLEAR if rule in unclear else Verdict.LOOSER, lost[rule]
        elif rule in gained:
            verdict, where = Verdict.STRICTER, gained[rule]
        elif before != after:
            verdict, where = Verdict.SAME, []
        else:
            continue
        yield Change(rule, verdict, before, after, tuple(where))


def in_cell(book: Book, cell: Cell, day: date) -> list[Rule]:
    """The rules that can bind there from that day on."""
    return [rule for rule in book.bound(cell.country, cell.category, cell.regions) if not _is_over(rule.scope, day)]


def _is_over(scope: Scope, day: date) -> bool:
    return scope.until is not None and scope.until < day


def _not_kept(before: Sequence[Rule], after: Sequence[Rule], cell: Cell, day: date) -> Iterable[Rule]:
    same = set(map(id, after))
    return [rule for rule in before if id(rule) not in same and not is_kept(rule, after, cell, day)]


def is_kept(rule: Rule, others: Sequence[Rule], cell: Cell, day: date) -> bool:
    """Whether wherever this rule refuses in that cell, from that day on, one of the others does."""
    if not _strength(rule):
        return True
    as_wide = [other for other in others if _holds_as_much(other, rule, cell, day)]
    return refuses_as_much(rule.kind, [other.kind for other in as_wide], day)


def _strength(rule: Rule) -> int:
    """For how many per cent of recipients it counts."""
    return 0 if rule.observed else rule.share


def _holds_as_much(new: Rule, old: Rule, cell: Cell, day: date) -> bool:
    """Whether it holds for all messages that the old one held for, as firmly; what it says of them is not looked at."""
    return (
        _strength(new) >= _strength(old)
        and new.otherwise >= old.otherwise
        and is_as_wide(new.scope, old.scope, day)
        and (not new.unless or accepts_no_more(new.unless, old.unless, day))
        and all(_was_relaxed(each, old, cell, day) for each in _relaxing(new, cell, day))
    )


def _relaxing(rule: Rule, cell: Cell, day: date) -> list[Relaxation]:
    place = (cell.country, cell.category, cell.regions)
    return [each for each in rule.relaxations if not _is_over(each.scope, day) and each.scope.covers(*place)]


def _was_relaxed(relaxation: Relaxation, old: Rule, cell: Cell, day: date) -> bool:
    return any(is_as_wide(each.scope, relaxation.scope, day) for each in _relaxing(old, cell, day))


def is_as_wide(new: Scope, old: Scope, day: date) -> bool:
    """Whether it holds for whatever the old one holds for in a cell: categories and places are the cell's."""
    named = ("programs", "upstreams", "clients", "subjects", "languages")
    pairs = [(getattr(new, name), getattr(old, name)) for name in named]
    pairs.append((_told_apart(new.senders), _told_apart(old.senders)))
    return (
        all(not mine or (theirs and theirs <= mine) for mine, theirs in pairs)
        and new.text in {None, old.text}
        and max(new.since or day, day) <= max(old.since or day, day)
        and (new.until or date.max) >= (old.until or date.max)
    )


def _told_apart(senders: Iterable[str]) -> frozenset[str]:
    """A `number` is a long code or toll-free."""
    said = frozenset(senders)
    return said - {"number"} | {"long-code", "toll-free"} if "number" in said else said


def _is_rewritten(rule: Rule, after: Sequence[Rule]) -> bool:
    """Whether it is there still and says something else, of a kind whose texts can't be compared."""
    if isinstance(rule.kind, COMPARABLE) or (isinstance(rule.kind, Forbid) and rule.kind.everything):
        return False
    return any(other.id == rule.id and other.kind != rule.kind for other in after)
