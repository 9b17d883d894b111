"""`sender: {allow: [short-code, toll-free], registered: {alphanumeric: sg-ssir}}` - who may be named as the sender.

A sender whose type is to be registered must say so in its program: `registered: {ACME: [sg-ssir]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, model_validator

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope, SenderType, types_of
from gateway.policy.terms import Id
from gateway.words.decision import Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.words.number import SenderKind
from gateway.yamlfile import Written, listed

Types = Annotated[tuple[SenderType, ...], BeforeValidator(listed)]


class SenderWritten(Written):
    """The types that are allowed (none said: all), and the registers that types must be in."""

    allow: Types = ()
    registered: Mapping[SenderType, Id] = {}

    OTHERWISE: ClassVar = ("block",)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.allow and not self.registered:
            raise ValueError("write which types `allow`, or where they are `registered`")
        return self

    def kind(self, scope: Scope) -> SenderRule:
        return SenderRule(frozenset(self.allow), dict(self.registered))


@dataclass(frozen=True, slots=True)
class SenderRule:
    """What a sender may be. A message that names none is its carrier's to choose for."""

    allow: frozenset[SenderType]
    registered: Mapping[SenderType, str]

    NAME: ClassVar = "sender"
    REASON: ClassVar = Reason.SENDER

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if message.sender.kind in {SenderKind.NONE, SenderKind.POOL}:
            return None
        types = types_of(message.sender)
        if self.allow and self.allow.isdisjoint(types):
            return Seen(f"a sender of the type {types[-1]} is not allowed; use {' or '.join(sorted(self.allow))}")
        known = message.program.registered.get(message.sender.value, ())
        missing = [self.registered[each] for each in types if each in self.registered]
        if set(missing) <= set(known):
            return None
        return Seen(f"program `{message.program.name}` doesn't say that its sender is registered as {missing[0]}")

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return f"the sender is of the type {message.sender.kind}"
