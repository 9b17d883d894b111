"""An E.164 number, where it may be, and who sends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recipient may be. All that is possible is listed: an hour must be right in every zone."""

    country: str  # ISO 3166-1: US
    regions: tuple[str, ...] = ()  # ISO 3166-2: US-FL; empty: not known
    zones: tuple[str, ...] = ()  # IANA: America/New_York; empty: not known, and never "within hours"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be texted, `+12125550100`."""

    e164: str
    place: Place

    @property
    def digits(self) -> str:
        return self.e164[1:]


class SenderKind(StrEnum):
    NUMBER = "number"
    SHORT_CODE = "short-code"
    ALPHANUMERIC = "alphanumeric"
    POOL = "pool"  # a carrier's own id for a set of senders
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message says it is from, as the carrier will see it."""

    kind: SenderKind
    value: str


NO_SENDER = Sender(SenderKind.NONE, "")
