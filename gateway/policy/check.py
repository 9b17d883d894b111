"""Everything that can be said of a set of policies before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from gateway.policy.book import Book
from gateway.policy.checks import conflicts, dates, references, wordings
from gateway.policy.checks.examined import Examined, Known, Level, Remark, said_at
from gateway.policy.compare import Verdict, compared
from gateway.policy.said import rule_said
from gateway.policy.source import Sources
from gateway.yamlfile import Problem

CHECKS: Sequence[Callable[[Examined], Iterator[Remark]]] = (
    references.names_of_the_site,
    references.relaxed_rules,
    references.regions,
    references.lists,
    dates.ended,
    dates.reviews,
    dates.relaxations,
    dates.unverified,
    conflicts.shadowed,
    conflicts.hours,
    conflicts.labels,
    conflicts.uncovered,
    wordings.instructions,
    wordings.links,
)


def checked(sources: Sources, day: date, known: Known | None = None, shipped: Book | None = None) -> list[Remark]:
    """All remarks, by place. Where a file doesn't load only that is said: the rest would be guesses."""
    if sources.found is None:
        return [Remark(problem, Level.ERROR, "unreadable") for problem in sources.problems]
    examined = Examined(sources, sources.book, day, known)
    found = {remark for check in CHECKS for remark in check(examined)}
    if shipped is not None:
        found.update(_against(shipped, examined))
    return sorted(found, key=lambda remark: (remark.problem, remark.code))


def _against(shipped: Book, examined: Examined) -> Iterator[Remark]:
    """Shipped rules that a site has removed or made looser: it may, by a relaxation, which names who, why and when."""
    ours = {source.written.policy: source for source in examined.sources.loaded}
    countries = {country for policy in examined.book.policies if policy.rules for country in policy.countries}
    absent = [policy.name for policy in shipped.policies if policy.name not in ours and policy.countries & countries]
    if absent:
        why = f"not in force, though their countries have other policies here: the shipped {', '.join(absent)}"
        yield Remark(Problem(str(examined.sources.folder), 1, 1, why), Level.WARNING, "shipped")
    relaxed = {each.rule for policy in examined.book.policies for each in policy.relaxations}
    for change in compared(shipped, examined.book, examined.day):
        source = ours.get(change.rule.partition("/")[0])
        if source is None or change.before is None or change.rule in relaxed or not change.verdict.loosens:
            continue
        if change.after is None:
            why = f"the shipped rule `{change.rule}` was removed or switched off; write a relaxation instead"
            yield said_at(source, ("rules",), why, Level.WARNING, "shipped")
        elif change.before != change.after:
            why = f"`{change.rule}` {_THAN_SHIPPED[change.verdict]}; it ships as: {rule_said(change.before)}"
            yield examined.at_rule(change.rule, why, Level.WARNING, "shipped")


_THAN_SHIPPED = {
    Verdict.LOOSER: "is looser than it ships, without a relaxation",
    Verdict.UNCLEAR: "says something else than it ships, and can't be compared",
}
