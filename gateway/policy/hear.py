"""What a recipient's reply means, and what it changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.text.keyword import Intent, keyword_of
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.message import Inbound


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reply understood: what it asks for (None: nothing that we act on), and the words that decided it."""

    intent: Intent | None = None
    matched: str = ""


def heard(inbound: Inbound, country: str) -> Hearing:
    """What the recipient wants. A carrier that has acted on the reply already has understood it as we must."""
    if inbound.carrier_acted in _ACTED:
        return Hearing(_ACTED[inbound.carrier_acted], inbound.carrier_acted)
    keyword = keyword_of(inbound.text, country)
    return Hearing(keyword.intent, keyword.word) if keyword else Hearing()


_ACTED = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}


def opt_out(inbound: Inbound, now: datetime) -> Suppression:
    """The suppression that an opt-out by reply leaves: of everything, until scopes are asked for and told apart."""
    return Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", now, inbound.text)
