"""What a recipient's reply means, and what it changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.replies.classify import classify
from gateway.replies.keywords import Intent
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.message import Inbound


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reply understood: what it asks for, the words that decided it, and the topic that it ends where it names one.

    A doubtful opt-out counts until a person has judged it; a doubtful opt-in (a bare YES) lifts nothing.
    """

    intent: Intent
    matched: str = ""
    doubt: bool = False
    topic: str = ""


def heard(inbound: Inbound, country: str) -> Hearing:
    """What the recipient wants. A carrier that has acted on the reply already has understood it as we must."""
    if inbound.carrier_acted in _ACTED:
        return Hearing(_ACTED[inbound.carrier_acted], inbound.carrier_acted)
    said = classify(inbound.text, country)
    return Hearing(said.intent, said.matched, said.doubt, said.topic)


_ACTED = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}


def opt_out(inbound: Inbound, now: datetime) -> Suppression:
    """The suppression that an opt-out by reply leaves: of everything, until scopes are asked for and told apart."""
    return Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "keyword", now, inbound.text)
