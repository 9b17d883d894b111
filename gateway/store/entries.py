"""Entries of the ledger of consent as they are sealed, and the ids by which a repeated one is known."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from pydantic import TypeAdapter

from gateway.store.record import Entered
from gateway.words.facts import Consent
from gateway.words.ledger import Entry

ID_BYTES = 8

_ENTRIES = TypeAdapter(Entry)


def entry_id(entry: Entry, key: str) -> bytes:
    """By its key; without one, by all that it says except when it was recorded."""
    said = key.encode() if key else _ENTRIES.dump_json(replace(entry, recorded=None))
    return sha256(said).digest()[:ID_BYTES]


def entry_text(entry: Entry) -> str:
    return _ENTRIES.dump_json(entry).decode()


def entry_read(entered: Entered, text: str) -> Entry:
    """`text`: what was sealed, which of a consent from before the ledger is its wording."""
    if not entered.id and isinstance(entered.what, Consent):
        return Entry(entered.happened, replace(entered.what, wording=text))
    return _ENTRIES.validate_json(text)
