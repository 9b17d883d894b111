"""`instruct: {on: every, text: {en: ["Reply STOP to opt out"]}}` - how to opt out, said in the text's own language.

`on: first` says it in the program's first accepted message, `on: {days: 30}` again after that long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.policy.scope import Scope
from gateway.text.instruction import has_instruction
from gateway.text.language import language_of
from gateway.words.decision import Action, Edit, Finding, Placing
from gateway.words.facts import Facts
from gateway.words.message import Message


@dataclass(frozen=True, slots=True)
class Instruct:
    """`again` is after how long it is said again: zero in every message, None only in the first."""

    id: str
    scope: Scope
    edits: Mapping[str, Edit]  # by language, the first one where no other fits
    again: timedelta | None
    cites: str
    observed: bool = False

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        if not message.text or not self._due(facts, at) or has_instruction(message.text):
            return None
        otherwise = message.program.language.partition("-")[0]  # es-US speaks es
        edit = self.edits.get(language_of(message.text, otherwise)) or next(iter(self.edits.values()))
        return Finding(self.id, Action.SEND, "tells how to opt out", self.cites, edit=edit, observed=self.observed)

    def _due(self, facts: Facts, at: datetime) -> bool:
        if facts.instructed is None:
            return True
        return self.again is not None and at - facts.instructed >= self.again


def edits_of(text: Mapping[str, tuple[str, ...]]) -> Mapping[str, Edit]:
    return {language: Edit(Placing.INSTRUCT, variants) for language, variants in text.items()}
