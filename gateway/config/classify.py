"""What a message is, and whose: legacy systems can't be changed to say it, so rules tell it from what they send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.text.pattern import Pattern
from gateway.words.message import Draft
from gateway.words.program import DEFAULT_PROGRAM, Category, Program
from gateway.words.wire import Headers, header


@dataclass(frozen=True, slots=True)
class Rule:
    """All that is given must be so; empty means any."""

    senders: frozenset[str] = frozenset()
    upstreams: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    headers: tuple[tuple[bytes, Pattern], ...] = ()
    text: Pattern | None = None
    program: Program | None = None
    category: Category | None = None
    subject: str = ""

    def fits(self, draft: Draft, upstream: str, headers: Headers, clients: Sequence[str]) -> bool:
        if self.senders and draft.sender.value not in self.senders:
            return False
        if (self.upstreams and upstream not in self.upstreams) or (self.clients and self.clients.isdisjoint(clients)):
            return False
        if self.text and not (draft.text and self.text.found_in(draft.text)):
            return False
        return all(_matches(pattern, header(headers, name)) for name, pattern in self.headers)


def _matches(pattern: Pattern, value: bytes | None) -> bool:
    return value is not None and pattern.found_in(value.decode("latin-1"))


class Classifier:
    """The rules in order, then the sender's program, then its category; what nothing tells of is marketing."""

    def __init__(self, rules: Sequence[Rule] = (), programs: Sequence[Program] = ()) -> None:
        self._rules = rules
        # An operator may give the program of all other senders a brand and a language, under its name.
        self._otherwise = next((each for each in programs if each.name == DEFAULT_PROGRAM.name), DEFAULT_PROGRAM)
        self._by_sender: Mapping[str, Program] = {s: program for program in programs for s in program.senders}

    def classify(
        self,
        draft: Draft,
        upstream: str,
        headers: Headers,
        clients: Sequence[str],
        otherwise: Category | None = None,
        own: Program | None = None,
    ) -> tuple[Program, Category, str]:
        """Its program, its category, and its subject in the site's own word.

        `otherwise`: what it is where no rule tells; None: what its program's are. `own`: whose it is, whatever it says.
        """
        program = own or self._by_sender.get(draft.sender.value, self._otherwise)
        for rule in self._rules:
            if rule.fits(draft, upstream, headers, clients):
                program = own or rule.program or program
                subject = rule.subject or (program.subject if rule.category is None else "")
                return program, rule.category or otherwise or program.category, subject
        return program, otherwise or program.category, "" if otherwise else program.subject

    def categories(self, program: Program) -> frozenset[Category]:
        """What a message of this program can turn out to be."""
        return frozenset([program.category, *(rule.category for rule in self._rules if rule.category)])
