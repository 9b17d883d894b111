"""Numbers, instants and values that the tests of this room use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from gateway.words.facts import SCOPE_ALL, Facts, Needs, Reservation, Suppression, SuppressionKind
from gateway.words.number import Number, Place

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
LATER = NOON + timedelta(seconds=5)
ANN = Number("+12125550101", Place("US"))
BOB = Number("+12125550102", Place("US"))

_ids = count(1)


def number(place: int) -> Number:
    return Number(f"+1212{place:07d}", Place("US"))


def opt_out(at: datetime = NOON, scope: str = SCOPE_ALL, source: str = "keyword", detail: str = "") -> Suppression:
    return Suppression(SuppressionKind.OPT_OUT, scope, source, at, detail)


def needs(recipient: Number, program: str = "club") -> Needs:
    return Needs(recipient, program)


def reservation(
    recipient: Number, facts: Facts = Facts.NONE, attempt: str = "", *, program: str = "club", instructs: bool = False
) -> Reservation:
    attempt = attempt or f"attempt-{next(_ids)}"
    detail = f"to {recipient.e164}".encode()
    return Reservation(attempt, recipient, program, facts.revision, NOON, instructs=instructs, detail=detail)
