"""The finite grid on which rules are compared, without a solver.

A cell is a place and a category that rules tell apart. Within a cell, two rules of a kind are held against each other
at every point at which they can differ: each minute of the days of two years for hours, each age at which a consent
of any kind may become too old, each type of sender and register, each list. Kinds that change or read the text have no
such grid: they are the same, or can't be compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from itertools import product
from operator import and_, lt, or_

from gateway.policy.book import Book
from gateway.policy.rules import Cap, ConsentRule, Forbid, Hours, Kind, Listed, SenderRule
from gateway.policy.rules.consent import Accepted
from gateway.policy.scope import UNKNOWN, SenderType
from gateway.policy.terms import DAY_MINUTES, Span, Window
from gateway.words.facts import ConsentKind
from gateway.words.program import Category

DAY = timedelta(days=1)
HOURS_DAYS = 2 * 365  # holidays of two years
SPAN_DAYS = 4 * 365 + 1  # months and years of every length
WHOLE_DAY = (1 << DAY_MINUTES) - 1  # a bit for each minute

COMPARABLE = (Cap, ConsentRule, Hours, Listed, SenderRule)

# The senders that rules can tell apart, with all that each may be called.
SENDERS: tuple[tuple[SenderType, ...], ...] = (
    ("number", "long-code"),
    ("number", "toll-free"),
    ("short-code",),
    ("alphanumeric",),
)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A place and a category. No region: only the country is known; `US-*` stands for those that no rule names."""

    country: str
    regions: tuple[str, ...]
    category: Category

    @property
    def place(self) -> str:
        return self.regions[0] if self.regions else self.country

    def __str__(self) -> str:
        return f"{self.place}/{self.category}"


def cells(*books: Book) -> Iterator[Cell]:
    """Those that the rules of these books tell apart; `*` stands for all countries that have no policy."""
    for country in sorted({country for book in books for policy in book.policies for country in policy.countries}):
        for regions, category in product(_regions(country, books), Category):
            yield Cell(country, regions, category)


def _regions(country: str, books: Sequence[Book]) -> list[tuple[str, ...]]:
    policies = [policy for book in books for policy in book.policies]
    scopes = [rule.scope for policy in policies for rule in policy.rules]
    scopes += [relaxation.scope for policy in policies for relaxation in policy.relaxations]
    named = {region for scope in scopes for region in scope.regions if region.startswith(f"{country}-")}
    if not named and not any(UNKNOWN in scope.regions for scope in scopes):
        return [()]
    return [(), (f"{country}-*",), *((region,) for region in sorted(named))]


def refuses_as_much(old: Kind, new: Sequence[Kind], day: date) -> bool:
    """Whether wherever `old` refuses, one of the new ones does: at every point of the grid from that day on."""
    if any(kind == old or (isinstance(kind, Forbid) and kind.everything) for kind in new):
        return True
    match old:
        case Hours():
            return _are_closed(old, [kind for kind in new if isinstance(kind, Hours)], day)
        case ConsentRule():
            return any(isinstance(kind, ConsentRule) and accepts_no_more(kind.accept, old.accept, day) for kind in new)
        case Cap():
            return any(isinstance(kind, Cap) and _caps_as_much(kind, old, day) for kind in new)
        case Listed():
            return set(old.names) <= {name for kind in new if isinstance(kind, Listed) for name in kind.names}
        case SenderRule():
            return _asks_as_much(old, [kind for kind in new if isinstance(kind, SenderRule)])
        case _:
            return False


def _are_closed(old: Hours, new: Sequence[Hours], day: date) -> bool:
    # Where no zone is known any hours refuse, so that some must be left.
    if not new:
        return False
    several = [closed(hours, day) for hours in new]
    return all(was & ~_joined(now) == 0 for was, *now in zip(closed(old, day), *several, strict=True))


def _joined(masks: Iterable[int]) -> int:
    return reduce(or_, masks, 0)


