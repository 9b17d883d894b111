"""From policy files to the Book: all of them, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path

from gateway.policy.book import ELSEWHERE, Book, Policy
from gateway.policy.model import PolicyWritten, RelaxationWritten, RuleWritten
from gateway.policy.rule import ALL, Relaxation, Rule
from gateway.policy.scope import UNKNOWN, Scope
from gateway.words.decision import Action
from gateway.yamlfile import BadFile, Document, Problem, Way, parsed

SIGNOFF = "signoff.yaml"  # stands beside the policies and is none: who has signed which contents

_ACTIONS = {"defer": Action.DEFER, "block": Action.BLOCK}


def policy_paths(folder: Path) -> list[Path]:
    """The policy files of a folder, by name."""
    return sorted(path for path in folder.glob("*.yaml") if path.name != SIGNOFF)


class PolicyFolder:
    """A folder of policy files. What did not change since it was loaded before is not read anew."""

    def __init__(self, path: Path, packs: Sequence[str] = ()) -> None:
        """`packs`: the names of the policies that are in force; none named: all of the folder."""
        self.path = path
        self._packs = packs
        self._known: dict[tuple[str, bytes], Policy] = {}

    def files(self) -> dict[str, bytes]:
        """The policy files' contents by name. Raises BadFile."""
        paths = policy_paths(self.path)
        if not paths:
            why = "holds no policy file; `smsgate init` writes the shipped ones"
            raise BadFile([Problem(str(self.path), 1, 1, why)])
        return {path.name: _content(path) for path in paths}

    def load(self, files: Mapping[str, bytes] | None = None) -> Book:
        """The policies of the folder, or of these files of it. Raises BadFile with every problem of every file."""
        contents = self.files() if files is None else files
        policies, problems = list[Policy](), list[Problem]()
        for name, raw in contents.items():
            try:
                policies.append(self._parsed(name, raw))
            except BadFile as error:
                problems += error.problems
        book = assembled(self.path, policies, problems, contents, self._packs)
        self._known = {key: policy for key, policy in self._known.items() if contents.get(key[0]) == key[1]}
        return book

    def _parsed(self, name: str, raw: bytes) -> Policy:
        known = self._known.get((name, raw))
        if known is None:
            known = self._known[name, raw] = parse(Document.read(raw, str(self.path / name)))
        return known


def assembled(
    folder: Path,
    policies: Sequence[Policy],
    problems: Sequence[Problem],
    files: Mapping[str, bytes],
    packs: Sequence[str] = (),
) -> Book:
    """The policies that are in force of those that these files hold. Raises BadFile with those problems and others."""
    found = [*problems, *_twice(policies)]
    chosen = policies if found else _chosen(folder, policies, packs, found)
    if found:
        raise BadFile(found)
    return Book(tuple(chosen), revision_of(files, packs))


def _chosen(
    folder: Path, policies: Sequence[Policy], packs: Sequence[str], problems: list[Problem]
) -> Sequence[Policy]:
    """Those that are in force; what is wrong with the choice is added to the problems."""
    names = [policy.name for policy in policies]
    for pack in packs:
        if pack not in names:
            why = f"no policy is named `{pack}`, as `packs` wants{_nearest(pack, names)}"
            problems.append(Problem(str(folder), 1, 1, why))
    chosen = [policy for policy in policies if not packs or policy.name in packs or ELSEWHERE in policy.countries]
    if not problems and not any(ELSEWHERE in policy.countries for policy in chosen):
        why = 'holds no policy for country "*"; without one, a country with no policy of its own would bind nothing'
        problems.append(Problem(str(folder), 1, 1, why))
    return chosen


def load_book(folder: Path, packs: Sequence[str] = ()) -> Book:
    """The policies of a folder. Raises BadFile with every problem of every file."""
    return PolicyFolder(folder, packs).load()


def revision_of(files: Mapping[str, bytes], packs: Sequence[str] = ()) -> str:
    """Names a set of policies by what is in it."""
    return digest_of(files, packs)[:12]


def digest_of(files: Mapping[str, bytes], packs: Sequence[str] = ()) -> str:
    """SHA-256 of a set of policies, in hexadecimal."""
    contents = sha256(" ".join(packs).encode())
    for name, raw in files.items():
        contents.update(b"%b %d\n%b" % (name.encode(), len(raw), raw))
    return contents.hexdigest()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadFile([Problem(str(path), 1, 1, f"can't be read: {error.strerror}")]) from error


def _nearest(name: str, names: Sequence[str]) -> str:
    near = get_close_matches(name, names, n=1)
    return f"; did you mean `{near[0]}`?" if near else ""


@dataclass(frozen=True, slots=True)
class Source:
    """A policy file that loads: as it is written, where each thing stands, and what comes of it."""

    document: Document
    written: PolicyWritten
    policy: Policy

    def place(self, rule: str) -> Way:
        """Where the rule of that id stands."""
        return ("rules", [f"{self.written.policy}/{each.id}" for each in self.written.rules].index(rule))


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
    opt_out = written.opt_out.made() if written.opt_out else None
    opt_in = written.opt_in.made() if written.opt_in else None
    countries = frozenset(written.country)
    policy = Policy(written.policy, countries, tuple(rules), tuple(relaxations), document.path, opt_out, opt_in)
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
        within=written.within,
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
