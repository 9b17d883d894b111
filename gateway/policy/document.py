"""The policies in force as a document for people who read law: by jurisdiction, each rule in a plain sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.policy.checks.examined import Examined
from gateway.policy.model import RuleWritten
from gateway.policy.optout import OptOutWritten
from gateway.policy.parse import Source
from gateway.policy.reminding import OptInWritten
from gateway.policy.rule import Relaxation, Rule
from gateway.policy.said import enforcement_said, relaxation_said, rule_said, section_said


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule, in words."""

    rule: str
    says: str
    cites: str  # with whether and when anybody has seen it
    enforcement: str
    relaxations: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """One policy: the rules of its countries."""

    policy: str
    title: str
    countries: str
    reviewed: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of them. `digest` is the SHA-256 of the files, `signed` who has put a name to it."""

    revision: str
    digest: str
    day: str
    signed: str
    chapters: tuple[Chapter, ...]

    def markdown(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"# Policies in force on {self.day}\n"
        yield f"Revision {self.revision}, {self.signed}. SHA-256 of the files: `{self.digest}`\n"
        for chapter in self.chapters:
            yield f"## {_plain(chapter.countries)}: {_plain(chapter.title)}\n"
            yield f"Policy `{chapter.policy}`, {chapter.reviewed}.\n"
            for clause in chapter.clauses:
                yield f"- **{clause.rule}**: {_plain(clause.says)}"
                yield f"  - {_plain(clause.cites)}; {clause.enforcement} (`{clause.origin}`)"
                yield from (f"  - {_plain(relaxation)}" for relaxation in clause.relaxations)
            yield ""


def _plain(text: str) -> str:
    """What Markdown would take for its own stands as it is written."""
    return re.sub(r"([\\*_\[\]<>#|])", r"\\\1", " ".join(text.split()))


def sheet(examined: Examined, signed: str) -> Sheet:
    """Of the rules that are in force on the day that is looked at; by country, the generic ones last."""
    relaxations = [each for policy in examined.book.policies for each in policy.relaxations if _holds(each, examined)]
    sources = sorted(examined.sources.loaded, key=lambda source: ("*" in source.written.country, source.policy.name))
    chapters = [_chapter(source, relaxations, examined) for source in sources]
    return Sheet(
        examined.book.revision,
        examined.sources.digest,
        str(examined.day),
        signed,
        tuple(chapter for chapter in chapters if chapter.clauses),
    )


def _holds(relaxation: Relaxation, examined: Examined) -> bool:
    return relaxation.until >= examined.day


def _chapter(source: Source, relaxations: list[Relaxation], examined: Examined) -> Chapter:
    written = source.written
    rules = {rule.id: rule for rule in source.policy.rules if _is_in_force(rule, examined)}
    clauses = (
        _clause(rules[id_], each, relaxations, examined.origin(id_))
        for each in written.rules
        if (id_ := f"{written.policy}/{each.id}") in rules
    )
    countries = "All other countries" if "*" in written.country else ", ".join(written.country)
    reviewed = f"reviewed on {written.reviewed}" if written.reviewed else "not reviewed"
    chapter = (*_sections(source), *clauses)
    return Chapter(written.policy, written.title or written.policy, countries, reviewed, chapter)


def _sections(source: Source) -> Iterator[Clause]:
    for name, said in source.written.sections.items():
        at = source.document.problem((name,), "")
        origin = f"{at.path}:{at.line}:{at.column}"
        yield Clause(f"{source.policy.name}/{name}", section_said(said.made()), _cites(said), "in force", (), origin)


def _is_in_force(rule: Rule, examined: Examined) -> bool:
    since, until = rule.scope.since or examined.day, rule.scope.until or examined.day
    return since <= examined.day <= until


def _clause(rule: Rule, written: RuleWritten, relaxations: list[Relaxation], origin: str) -> Clause:
    relaxed = (relaxation_said(each) for each in relaxations if each.rule == rule.id)
    return Clause(rule.id, rule_said(rule), _cites(written), enforcement_said(rule), tuple(relaxed), origin)


def _cites(written: RuleWritten | OptOutWritten | OptInWritten) -> str:
    if not written.cite:
        return "Cites nothing"
    on = f" on {written.verified_on}" if written.verified_on else ""
    return f"Cites {written.cite} ({written.verified}{on})"
