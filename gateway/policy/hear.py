"""What a recipient's reply means, and what it changes. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.text.keyword import Intent, keyword_of
from gateway.words.message import Inbound


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reply understood: what it asks for (None: nothing that we act on), and the words that decided it."""

    intent: Intent | None = None
    matched: str = ""
    doubt: bool = False  # only a person can tell
    topic: str = ""  # what it names: STOP REMINDERS
    is_keyword: bool = False  # a word that carriers understand too, and nothing else


def heard(inbound: Inbound, country: str) -> Hearing:
    """What the recipient wants. A carrier that has acted on the reply already has understood it as we must."""
    if inbound.carrier_acted in _ACTED:
        return Hearing(_ACTED[inbound.carrier_acted], inbound.carrier_acted, is_keyword=True)
    keyword = keyword_of(inbound.text, country)
    return Hearing(keyword.intent, keyword.word, is_keyword=True) if keyword else Hearing()


_ACTED = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}
