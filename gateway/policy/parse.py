"""From policy files to the Book: all of them, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from gateway.policy.book import ELSEWHERE, Book, Policy
from gateway.policy.model import EveryDays, PolicyWritten, RuleWritten
from gateway.policy.rules import Hours, Instruct, Rule
from gateway.policy.rules.hours import week_of
from gateway.policy.rules.instruct import edits_of
from gateway.policy.scope import UNKNOWN, Scope
from gateway.words.decision import Action
from gateway.yamlfile import BadFile, Document, Problem, parsed

_ACTIONS = {"defer": Action.DEFER, "block": Action.BLOCK}


def load_book(folder: Path) -> Book:
    """The policies of a folder. Raises BadFile with every problem of every file."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise BadFile([Problem(str(folder), 1, 1, "holds no policy file; `smsgate init` writes the shipped ones")])
    policies, problems, contents = [], [], sha256()
    for path in paths:
        try:
            raw = path.read_bytes()
            contents.update(b"%b %d\n%b" % (path.name.encode(), len(raw), raw))
            policies.append(parse(Document.read(raw, str(path))))
        except OSError as error:
            problems.append(Problem(str(path), 1, 1, f"can't be read: {error.strerror}"))
        except BadFile as error:
            problems += error.problems
    problems += _twice(policies)
    if not problems and not any(ELSEWHERE in policy.countries for policy in policies):
        why = 'holds no policy for country "*"; without one, a country with no policy of its own would bind nothing'
        problems.append(Problem(str(folder), 1, 1, why))
    if problems:
        raise BadFile(problems)
    return Book(tuple(policies), contents.hexdigest()[:12])


def parse(document: Document) -> Policy:
    """Raises BadFile."""
    written = parsed(document, PolicyWritten)
    if problems := [*_repeated(document, written), *_abroad(document, written)]:
        raise BadFile(problems)
    rules = [_rule(written.policy, rule) for rule in written.rules if rule.enforce != "off"]
    return Policy(written.policy, frozenset(written.country), tuple(rules), document.path)


def _rule(policy: str, written: RuleWritten) -> Rule:
    id_, scope = f"{policy}/{written.id}", Scope.of(written)
    cites = f"{written.cite} (unverified)" if written.cite and written.verified == "unverified" else written.cite
    observed = written.enforce == "observe"
    if written.hours:
        return Hours(id_, scope, week_of(written.hours), _ACTIONS[written.otherwise], cites, observed)
    assert written.instruct is not None, "the model takes exactly one kind"  # noqa: S101
    again = _again(written.instruct.on)
    return Instruct(id_, scope, edits_of(written.instruct.text), again, cites, observed)


def _again(on: str | EveryDays) -> timedelta | None:
    if isinstance(on, EveryDays):
        return timedelta(days=on.days)
    return timedelta(0) if on == "every" else None


def _repeated(document: Document, written: PolicyWritten) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(written.rules):
        if rule.id in seen:
            yield document.problem(
                ("rules", index, "id"), f"another rule is named `{rule.id}` too; give each its own id"
            )
        seen.add(rule.id)


def _abroad(document: Document, written: PolicyWritten) -> Iterable[Problem]:
    """Regions of a country that the policy is not for: the rule would never hold."""
    for index, rule in enumerate(written.rules):
        for region in rule.when.region:
            if region != UNKNOWN and region[:2] not in written.country:
                why = f"`{region}` is in no country of this policy ({', '.join(written.country)})"
                yield document.problem(("rules", index, "when", "region"), why)


def _twice(policies: Iterable[Policy]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for policy in policies:
        if policy.name in seen:
            why = f"policy `{policy.name}` is in {seen[policy.name]} already; give each its own name"
            yield Problem(policy.path, 1, 1, why)
        seen[policy.name] = policy.path
