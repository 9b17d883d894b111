"""Ids of what is put into the outbox again where it is not certain that it is there."""

from __future__ import annotations

from hashlib import sha256


def id_from(key: str) -> str:
    """The same id for the same key, in the form of all ids here. It hides nothing: no number and no text is a key."""
    return sha256(key.encode()).hexdigest()[:32]


def begun(message: str) -> str:
    """The key under which `Store.once` knows that a mail's text was begun: until that is taken back it isn't again."""
    return f"mail begun\n{message}"
