"""By what clients' lists find messages of the outbox: a tag of whose it is, and one of that and its recipient together.

Both are keyed hashes, and cut short: two may be alike, so that what is found is looked at once it is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.store.vault import Vault
from gateway.words.held import Held

TAG_BYTES = 8


class Tags(NamedTuple):
    """Under which a message is found."""

    owner: bytes
    party: bytes


def tags_of(vault: Vault, held: Held) -> Tags | None:
    """None: nobody may list it."""
    if not held.owner:
        return None
    return Tags(tags(vault, held.owner)[0], tags(vault, held.owner, held.recipient.e164)[0])


def tags(vault: Vault, owner: str, to: str = "") -> Sequence[bytes]:
    """Of all that are an owner's, or of those to one recipient; one for each hash key, the current one's first."""
    hashes = vault.hashes(f"{owner} {to}" if to else owner)
    return [f"{hash_.key}:".encode() + hash_.digest[:TAG_BYTES] for hash_ in hashes]


def lists(held: Held, owner: str, to: str) -> bool:
    """Whether a list of this owner's, to this recipient or (empty) to any, holds it."""
    return held.owner == owner and to in {"", held.recipient.e164}
