"""What is remembered of a recipient, and what to look up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from gateway.words.number import Number
from gateway.words.program import Category


class SuppressionKind(StrEnum):
    OPT_OUT = "opt-out"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    WRONG_NUMBER = "wrong-number"
    LEGAL_HOLD = "legal-hold"
    CARRIER_BLOCK = "carrier-block"


SCOPE_ALL = "all"


@dataclass(frozen=True, slots=True)
class Suppression:
    """A standing "do not send"."""

    kind: SuppressionKind
    scope: str  # "all", "program:NAME" or "sender:VALUE"
    source: str  # keyword, operator, import, carrier, link ...
    at: datetime
    detail: str = ""  # the recipient's own words or the operator's reason: sealed in the store, never in a log


class ConsentKind(StrEnum):
    """A set, not a scale: each `consent` rule names those that it accepts."""

    INQUIRY = "inquiry"
    PURCHASE = "purchase"
    SOFT_OPT_IN = "soft-opt-in"
    EXPRESS = "express"
    EXPRESS_WRITTEN = "express-written"
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class Consent:
    """A record that somebody agreed."""

    kind: ConsentKind
    at: datetime
    method: str  # web-form, checkbox, paper, keyword, agent, import, double-opt-in
    program: str = "default"
    categories: tuple[Category, ...] = (Category.MARKETING,)
    confirmed: bool = False  # double opt-in
    night: bool = False
    expires: datetime | None = None
    wording: str = ""  # what was shown; sealed in the store


@dataclass(frozen=True, slots=True)
class Needs:
    """What to look up for one message: written by the policies, answered by the store with Facts."""

    recipient: Number
    program: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of one recipient at one moment."""

    UNKNOWN: ClassVar[Facts]  # could not be read: closed when in doubt
    NONE: ClassVar[Facts]  # read, and nothing is remembered

    known: bool = True
    suppressions: tuple[Suppression, ...] = ()
    consents: tuple[Consent, ...] = ()
    instructed: datetime | None = None  # when this program's last accepted message told how to opt out
    revision: int = 0  # of what is remembered; a reservation holds only while it is still this one


Facts.UNKNOWN = Facts(known=False)
Facts.NONE = Facts()


@dataclass(frozen=True, slots=True)
class Reservation:
    """One message about to leave: the store grants it only if the recipient's facts are still those of `revision`."""

    attempt: str  # the message's id: reserving it twice is harmless
    recipient: Number
    program: str
    revision: int
    instructs: bool = False  # it carries the opt-out instruction; counts only once accepted
    detail: bytes = b""  # for the operator who finds it in doubt; sealed in the store
