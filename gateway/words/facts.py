"""What is remembered of a recipient, and what to look up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from gateway.words.link import Link
from gateway.words.number import Number
from gateway.words.program import Category


class SuppressionKind(StrEnum):
    OPT_OUT = "opt-out"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    WRONG_NUMBER = "wrong-number"
    LEGAL_HOLD = "legal-hold"
    CARRIER_BLOCK = "carrier-block"
    DOUBT = "doubt"  # a reply that may be an opt-out, until a person has judged it


SCOPE_ALL = "all"


@dataclass(frozen=True, slots=True)
class LastSent:
    """The last message that a program has sent to somebody. Its text is in the record of the host that sent it."""

    message: str  # its id, as X-Gateway-Message-Id told it
    at: datetime  # when it counted as sent


@dataclass(frozen=True, slots=True)
class Suppression:
    """A standing "do not send"."""

    kind: SuppressionKind
    scope: str  # "all", or "program:NAME", "brand:NAME", "sender:VALUE", "category:NAME", "subject:NAME"
    source: str  # keyword, operator, import, carrier, link ...
    at: datetime
    detail: str = ""  # the recipient's own words or the operator's reason: sealed in the store, never in a log
    answers: LastSent | None = None  # the message that provoked it; sealed as well


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
    counters: tuple[str, ...] = ()  # names of what caps count, as the rules make them up
    lists: tuple[str, ...] = ()  # names of the lists that rules ask about


@dataclass(frozen=True, slots=True)
class Stop:
    """An operator has stopped a program, or all of them, until it is resumed."""

    program: str  # its name, or SCOPE_ALL
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is remembered of one recipient at one moment."""

    UNKNOWN: ClassVar[Facts]  # could not be read: closed when in doubt
    NONE: ClassVar[Facts]  # read, and nothing is remembered

    known: bool = True
    suppressions: tuple[Suppression, ...] = ()
    consents: tuple[Consent, ...] = ()
    instructed: datetime | None = None  # when this program's last accepted message told how to opt out
    counted: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)  # of each counter its claims, in order
    lists: tuple[str, ...] = ()  # those asked about that hold the number
    stopped: Stop | None = None  # of this message's program, or of all
    revision: int = 0  # of what is remembered; a reservation holds only while it is still this one


Facts.UNKNOWN = Facts(known=False)
Facts.NONE = Facts()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` messages under one counter after `since`. Whoever reserves under it claims a place there."""

    counter: str
    since: datetime  # claims made at or before it no longer count
    most: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """One message about to leave: granted only if the recipient's facts are still those of `revision`.

    Under each of its limits there must be a place left, and is one less afterwards; a refusal by the carrier gives
    them back.
    """

    attempt: str  # the message's id: reserving it twice is harmless
    recipient: Number
    program: str
    revision: int
    at: datetime  # when it counts as sent, under its limits
    limits: tuple[Limit, ...] = ()  # several of one counter are possible: 2 a week, and 1 in two days
    instructs: bool = False  # it carries the opt-out instruction; counts only once accepted
    held: bool = False  # it comes from the outbox: granted only to the worker whose lease on it has not run out
    detail: bytes = b""  # for the operator who finds it in doubt; sealed in the store
    link: Link | None = None  # the opt-out link that its text holds: known to the store before the message leaves
