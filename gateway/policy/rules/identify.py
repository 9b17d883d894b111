"""`identify: {by: brand, add: "{brand}: "}` - the text says whose it is.

`by: contact` asks for the program's contact, `by: either` for one of the two. What is missing is added: before the
text, or behind it with `place: after`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from gateway.policy.rules.seen import Seen
from gateway.policy.rules.wording import filled
from gateway.policy.scope import Scope
from gateway.policy.terms import Wording
from gateway.text.letters import plain
from gateway.words.decision import Action, Edit, Placing, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.words.number import SenderKind
from gateway.words.program import Program
from gateway.yamlfile import Written, listed

By = Literal["brand", "contact", "either"]
Where = Literal["before", "after"]


class IdentifyWritten(Written):
    """What the text must hold, and what is added where it doesn't: wordings with {brand} and {contact}."""

    by: By = "brand"
    add: Annotated[tuple[Wording, ...], BeforeValidator(listed), Field(min_length=1)] = ("{brand}: ",)
    place: Where = "before"

    OTHERWISE: ClassVar = ("block",)

    def kind(self, scope: Scope) -> Identify:
        return Identify(self.by, self.add, self.place)


@dataclass(frozen=True, slots=True)
class Identify:
    """Who sends. An alphanumeric sender that is the brand says so by itself."""

    by: By
    add: tuple[str, ...]
    place: Where

    NAME: ClassVar = "identify"
    REASON: ClassVar = Reason.CONTENT

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if not message.text or self._is_said(message):
            return None
        variants = filled(self.add, message.program)
        if not variants:
            what = "brand and contact" if self.by == "either" else self.by
            return Seen(f"program `{message.program.name}` has no {what} that could be named; write it", Action.SEND)
        placing = Placing.IDENTIFY if self.place == "before" else Placing.IDENTIFY_AFTER
        return Seen("says who sends", Action.SEND, edit=Edit(placing, tuple(variants)))

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return "the text says who sends" if message.text else "the text is not known here"

    def _is_said(self, message: Message) -> bool:
        names = _names(self.by, message.program)
        said = plain(message.text or "")
        if message.sender.kind is SenderKind.ALPHANUMERIC and self.by != "contact":
            said += f"\n{plain(message.sender.value)}"
        return any(plain(name) in said for name in names)


def _names(by: By, program: Program) -> list[str]:
    wanted = {"brand": (program.brand,), "contact": (program.contact,), "either": (program.brand, program.contact)}
    return [name for name in wanted[by] if name]
