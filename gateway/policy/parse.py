"""From policy files to the Book: all of them, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from gateway.policy.book import ELSEWHERE, Book, Policy
from gateway.policy.model import PolicyWritten, RelaxationWritten, RuleWritten
from gateway.policy.rule import ALL, Relaxation, Rule
from gateway.policy.scope import UNKNOWN, Scope
from gateway.words.decision import Action
from gateway.yamlfile import BadFile, Document, Problem, Way, parsed

_ACTIONS = {"defer": Action.DEFER, "block": Action.BLOCK}


SIGNOFF = "signoff.yaml"  # stands beside the policies and is none: who has signed which contents


@dataclass(frozen=True, slots=True)
class Source:
    """A policy file that loads: as it is written, where each thing stands, and what comes of it."""

    document: Document
    written: PolicyWritten
    policy: Policy

    def place(self, rule: str) -> Way:
        """Where the rule of that id stands."""
        return ("rules", [f"{self.written.policy}/{each.id}" for each in self.written.rules].index(rule))


@dataclass(frozen=True, slots=True)
class Sources:
    """A set of policy files: those that load, and all that is wrong with the others. `contents`: the hash of all."""

    folder: str
    loaded: tuple[Source, ...]
    problems: tuple[Problem, ...]
    contents: str

    def book(self) -> Book:
        """Raises BadFile with every problem of every file."""
        if self.problems:
            raise BadFile(self.problems)
        return Book(tuple(source.policy for source in self.loaded), self.contents[:12])


def load_book(folder: Path) -> Book:
    """The policies of a folder. Raises BadFile with every problem of every file."""
    return load_sources(folder).book()


def load_sources(folder: Path) -> Sources:
    files, problems = dict[Path, bytes](), []
    for path in sorted(folder.glob("*.yaml")):
        if path.name == SIGNOFF:
            continue
        try:
            files[path] = path.read_bytes()
        except OSError as error:
            problems.append(Problem(str(path), 1, 1, f"can't be read: {error.strerror}"))
    return sources_of(files, folder, problems)


def sources_of(files: Mapping[Path, bytes], folder: Path, problems: Sequence[Problem] = ()) -> Sources:
    """Of these files' contents, as they stood in the folder."""
    loaded, found, contents = [], [*problems], sha256()
    for path, raw in files.items():
        contents.update(b"%b %d\n%b" % (path.name.encode(), len(raw), raw))
        try:
            loaded.append(read_source(Document.read(raw, str(path))))
        except BadFile as error:
            found += error.problems
    if not files and not found:
        why = "holds no policy file; `smsgate init` writes the shipped ones"
        found.append(Problem(str(folder), 1, 1, why))
    found += _twice([source.policy for source in loaded])
    if not found and not any(ELSEWHERE in source.policy.countries for source in loaded):
        why = 'holds no policy for country "*"; without one, a country with no policy of its own would bind nothing'
        found.append(Problem(str(folder), 1, 1, why))
    return Sources(str(folder), tuple(loaded), tuple(sorted(found)), contents.hexdigest())


def parse(document: Document) -> Policy:
    """Raises BadFile."""
    return read_source(document).policy


def read_source(document: Document) -> Source:
    """Raises BadFile."""
    written = parsed(document, PolicyWritten)
    if problems := [*_repeated(document, written), *_abroad(document, written)]:
        raise BadFile(problems)
    rules = [_rule(written, rule) for rule in written.rules if "off" not in {rule.enforce, written.enforce}]
    relaxations = [_relaxation(each) for each in written.relaxations]
    policy = Policy(written.policy, frozenset(written.country), tuple(rules), tuple(relaxations), document.path)
    return Source(document, written, policy)


def _rule(policy: PolicyWritten, written: RuleWritten) -> Rule:
    scope, body = _scope(written, policy.region), written.body
    otherwise = written.otherwise or body.OTHERWISE[0]
    share = written.share if written.share is not None else policy.share
    return Rule(
        f"{policy.policy}/{written.id}",
        body.kind(scope),
        scope,
        _ACTIONS.get(otherwise, Action.SEND),
        masks=otherwise == "mask",
        unless=tuple(each.made() for each in written.unless or ()),
        cites=f"{written.cite} (unverified)" if written.cite and written.verified == "unverified" else written.cite,
        observed="observe" in {written.enforce, policy.enforce},
        share=ALL if share is None else share,
    )


def _relaxation(written: RelaxationWritten) -> Relaxation:
    scope = replace(_scope(written), until=written.until)
    return Relaxation(written.rule, written.by, written.reason, written.until, scope, written.approved_by)


def _scope(written: RuleWritten | RelaxationWritten, regions: tuple[str, ...] = ()) -> Scope:
    when = written.when
    return Scope(
        categories=frozenset(written.categories),
        countries=frozenset(when.country),
        regions=frozenset(when.region or regions),
        programs=frozenset(when.program),
        senders=frozenset(when.sender),
        upstreams=frozenset(when.upstream),
        clients=frozenset(when.client),
        subjects=frozenset(when.subject),
        languages=frozenset(when.language),
        text=when.text,
        since=getattr(written, "since", None),
        until=written.until,
    )


def _repeated(document: Document, written: PolicyWritten) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, rule in enumerate(written.rules):
        if rule.id in seen:
            yield document.problem(
                ("rules", index, "id"), f"another rule is named `{rule.id}` too; give each its own id"
            )
        seen.add(rule.id)


def _abroad(document: Document, written: PolicyWritten) -> Iterable[Problem]:
    """Places that the policy is not for: the rule would never hold."""
    said: list[tuple[Way, tuple[str, ...]]] = [(("region",), written.region)]
    for index, rule in enumerate(written.rules):
        said += [(("rules", index, "when", what), getattr(rule.when, what)) for what in ("region", "country")]
    strange = [(where, place) for where, places in said for place in places if place != UNKNOWN]
    for where, place in strange:
        if place[:2] not in written.country:
            countries = ", ".join(written.country)
            yield document.problem(where, f"`{place}` is in no country of this policy ({countries})")


def _twice(policies: Iterable[Policy]) -> Iterable[Problem]:
    seen: dict[str, str] = {}
    for policy in policies:
        if policy.name in seen:
            why = f"policy `{policy.name}` is in {seen[policy.name]} already; give each its own name"
            yield Problem(policy.path, 1, 1, why)
        seen[policy.name] = policy.path
