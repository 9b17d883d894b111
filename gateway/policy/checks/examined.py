"""What is checked, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.policy.book import UNREADABLE, Book
from gateway.policy.model import RuleWritten
from gateway.policy.parse import Source
from gateway.policy.rule import Rule
from gateway.policy.source import Sources
from gateway.yamlfile import Problem, Way


class Level(StrEnum):
    """The worst first."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be said of a place in a file. `code` names what kind of thing: `shadowed`, `opt-out-word`."""

    problem: Problem
    level: Level
    code: str

    def __str__(self) -> str:
        at = self.problem
        return f"{at.path}:{at.line}:{at.column}: {self.level}: {at.message}"

    def told(self) -> dict[str, object]:
        at = self.problem
        return {
            "file": at.path,
            "line": at.line,
            "column": at.column,
            "level": self.level,
            "code": self.code,
            "message": at.message,
        }


@dataclass(frozen=True, slots=True)
class Known:
    """Names of a site's configuration that rules may speak of."""

    programs: frozenset[str]
    upstreams: frozenset[str]
    has_links: bool = True  # whether texts can hold opt-out links


@dataclass(frozen=True, slots=True)
class Examined:
    """A set of policies that load, looked at as of a day. `known` is None where no configuration was named."""

    sources: Sources
    book: Book
    day: date
    known: Known | None = None
    _home: dict[str, Source] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        home = {f"{source.written.policy}/{rule.id}": source for source, rule in self.written()}
        object.__setattr__(self, "_home", home)

    def written(self) -> Iterator[tuple[Source, RuleWritten]]:
        """Every rule as it is written, those that are switched off too."""
        return ((source, rule) for source in self.sources.loaded for rule in source.written.rules)

    @property
    def rule_ids(self) -> list[str]:
        """Those that a policy may relax."""
        return [*self._home, UNREADABLE.id]

    def rules(self) -> Iterator[Rule]:
        """Every rule that is on or observed, with no relaxation yet."""
        return (rule for policy in self.book.policies for rule in policy.rules)

    def at_rule(self, rule: str, message: str, level: Level, code: str, within: Way = ()) -> Remark:
        """Said at a rule, or at a value within it."""
        source = self._home[rule]
        return Remark(source.document.problem((*source.place(rule), *within), message), level, code)

    def origin(self, rule: str) -> str:
        """`policies/us-fl.yaml:12:5`."""
        if rule == UNREADABLE.id:
            return "always on"
        source = self._home[rule]
        at = source.document.problem(source.place(rule), "")
        return f"{at.path}:{at.line}:{at.column}"

    def order(self, rule: str) -> tuple[str, int]:
        """Where it stands among all rules."""
        source = self._home[rule]
        return (source.written.policy, int(source.place(rule)[1]))


def said_at(source: Source, where: Way, message: str, level: Level, code: str) -> Remark:
    """Said at a value of a file."""
    return Remark(source.document.problem(where, message), level, code)
