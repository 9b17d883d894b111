"""What a site's other systems are told of, so that they stay in step: who opted out, who agreed, who took it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventType(StrEnum):
    """A verdict on a doubtful reply is told as the suppression that it adds or lifts."""

    SUPPRESSED = "suppression.added"
    LIFTED = "suppression.lifted"
    REQUESTED = "consent.requested"  # a double opt-in was begun
    GIVEN = "consent.given"
    CONFIRMED = "consent.confirmed"
    WITHDRAWN = "consent.withdrawn"
    SUPPRESSIONS_IMPORTED = "suppressions.imported"  # a whole file or a carrier's list, as one event
    CONSENTS_IMPORTED = "consents.imported"


@dataclass(frozen=True, slots=True)
class Event:
    """One change, as its subscribers are told. `data` names the number: whoever is told has to know whose it is.

    An import names none: whoever imports has the list, or exports it.
    """

    id: str  # the same however often it is told
    type: EventType
    at: datetime  # when we heard of it
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A URL that is told. While secrets are rotated there are several: each of them signs."""

    url: str
    secrets: tuple[str, ...] = field(repr=False)  # whsec_...
    types: frozenset[EventType] = frozenset(EventType)
