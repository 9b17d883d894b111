"""`consent: {accept: [express-written, {kind: purchase, within: 18 months}]}` - who may be sent this at all.

The consents that count are of the message's own program and category, and no older than their rule says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Span, Within
from gateway.words.decision import Reason
from gateway.words.facts import Consent, ConsentKind, Facts
from gateway.words.message import Message
from gateway.words.program import Category
from gateway.yamlfile import Written, listed


class AcceptedWritten(Written):
    """A kind of consent, or any; `within` its longest age; confirmed (double opt-in); for the night too."""

    kind: ConsentKind | None = None
    within: Within | None = None
    confirmed: bool = False
    night: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.kind or self.within or self.confirmed or self.night):
            raise ValueError("says nothing of the consent; write its kind, as in express-written")
        return self

    def made(self) -> Accepted:
        return Accepted(self.kind, self.within, self.confirmed, self.night)


def _one(value: object) -> object:
    return value if isinstance(value, Mapping) else {"kind": value}


def accepted(value: object) -> object:
    """One, or several; each a mapping or the name of its kind."""
    return [_one(each) for each in value] if isinstance(value, list) else [_one(value)]


Accepting = Annotated[tuple[AcceptedWritten, ...], BeforeValidator(accepted), Field(min_length=1)]


class ConsentWritten(Written):
    """The kinds of consent that are enough, each with its longest age."""

    accept: Accepting

    OTHERWISE: ClassVar = ("block",)

    @model_validator(mode="before")
    @classmethod
    def _may_be_short(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"accept": listed(value)}

    def kind(self, scope: Scope) -> ConsentRule:
        return ConsentRule(tuple(each.made() for each in self.accept))


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a consent must be to count. None: any kind, any age."""

    kind: ConsentKind | None = None
    within: Span | None = None
    confirmed: bool = False
    night: bool = False

    def covers(self, consent: Consent, message: Message, at: datetime) -> bool:
        if consent.at > at or (consent.expires is not None and consent.expires <= at):
            return False
        if (self.confirmed and not consent.confirmed) or (self.night and not consent.night):
            return False
        if self.kind is not None and consent.kind is not self.kind:
            return False
        if not _is_to(message, consent):
            return False
        return self.within is None or consent.at > self.within.before(at)

    def __str__(self) -> str:
        words = ["confirmed"] * self.confirmed + ["night"] * self.night + [self.kind or "any kind"]
        return " ".join(words) + (f" within {self.within.said}" if self.within else "")


def _is_to(message: Message, consent: Consent) -> bool:
    """Of its program and category; a request to confirm is about the program, whatever it is that was agreed to."""
    if consent.program != message.program.name:
        return False
    return message.category is Category.CONSENT_REQUEST or message.category in consent.categories


def covered(accepted: Sequence[Accepted], message: Message, facts: Facts, at: datetime) -> Consent | None:
    """The first consent on record that one of these accepts."""
    for consent in facts.consents:
        for each in accepted:
            if each.covers(consent, message, at):
                return consent
    return None


@dataclass(frozen=True, slots=True)
class ConsentRule:
    """Somebody agreed to this."""

    accept: tuple[Accepted, ...]

    NAME: ClassVar = "consent"
    REASON: ClassVar = Reason.NO_CONSENT

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if covered(self.accept, message, facts, at):
            return None
        kinds = " or ".join(map(str, self.accept))
        return Seen(f"no consent to {message.category} is on record that counts; it needs {kinds}")

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        consent = covered(self.accept, message, facts, at)
        return f"{consent.kind} consent of {consent.at:%Y-%m-%d} ({consent.method})" if consent else ""
