"""A recipient that is no number is not sent to. Always on."""

from __future__ import annotations

from datetime import datetime

from gateway.words.decision import Action, Finding, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message

_BAD = Finding(
    "gateway/number",
    Action.BLOCK,
    "the recipient is no phone number that can be texted; write it with + and country code: +12125550100",
    "E.164",
    Reason.BAD_NUMBER,
)


class Numbers:
    """No country's plan has it: wrong length, unknown area, letters."""

    id = "gateway/number"
    observed = False

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        return None if message.recipient else _BAD
