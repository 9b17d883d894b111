"""What can be proved of one number: the ledger, what stands against it, and every line of the record about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.audit.about import Found, Standing
from gateway.audit.chain import Kind
from gateway.audit.read import text_in
from gateway.words.facts import LastSent, Suppression
from gateway.words.ledger import Entry


@dataclass(frozen=True, slots=True)
class Proof:
    """As it was known at `made`."""

    number: str
    made: datetime
    entries: tuple[Entry, ...]
    suppressions: tuple[Suppression, ...]
    lines: tuple[Found, ...]
    chains: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record in words."""

    at: str
    what: str
    text: str
    reasons: tuple[str, ...]
    place: str
    hash: str


def text_of(proof: Proof, sent: LastSent) -> str:
    """As it left; empty where the record doesn't have it."""
    messages = (one for one in proof.lines if one.clear["kind"] == Kind.MESSAGE)
    told = [one.private for one in messages if one.clear["message"] == sent.message]
    return text_in(told[-1]) if told else ""


def events(proof: Proof) -> Iterator[Event]:
    """What happened, in order."""
    for one in proof.lines:
        reasons = tuple(map(_reason, one.clear.get("findings", ())))
        place = f"{one.file}:{one.line}"
        yield Event(one.clear["at"], _what(one.clear), _text(one.private), reasons, place, one.clear["hash"])


def _what(clear: dict[str, Any]) -> str:
    match clear["kind"]:
        case Kind.MESSAGE:
            rule = f" ({clear['rule']})" if clear["rule"] else ""
            return f"{clear['category']} message of {clear['program']}: {clear['decision']}{rule}, {clear['fate']}"
        case Kind.HEARD:
            return f"reply, taken for {clear['intent']}"
        case Kind.SUPPRESSED:
            return f"suppressed: {clear['suppression']}, {clear['scope']}, by {clear['source']}"
        case Kind.LIFTED:
            return f"suppression lifted: {clear['suppression']}, {clear['scope']}"
        case Kind.AGREED | Kind.ASKED | Kind.WITHDREW:
            happened, actor = clear.get("happened", "given"), clear.get("actor", "an operator")
            return f"consent {happened}: {clear['program']}, by {clear['method']}, recorded by {actor}"
        case Kind.DROPPED:
            return f"message dropped: {clear['why']}"
        case Kind.DOUBT_ENDED:
            return f"doubt about a message ended: {clear['how']}"
    return str(clear["kind"])


def _text(private: dict[str, Any]) -> str:
    """What was sent, shown or said; of a message that did not leave, what it would have said."""
    return str(private.get("text") or private.get("wording") or private.get("detail") or text_in(private))


def _reason(finding: dict[str, Any]) -> str:
    observed = " (observed only)" if finding["observed"] else ""
    return f"{finding['rule']}: {finding['action']}, {finding['why']} [{finding['cites']}]{observed}"
