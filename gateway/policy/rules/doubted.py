"""Who may have asked to be left alone gets no advertising until a person has read what they wrote. Always on."""

from __future__ import annotations

from datetime import datetime

from gateway.words.decision import Action, Finding, Reason
from gateway.words.facts import Facts, SuppressionKind
from gateway.words.message import Message
from gateway.words.program import ADVERTISING

CITES = "47 CFR 64.1200(a)(10)"  # any reasonable manner of saying it counts


class Doubted:
    """A doubt is no opt-out: the client is not told that its recipient has opted out."""

    id = "gateway/doubt"
    observed = False

    def find(self, message: Message, facts: Facts, at: datetime) -> Finding | None:
        doubt = next((one for one in facts.suppressions if one.kind is SuppressionKind.DOUBT), None)
        if doubt is None or message.category not in ADVERTISING:
            return None
        why = f"a reply of {doubt.at:%Y-%m-%d} may be an opt-out; nothing of this kind is sent until it is judged"
        return Finding(self.id, Action.BLOCK, why, CITES, Reason.NO_CONSENT)
