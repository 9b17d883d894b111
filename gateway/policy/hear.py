"""What a recipient's reply means, and what it changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.replies.classify import EXACT, ProgramWords, classify
from gateway.replies.keywords import Intent
from gateway.words.message import Inbound
from gateway.words.program import NO_WORDS, OwnWords


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reply understood: what it asks for, the words that decided it, and the topic that it ends where it names one.

    Of a doubtful one only a person can tell: advertising waits. A doubtful opt-in (a bare YES) lifts nothing.
    """

    intent: Intent
    matched: str = ""
    doubt: bool = False  # only a person can tell
    topic: str = ""  # what it names: STOP REMINDERS
    is_keyword: bool = False  # a word that carriers understand too, and nothing else


def heard(inbound: Inbound, country: str, words: OwnWords = NO_WORDS, topics: Iterable[str] = ()) -> Hearing:
    """What the recipient wants. A carrier that has acted on the reply already has understood it as we must.

    `words` are its program's. Those that are taken are so always: when the legacy system asks something is not known
    here. `topics`: how recipients may call any program.
    """
    if inbound.carrier_acted in _ACTED:
        return Hearing(_ACTED[inbound.carrier_acted], inbound.carrier_acted, is_keyword=True)
    own = ProgramWords(words.opt_out, words.opt_in, words.help, words.taken, asking=True, topics=tuple(topics))
    said = classify(inbound.text, country, own)
    is_keyword = said.confidence == EXACT and said.matched.upper() in _OF_CARRIERS
    return Hearing(said.intent, said.matched, said.doubt, said.topic, is_keyword)


# What carriers themselves act on and answer, sent alone, where nothing else was agreed with them.
_OF_CARRIERS = frozenset(
    "STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START UNSTOP HELP INFO".split()  # noqa: SIM905 - words
)
_ACTED = {"STOP": Intent.OPT_OUT, "START": Intent.OPT_IN, "HELP": Intent.HELP}
