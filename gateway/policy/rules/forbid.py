"""`forbid: {words: [casino], hosts: [bit.ly], numbers: [card]}` - what a text must not hold.

`otherwise: mask` blots it out instead of holding the message back. `forbid: everything` closes a category, `forbid:
unreadable` what the carrier has the text of, or nobody can read: templates, other channels, binary messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, model_validator

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Matching, Words
from gateway.text.pattern import Pattern
from gateway.words.decision import Action, Edit, Placing, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written, listed

SensitiveNumber = Literal["card", "iban"]
SHORT = ("everything", "unreadable")  # each alone stands for itself and true

# Letters, digits and dots that may be a host, with or without a scheme before it.
_HOST = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[^\W\d_]{2,24})(?![\w@])", re.IGNORECASE)
_DIGITS = re.compile(r"(?<![\d+])\d(?:[ -]?\d){12,18}(?![\d])")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")


class ForbidWritten(Written):
    """Words (whole ones, in any case), patterns (RE2), hosts of links with all below them, numbers of cards, IBANs."""

    words: Words = ()
    patterns: Annotated[tuple[Matching, ...], BeforeValidator(listed)] = ()
    hosts: Words = ()
    numbers: Annotated[tuple[SensitiveNumber, ...], BeforeValidator(listed)] = ()
    everything: bool = False
    unreadable: bool = False

    OTHERWISE: ClassVar = ("block", "mask")

    @model_validator(mode="before")
    @classmethod
    def _may_be_short(cls, value: Any) -> Any:
        return {value: True} if value in SHORT else value

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = (self.words, self.patterns, self.hosts, self.numbers, self.everything, self.unreadable)
        if not any(said):
            raise ValueError("forbids nothing; write words, patterns, hosts or numbers")
        return self

    def kind(self, scope: Scope) -> Forbid:
        words = (_any_of(map(_whole, self.words)),) if self.words else ()
        hosts = frozenset(host.lower() for host in self.hosts)
        named = _any_of(map(re.escape, hosts)) if hosts else None
        return Forbid((*words, *self.patterns), hosts, named, self.numbers, self.everything, self.unreadable)


def _any_of(patterns: Iterable[str]) -> Pattern:
    """All in one, the longest first: a text is gone through once, however many they are."""
    return Pattern(f"(?i){'|'.join(sorted(patterns, key=lambda each: (-len(each), each)))}")


def _whole(word: str) -> str:
    """Not inside another word, where its ends are letters that RE2 knows the ends of words by (ASCII)."""
    start, end = (r"\b" * (end.isascii() and end.isalnum()) for end in (word[0], word[-1]))
    return f"{start}{re.escape(word)}{end}"


@dataclass(frozen=True, slots=True)
class Forbid:
    """Content that may not leave. Never says which: the finding is read by people who may not see the text."""

    patterns: tuple[Pattern, ...]
    hosts: frozenset[str]
    named: Pattern | None  # finds the names of hosts, in links or not: most texts have none, and are done with
    numbers: tuple[SensitiveNumber, ...]
    everything: bool = False
    unreadable: bool = False

    NAME: ClassVar = "forbid"
    REASON: ClassVar = Reason.CONTENT

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if self.everything:
            return Seen(f"{message.category} may not be sent here")
        if self.unreadable and message.text is None:
            return Seen("the text is not known here, so that nobody can say what is sent", Action.BLOCK)
        found = self._found(message.text) if message.text else None
        if not found:
            return None
        spans = tuple(sorted({span for several in found.values() for span in several}))
        return Seen(f"the text holds {' and '.join(found)}", edit=Edit(Placing.TEXT, ("*",), spans))

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        if message.text is None:
            return "the text is not known here"
        return "the text is known here" if self.asks_for_text_only else "the text holds nothing that is forbidden"

    @property
    def asks_for_text_only(self) -> bool:
        """Whether what is in a text doesn't matter, as long as it can be read."""
        return self.unreadable and not (self.patterns or self.hosts or self.numbers)

    @property
    def reads_none(self) -> bool:
        """Whether it looks for nothing in a text."""
        return self.everything or self.asks_for_text_only

    def _found(self, text: str) -> Mapping[str, list[tuple[int, int]]]:
        """By what it is, where it stands."""
        found = {}
        if words := [span for pattern in self.patterns for span in pattern.spans(text)]:
            found["a forbidden word"] = words
        if self.named and "." in text and self.named.found_in(text) and (links := list(self._links(text))):
            found["a link to a forbidden host"] = links
        if "card" in self.numbers and (cards := list(_cards(text))):
            found["a card number"] = cards
        if "iban" in self.numbers and (accounts := list(_accounts(text))):
            found["a bank account"] = accounts
        return found

    def _links(self, text: str) -> Iterator[tuple[int, int]]:
        for link in _HOST.finditer(text):
            if not self.hosts.isdisjoint(_above(link[1].lower())):
                yield link.span()


def _above(host: str) -> Iterable[str]:
    """`a.bit.ly`, `bit.ly`, `ly`."""
    parts = host.split(".")
    return (".".join(parts[start:]) for start in range(len(parts)))


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for found in _DIGITS.finditer(text):
        if _luhn([int(digit) for digit in found[0] if digit.isdigit()]):
            yield found.span()


def _luhn(digits: list[int]) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]  # noqa: PLR2004
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    """IBANs whose check digits are right (ISO 13616)."""
    for found in _IBAN.finditer(text):
        bare = found[0].replace(" ", "")
        if int("".join(str(int(each, 36)) for each in bare[4:] + bare[:4])) % 97 == 1:
            yield found.span()
