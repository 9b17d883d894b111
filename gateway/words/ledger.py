"""The ledger of consent: what happened, in entries that are only ever added. What counts is worked out from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.words.facts import Consent
from gateway.words.program import Category


class Happened(StrEnum):
    """What an entry tells of. That a consent has run out needs no entry: it says itself until when it counts."""

    REQUESTED = "requested"  # a double opt-in was begun: no consent until it is confirmed
    GIVEN = "given"
    CONFIRMED = "confirmed"  # from the number itself
    WITHDRAWN = "withdrawn"  # through the business; a reply that says STOP is a suppression


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Somebody takes back what he agreed to, of whatever kind it was."""

    at: datetime
    method: str  # agent, web-form, email ...
    program: str = "default"
    categories: tuple[Category, ...] = tuple(Category)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that it happened, apart from the wording; empty where there is none. All of it is sealed."""

    url: str = ""  # of the page that was shown
    document: str = ""  # SHA-256 of the document that was signed, in hex
    ip: str = ""
    user_agent: str = ""
    words: str = ""  # the recipient's own
    inbound: str = ""  # the carrier's id of the reply that holds them


NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what happened, who recorded it and when, and what shows it."""

    happened: Happened
    what: Consent | Withdrawal
    actor: str = ""  # cli, token:NAME, recipient; empty: recorded before there was a ledger
    recorded: datetime | None = None  # None: as above
    evidence: Evidence = NO_EVIDENCE


class Happening(Protocol):
    """As much of an entry as decisions hang on."""

    @property
    def happened(self) -> Happened: ...

    @property
    def what(self) -> Consent | Withdrawal: ...


def in_force(entries: Iterable[Happening]) -> tuple[Consent, ...]:
    """The consents that nobody took back, in the order of their entries.

    A withdrawal takes back what was given before it or at the same moment, also where that is recorded later.
    """
    told = list(entries)
    given = [one.what for one in told if _gives(one.happened) and isinstance(one.what, Consent)]
    taken = [one.what for one in told if isinstance(one.what, Withdrawal)]
    if not taken:
        return tuple(given)
    return tuple(left for consent in given if (left := _left(consent, taken)).categories)


def counting_at(now: datetime, entries: Iterable[Happening]) -> list[Consent]:
    """Those in force that have not run out."""
    return [one for one in in_force(entries) if one.expires is None or one.expires > now]


def _gives(happened: Happened) -> bool:
    return happened in {Happened.GIVEN, Happened.CONFIRMED}


def _left(consent: Consent, taken: Iterable[Withdrawal]) -> Consent:
    gone = {
        category
        for one in taken
        if one.program == consent.program and one.at >= consent.at
        for category in one.categories
    }
    return replace(consent, categories=tuple(each for each in consent.categories if each not in gone))
