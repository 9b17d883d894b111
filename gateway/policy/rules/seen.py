"""What a kind of rule is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from gateway.words.decision import Action, Edit, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message


@dataclass(frozen=True, slots=True)
class Seen:
    """Something that a rule has to say of a message. Without an action of its own, the rule's `otherwise` is done."""

    why: str  # for people; holds no number and no text
    action: Action | None = None
    not_before: datetime | None = None
    edit: Edit | None = None


class Kind(Protocol):
    """What is particular to one kind of rule. Where and when a rule holds is not its business."""

    NAME: ClassVar[str]
    REASON: ClassVar[Reason]  # of its "no"

    def see(self, message: Message, facts: Facts, at: datetime) -> Seen | None:
        """What stands against the message, or must be changed in it; None where nothing does."""

    def passed(self, message: Message, facts: Facts, at: datetime) -> str:
        """What was looked at, where nothing was seen: for people, holds no number and no text."""
