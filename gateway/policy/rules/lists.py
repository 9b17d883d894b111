"""`list: {any: [us-dnc]}` - nothing to numbers on one of these lists: registries, litigators, a site's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from gateway.policy.rules.seen import Seen
from gateway.policy.scope import Scope
from gateway.policy.terms import Id
from gateway.words.decision import Reason
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.yamlfile import Written, listed


class ListWritten(Written):
    """The lists' names, as they are imported under."""

    any: Annotated[tuple[Id, ...], BeforeValidator(listed), Field(min_length=1)]

    OTHERWISE: ClassVar = ("block",)

    @model_validator(mode="before")
    @classmethod
    def _may_be_short(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"any": listed(value)}

    def kind(self, scope: Scope) -> Listed:
        return Listed(self.any)


@dataclass(frozen=True, slots=True)
class Listed:
    """A number that is on none of these lists."""

    names: tuple[str, ...]

    NAME: ClassVar = "list"
    REASON: ClassVar = Reason.LIST

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        if not facts.lists:
            return None
        on = [name for name in self.names if name in facts.lists]
        return Seen(f"the number is on the list {', '.join(on)}") if on else None

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        return f"on none of the lists {', '.join(self.names)}"
