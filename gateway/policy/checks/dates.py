"""What is out of date: rules that have ended, packs that nobody has looked at, relaxations that run out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from gateway.policy.checks.examined import Examined, Level, Remark, said_at
from gateway.policy.model import RelaxationWritten
from gateway.policy.rule import Rule

SOON = timedelta(days=30)


def ended(examined: Examined) -> Iterator[Remark]:
    for rule in examined.rules():
        if rule.scope.until is not None and rule.scope.until < examined.day:
            why = f"`{rule.id}` ended on {rule.scope.until} and binds nothing any more; remove it, or write a later day"
            yield examined.at_rule(rule.id, why, Level.WARNING, "ended", ("until",))


def reviews(examined: Examined) -> Iterator[Remark]:
    for source in examined.sources.loaded:
        written = source.written
        if written.reviewed is None:
            if written.rules:
                why = "nobody says when this was last reviewed; write `reviewed` and the day"
                yield said_at(source, ("policy",), why, Level.WARNING, "review")
            continue
        due = written.reviewed + timedelta(days=written.review_every)
        if due < examined.day:
            why = f"was to be reviewed by {due}, {written.review_every} days after the last time"
            yield said_at(source, ("reviewed",), why, Level.WARNING, "review")


def relaxations(examined: Examined) -> Iterator[Remark]:
    """Those that are over, run out soon, or change nothing."""
    rules = {rule.id: rule for rule in examined.rules()}
    for source in examined.sources.loaded:
        for index, written in enumerate(source.written.relaxations):
            for why, level in _of_one(examined, written, rules.get(written.rule)):
                yield said_at(source, ("relaxations", index), why, level, "relaxation")


def _of_one(examined: Examined, written: RelaxationWritten, rule: Rule | None) -> Iterator[tuple[str, Level]]:
    left = written.until - examined.day
    if left < timedelta(0):
        yield f"ended on {written.until}: `{written.rule}` is enforced again; remove it, or renew it", Level.WARNING
    elif left <= SOON:
        yield f"ends on {written.until}, in {left.days} days; then `{written.rule}` is enforced again", Level.INFO
    if written.rule not in examined.rule_ids:
        return  # said where names are looked at
    if rule is None or rule.observed:
        yield f"is without effect: `{written.rule}` isn't enforced anyway", Level.WARNING
    elif _is_apart(written, rule):
        yield f"is without effect: `{written.rule}` holds for other places or categories", Level.WARNING


def _is_apart(written: RelaxationWritten, rule: Rule) -> bool:
    scope = rule.scope
    pairs = (
        (frozenset(written.categories), scope.categories),
        (frozenset(written.when.region), scope.regions),
        (frozenset(written.when.country), scope.countries),
    )
    return any(mine and theirs and mine.isdisjoint(theirs) for mine, theirs in pairs)


def unverified(examined: Examined) -> Iterator[Remark]:
    """Rules, and sections beside them, whose citation nobody has seen."""
    for source, written in examined.written():
        if written.verified == "unverified":
            cited = f"cites {written.cite}, which nobody has seen" if written.cite else "cites nothing"
            rule = f"{source.written.policy}/{written.id}"
            yield examined.at_rule(rule, f"`{rule}` {cited}", Level.INFO, "unverified")
    for source in examined.sources.loaded:
        for name, said in source.written.sections.items():
            if said.verified == "unverified":
                message = f"`{source.written.policy}/{name}` cites {said.cite}, which nobody has seen"
                yield said_at(source, (name,), message, Level.INFO, "unverified")


def coming(examined: Examined, now: date) -> list[str]:
    """What changes by itself between now and the day that is looked at, in its order."""
    days = []
    for rule in examined.rules():
        since, until = rule.scope.since, rule.scope.until
        if since is not None and now < since <= examined.day:
            days.append((since, rule.id, "comes into force"))
        if until is not None and now <= until < examined.day:
            days.append((until, rule.id, "is in force for the last time"))
    for policy in examined.book.policies:
        ending = [each for each in policy.relaxations if now <= each.until < examined.day]
        days += [(each.until, each.rule, f"is relaxed by {each.by} for the last time") for each in ending]
    return [f"{day}: {rule} {what}" for day, rule, what in sorted(days)]
