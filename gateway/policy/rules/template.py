"""`template: {texts: ["Dear {#var#}, your code is {#var#}"]}` - the text must be one that was registered.

`{#var#}` stands for up to thirty characters. A program's own `templates` count too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Words
from gateway.text.pattern import Pattern
from gateway.words.decision import Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written

_BLANK = re.compile(r"\{#[a-z]+#\}")


class TemplateWritten(Written):
    """Texts that were registered, besides those of each program."""

    texts: Words = ()

    OTHERWISE: ClassVar = ("block",)

    def kind(self, scope: Scope) -> Template:
        return Template(self.texts)


@dataclass(frozen=True, slots=True)
class Template:
    """A text that matches a registered one from its beginning to its end."""

    texts: tuple[str, ...]

    NAME: ClassVar = "template"
    REASON: ClassVar = Reason.TEMPLATE

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if message.text is None:
            return Seen("the text is not known here, so that no template can be seen in it")
        templates = (*self.texts, *message.program.templates)
        if not templates:
            return Seen(f"program `{message.program.name}` has no registered templates; write them under `templates`")
        if any(pattern.found_in(message.text) for pattern in _compiled(templates)):
            return None
        return Seen(f"the text matches none of the {len(templates)} registered templates")

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return "the text matches a registered template"


@lru_cache(maxsize=256)
def _compiled(templates: tuple[str, ...]) -> Sequence[Pattern]:
    return [_pattern(template) for template in templates]


def _pattern(template: str) -> Pattern:
    fixed = [re.escape(part) for part in _BLANK.split(template.strip())]
    return Pattern(r"(?s)^\s*" + ".{0,30}".join(fixed) + r"\s*$")
