"""What the recipient signed up to, and what a message is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Category(StrEnum):
    """What a message is, to the law. What is not known is MARKETING, the strictest."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    OTP = "otp"
    SERVICE = "service"
    EMERGENCY = "emergency"
    DEBT_COLLECTION = "debt_collection"
    POLITICAL = "political"
    CHARITY = "charity"
    CONVERSATIONAL = "conversational"
    OPTOUT_CONFIRMATION = "optout_confirmation"
    HELP_REPLY = "help_reply"
    CONSENT_REQUEST = "consent_request"  # "reply YES to confirm": the question of a double opt-in


ADVERTISING = frozenset({Category.MARKETING, Category.POLITICAL, Category.CHARITY})


@dataclass(frozen=True, slots=True)
class DoubleOptIn:
    """How a program asks a number itself whether it was its owner who signed up."""

    text: str  # the request
    words: tuple[str, ...]  # that say yes to it
    within: timedelta  # later than that they say nothing
    sender: str
    upstream: str


@dataclass(frozen=True, slots=True)
class OwnWords:
    """What a program's recipients say, sent alone, beside what everybody's do."""

    opt_out: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()  # these mean something of the program's own: CANCEL an appointment


NO_WORDS = OwnWords()


@dataclass(frozen=True, slots=True)
class Program:
    """A brand's offer that people join and leave as one."""

    name: str
    brand: str = ""
    senders: tuple[str, ...] = ()
    category: Category = Category.MARKETING
    subject: str = ""  # the site's own name of that category, where it has one
    language: str = ""  # BCP 47, of texts whose own language can't be told
    help: str = ""
    contact: str = ""
    called: str = ""  # in its recipients' words: "appointment texts"; who opts out of all may be asked to keep it
    stop_number: str = ""  # takes opt-outs where the sender itself can't: "STOP au 36111"
    registered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of each sender, the registers it is in
    templates: tuple[str, ...] = ()  # texts that were registered with an authority
    double_opt_in: DoubleOptIn | None = None
    links: str = ""  # where opt-out links lead, as https://o.example.com; empty: there are none
    replies: OwnWords = NO_WORDS
    observed: bool = False  # rules say what they would do with its messages, and do nothing

    @property
    def topics(self) -> frozenset[str]:
        """How a recipient may call it: STOP followed by one of these ends it alone."""
        return frozenset(name for name in (self.name, self.subject, self.called, *self.senders) if name)


DEFAULT_PROGRAM = Program("default")
