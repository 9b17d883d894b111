"""What became of a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.words.decision import Decision
from gateway.words.facts import Facts
from gateway.words.message import Message


class Verdict(StrEnum):
    """What a carrier's answer says of a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # certainly not sent
    UNKNOWN = "unknown"  # it may have been sent


class Fate(StrEnum):
    """What became of a message, for the audit and the answer."""

    SENT = "sent"
    WITHHELD = "withheld"  # by our decision: the carrier never saw it
    HELD = "held"  # it waits in the outbox; the client was told that it is accepted
    DROPPED = "dropped"  # from the outbox: it never left, for a recorded reason
    REFUSED = "refused"  # by the carrier
    UNSENT = "unsent"  # the carrier could not be reached: certainly not sent
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One message's decision and fate, with the facts that it rests on and the text as it left."""

    message: Message
    facts: Facts
    decision: Decision
    fate: Fate
    text: str | None = None  # None: nothing left, or the text is kept at the carrier