@lru_cache(maxsize=2048)
def closed(hours: Hours, first: date) -> tuple[int, ...]:
    """Of each day of two years, the minutes at which nothing may be sent."""
    days = (first + n * DAY for n in range(HOURS_DAYS))
    return tuple(WHOLE_DAY & ~minutes_in(hours.windows(day)) for day in days)


@lru_cache(maxsize=2048)
def minutes_in(windows: tuple[Window, ...]) -> int:
    """A bit for each minute of the day that is in one of them."""
    return _joined(((1 << (end - start)) - 1) << start for start, end in windows)


def shared_week(several: Sequence[Hours]) -> int:
    """How many minutes of a week without holidays all of these leave."""
    days = zip(*(hours.week for hours in several), strict=True)
    return sum(reduce(and_, map(minutes_in, day), WHOLE_DAY).bit_count() for day in days)


@lru_cache(maxsize=2048)
def accepts_no_more(new: tuple[Accepted, ...], old: tuple[Accepted, ...], day: date) -> bool:
    """Whether every consent that one of the new ones accepts is accepted by one of the old, at any age."""
    for kind, confirmed, night in product(ConsentKind, (False, True), (False, True)):
        reach = _reach(new, kind, day, confirmed=confirmed, night=night)
        allowed = _reach(old, kind, day, confirmed=confirmed, night=night)
        if reach is not allowed and any(map(lt, reach, allowed)):
            return False
    return True


Cutoffs = tuple[datetime, ...]  # of each day of the grid: a consent must be younger than this

_AT_ANY_AGE: Cutoffs = (datetime.min.replace(tzinfo=UTC),) * SPAN_DAYS
_NEVER: Cutoffs = (datetime.max.replace(tzinfo=UTC),) * SPAN_DAYS


def _reach(accepted: Sequence[Accepted], kind: ConsentKind, day: date, *, confirmed: bool, night: bool) -> Cutoffs:
    """How old such a consent may be."""
    fitting = [
        each for each in accepted if each.kind in {None, kind} and confirmed >= each.confirmed and night >= each.night
    ]
    if any(each.within is None for each in fitting):
        return _AT_ANY_AGE
    spans = [cutoffs(each.within, day) for each in fitting if each.within]
    return tuple(map(min, *spans, _NEVER)) if spans else _NEVER


@lru_cache(maxsize=512)
def cutoffs(span: Span, first: date) -> Cutoffs:
    """What lies before the span, on each day of four years: months and years have no one length."""
    midnight = datetime.combine(first, time(), UTC)
    return tuple(span.before(midnight + n * DAY) for n in range(SPAN_DAYS))


def _caps_as_much(new: Cap, old: Cap, day: date) -> bool:
    """No more in a period that is as long, counting whatever the old one counts."""
    counts = new.of == "all" or (old.of != "all" and set(old.of.split(",")) <= set(new.of.split(",")))
    if new.most > old.most or not counts or new.per not in {"recipient", old.per}:
        return False
    if isinstance(new.period, Span) and isinstance(old.period, Span):
        return all(map(datetime.__le__, cutoffs(new.period, day), cutoffs(old.period, day)))
    # A calendar week isn't within one month, nor a span of hours within one day.
    return new.period == old.period or (old.period == "day" and new.period in {"week", "month"})


def _asks_as_much(old: SenderRule, new: Sequence[SenderRule]) -> bool:
    for types in SENDERS:
        asked = [_registers(rule, types) for rule in new]
        was = _registers(old, types)
        if None in asked:  # it may not be used at all
            continue
        if was is None or not was <= frozenset[str]().union(*(each for each in asked if each)):
            return False
    return True


def _registers(rule: SenderRule, types: Sequence[SenderType]) -> frozenset[str] | None:
    """The registers that such a sender must be in; None: it may not be used."""
    if rule.allow and rule.allow.isdisjoint(types):
        return None
    return frozenset(rule.registered[each] for each in types if each in rule.registered)
