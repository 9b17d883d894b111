"""Lines of the record, as the gate would write them and as they are read back."""

from __future__ import annotations

from datetime import datetime

import orjson

from gateway.audit.read import Recorded
from gateway.audit.record import record_of
from gateway.policy.book import Book
from gateway.policy.decide import decide
from gateway.policy.rewrite import rewritten
from gateway.policy.scenario import recorded
from gateway.words.decision import Action, Decision
from gateway.words.facts import Facts
from gateway.words.message import Message
from gateway.words.outcome import Fate, Outcome


def line(message: Message, facts: Facts, book: Book, at: datetime, decision: Decision | None = None) -> Recorded:
    """What is on record of a message that `book` has decided, or that was decided so."""
    made = decision or decide(message, facts, book, at)
    leaves = made.action is Action.SEND
    text = rewritten(message.text, made.edits) if message.text and leaves else None
    outcome = Outcome(message, facts, made, Fate.SENT if leaves else Fate.WITHHELD, text)
    entry = record_of(outcome, "twilio", recorded(message, facts, book, at), None, at)
    clear = orjson.loads(orjson.dumps({"kind": entry.kind, "at": entry.at, **entry.clear}, option=orjson.OPT_UTC_Z))
    return Recorded(clear, orjson.loads(orjson.dumps(entry.private)))
