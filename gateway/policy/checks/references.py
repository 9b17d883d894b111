"""Names that lead nowhere: programs, upstreams, rules, regions, lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher, get_close_matches
from itertools import combinations

from gateway.numbering.places import BRAZIL, NORTH_AMERICA
from gateway.policy.checks.examined import Examined, Level, Remark, said_at
from gateway.policy.model import When
from gateway.policy.parse import Source
from gateway.policy.rules import Listed
from gateway.yamlfile import Way

NEAR = 0.7  # of two parts of a name, by difflib's measure
SHORT = 2  # letters: the code of a country or state, which differs from others by as little as one

_REGIONS = {region for place in (*NORTH_AMERICA.values(), *BRAZIL.values()) for region in place.regions}
_DIVIDED = {region[:2] for region in _REGIONS}  # countries whose numbers tell the region


def names_of_the_site(examined: Examined) -> Iterator[Remark]:
    """Programs and upstreams that the configuration doesn't have."""
    if examined.known is None:
        return
    for source, way, what, names in _named(examined):
        known = getattr(examined.known, what)
        for name in names:
            if name not in known:
                why = f"the configuration has no {what[:-1]} `{name}`{_meant(name, known)}"
                yield said_at(source, way, why, Level.ERROR, "reference")


def _named(examined: Examined) -> Iterator[tuple[Source, Way, str, tuple[str, ...]]]:
    for source in examined.sources.loaded:
        written = source.written
        whens: list[tuple[Way, When]] = [(("rules", index), each.when) for index, each in enumerate(written.rules)]
        whens += [(("relaxations", index), each.when) for index, each in enumerate(written.relaxations)]
        for way, when in whens:
            yield source, (*way, "when", "program"), "programs", when.program
            yield source, (*way, "when", "upstream"), "upstreams", when.upstream


def relaxed_rules(examined: Examined) -> Iterator[Remark]:
    for source in examined.sources.loaded:
        for index, relaxation in enumerate(source.written.relaxations):
            if relaxation.rule not in examined.rule_ids:
                why = f"there is no rule `{relaxation.rule}` to relax{_meant(relaxation.rule, examined.rule_ids)}"
                yield said_at(source, ("relaxations", index, "rule"), why, Level.ERROR, "reference")


def regions(examined: Examined) -> Iterator[Remark]:
    """Regions that the policy is not for, or in which no number is, where a country's numbers tell their region."""
    for source in examined.sources.loaded:
        written = source.written
        ways: list[tuple[Way, tuple[str, ...]]] = [(("region",), written.region)]
        ways += [(("rules", index, "when", "region"), rule.when.region) for index, rule in enumerate(written.rules)]
        for way, region in ((way, region) for way, named in ways for region in named):
            if why := _out_of_place(region, written.region):
                yield said_at(source, way, why, Level.WARNING, "never-matches")


def _out_of_place(region: str, policy: tuple[str, ...]) -> str:
    if region[:2] in _DIVIDED and region not in _REGIONS:
        return f"no number is in `{region}`, so that this never holds{_meant(region, _REGIONS)}"
    if policy and region not in policy:
        return f"`{region}` is none of the regions that this policy is for ({', '.join(policy)})"
    return ""


def lists(examined: Examined) -> Iterator[Remark]:
    """Names of lists that look like one name spelled in two ways: one of the two would never be imported."""
    named = [(rule.id, name) for rule in examined.rules() if isinstance(rule.kind, Listed) for name in rule.kind.names]
    times = Counter(name for _, name in named)
    for one, other in combinations(sorted(times), 2):
        if _is_near(one, other):
            rare, usual = sorted((one, other), key=lambda name: times[name])
            rule = next(rule for rule, name in named if name == rare)
            why = f"the list `{rare}` is spelled much like `{usual}`; if they are one, give them one name"
            yield examined.at_rule(rule, why, Level.WARNING, "list-name", ("list",))


def _is_near(one: str, other: str) -> bool:
    """Hyphens apart, or a few letters of one part of the name; codes of countries and states must be the same."""
    if one.replace("-", "") == other.replace("-", ""):
        return True
    parts = list(zip(one.split("-"), other.split("-"), strict=False))
    differing = [pair for pair in parts if pair[0] != pair[1]]
    if one.count("-") != other.count("-") or len(differing) != 1:
        return False
    mine, theirs = differing[0]
    return min(len(mine), len(theirs)) > SHORT and SequenceMatcher(None, mine, theirs).ratio() >= NEAR


def _meant(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; did you mean `{near[0]}`?" if near else ""
