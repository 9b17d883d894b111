"""One message with what was decided of it, on which facts, by which policies, and what is to be reserved for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import orjson

from gateway.policy.book import Book
from gateway.policy.decide import decide, leaves_at, limits
from gateway.policy.rewrite import rewritten
from gateway.policy.scenario import recorded
from gateway.store.links import Linker
from gateway.words.decision import Action, Decision, Finding, Placing, State
from gateway.words.facts import Facts, Reservation
from gateway.words.link import Link
from gateway.words.message import Message
from gateway.words.outcome import Fate, Outcome, Verdict

ROUNDS = 5  # of look-up and reservation, before a recipient whose facts keep moving has to wait
START_WITHIN = 2.0  # seconds from the reservation to the first byte; later than that it is reserved anew

# What a carrier's verdict makes of an attempt, and of its message.
STATES = {Verdict.ACCEPTED: State.SENT, Verdict.REFUSED: State.REFUSED, Verdict.UNKNOWN: State.IN_DOUBT}
FATES = {Verdict.ACCEPTED: Fate.SENT, Verdict.REFUSED: Fate.REFUSED, Verdict.UNKNOWN: Fate.IN_DOUBT}


class Ruling(NamedTuple):
    """One message with what was decided on which facts; `reservation` is None where it may not leave."""

    message: Message
    facts: Facts
    decision: Decision
    book: Book  # by which, and when, it was decided
    now: datetime
    linker: Linker
    text: str | None = None  # as it would leave
    reservation: Reservation | None = None

    @property
    def changed(self) -> str | None:
        """The text as the rules change it, also where it doesn't leave now; None: kept at the carrier, or binary."""
        return _changed(self.message, self.decision, self.linker)[0]

    def closed(self, finding: Finding) -> Ruling:
        """The same message, held back after all."""
        decision = replace(self.decision, findings=(*self.decision.findings, finding))
        return self._replace(decision=decision, reservation=None)

    def told(self) -> dict[str, object]:
        """As a scenario, for the record."""
        return recorded(self.message, self.facts, self.book, self.now)

    def outcome(self, fate: Fate) -> Outcome:
        if self.reservation is None and fate is not Fate.HELD:
            return Outcome(self.message, self.facts, self.decision, Fate.WITHHELD)
        return Outcome(self.message, self.facts, self.decision, fate, self.text)


def ruled(message: Message, facts: Facts, book: Book, now: datetime, linker: Linker, *, held: bool = False) -> Ruling:
    """Decide; where it may leave, with the text and the reservation for it. `held`: it comes from the outbox."""
    decision = decide(message, facts, book, now)
    if decision.action is not Action.SEND or message.recipient is None:
        return Ruling(message, facts, decision, book, now, linker)
    (text, link), at = _changed(message, decision, linker), leaves_at(message, now)
    reservation = Reservation(
        attempt=message.id,
        recipient=message.recipient,
        program=message.program.name,
        revision=facts.revision,
        at=at,
        limits=limits(message, facts, book, at),
        held=held,
        instructs=any(edit.placing is Placing.INSTRUCT for edit in decision.edits),
        link=link,
        detail=orjson.dumps([message.recipient.e164, message.sender.value, text]),
    )
    return Ruling(message, facts, decision, book, now, linker, text, reservation)


def _changed(message: Message, decision: Decision, linker: Linker) -> tuple[str | None, Link | None]:
    """The text, with the recipient's own link where it has one."""
    return linker.linked(message.text and rewritten(message.text, decision.edits), message)
