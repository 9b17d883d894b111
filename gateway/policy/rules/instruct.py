"""`instruct: {on: every, text: {en: ["Reply STOP to opt out"]}}` - how to opt out, said in the text's own language.

`on: first` says it in the program's first accepted message, `on: {days: 30}` again after that long. A wording may hold
`{stop_number}`, `{brand}` or `{contact}` of the program, or `{{opt_out_link}}`; one whose value the program hasn't got
is not used. A text that has a link of ours already is not given another instruction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from gateway.policy.rules.seen import Seen
from gateway.policy.rules.wording import LINK, filled, missing
from gateway.policy.scope import Scope
from gateway.policy.terms import Language, Wording, one_or_many
from gateway.text.instruction import has_instruction
from gateway.text.language import language_of
from gateway.words.decision import Action, Edit, Placing, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written


class EveryDays(Written):
    days: int = Field(ge=1, le=3650)


class InstructWritten(Written):
    """The opt-out instruction: when, and its wordings by language, the preferred one first."""

    on: Literal["every", "first"] | EveryDays = "every"
    text: Annotated[
        Mapping[Language, Annotated[tuple[Wording, ...], Field(min_length=1)]],
        BeforeValidator(one_or_many),
        Field(min_length=1),
    ]

    OTHERWISE: ClassVar = ("block",)

    def kind(self, scope: Scope) -> Instruct:
        return Instruct({language: Edit(Placing.INSTRUCT, said) for language, said in self.text.items()}, self._again)

    @property
    def _again(self) -> timedelta | None:
        if isinstance(self.on, EveryDays):
            return timedelta(days=self.on.days)
        return timedelta(0) if self.on == "every" else None


@dataclass(frozen=True, slots=True)
class Instruct:
    """`again` is after how long it is said again: zero in every message, None only in the first."""

    edits: Mapping[str, Edit]  # by language, the first one where no other fits
    again: timedelta | None

    NAME: ClassVar = "instruct"
    REASON: ClassVar = Reason.CONTENT

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if not message.text or not self._due(facts, at) or has_instruction(message.text, message.program.links):
            return None
        otherwise = message.program.language.partition("-")[0]  # es-US speaks es
        edit = self.edits.get(language_of(message.text, otherwise)) or next(iter(self.edits.values()))
        variants = filled(edit.variants, message.program)
        if variants is edit.variants:
            return Seen("tells how to opt out", Action.SEND, edit=edit)
        if variants:
            return Seen("tells how to opt out", Action.SEND, edit=Edit(Placing.INSTRUCT, variants))
        lacks = " or ".join(_LACKING[name] for name in missing(edit.variants, message.program))
        why = f"program `{message.program.name}` has no {lacks}, so the text can't say how to opt out"
        return Seen(why, Action.BLOCK)

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        if not message.text:
            return "the text is not known here, so nothing can be added to it"
        return "the text says how to opt out" if self._due(facts, at) else "the recipient was told before"

    def _due(self, facts: Facts, at: datetime) -> bool:
        if facts.instructed is None:
            return True
        return self.again is not None and at - facts.instructed >= self.again


_LACKING = {
    "brand": "`brand`",
    "contact": "`contact`",
    "stop_number": "`stop_number`",
    LINK: "opt-out links (`links` in the configuration)",
}
