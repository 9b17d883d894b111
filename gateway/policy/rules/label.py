"""`label: {prefix: "(AD) "}` - words that the law wants at the beginning (or end) of the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self

from pydantic import model_validator

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Wording, Words
from gateway.words.decision import Action, Edit, Placing, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written


class LabelWritten(Written):
    """Exactly one of `prefix` and `suffix`; `accept` lists other spellings that are good where they stand already."""

    prefix: Wording | None = None
    suffix: Wording | None = None
    accept: Words = ()

    OTHERWISE: ClassVar = ("block",)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.prefix is None) == (self.suffix is None):
            raise ValueError("write `prefix` or `suffix`")
        return self

    def kind(self, scope: Scope) -> Label:
        return Label(self.prefix or self.suffix or "", self.prefix is not None, self.accept)


@dataclass(frozen=True, slots=True)
class Label:
    """A fixed label, before the text or behind it."""

    label: str
    leads: bool
    accept: tuple[str, ...] = ()

    NAME: ClassVar = "label"
    REASON: ClassVar = Reason.CONTENT

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if not message.text or self._stands(message.text):
            return None
        placing = Placing.LABEL if self.leads else Placing.LABEL_AFTER
        return Seen(f"is labelled {self.label.strip()}", Action.SEND, edit=Edit(placing, (self.label,)))

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return f"the text is labelled {self.label.strip()}" if message.text else "the text is not known here"

    def _stands(self, text: str) -> bool:
        told = text.strip().casefold()
        labels = tuple(each.strip().casefold() for each in (self.label, *self.accept))
        return told.startswith(labels) if self.leads else told.endswith(labels)
