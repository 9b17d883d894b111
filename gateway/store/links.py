"""Opt-out links: how a recipient's token is made, and the sealed row that says whose it is.

A token is the keyed hash of recipient and program, by the key that hashes numbers: whoever has no key can't compute one
from a number, nor a number from it, and the way of a message knows it without asking the store. Its row is found by a
hash of the token alone, without a key: it is found whatever keys there are, and opens with any sealing key of the ring.
Each hashing key makes another token, so that a recipient has one row for each program and hashing key that was used.
"""

from __future__ import annotations

from hashlib import sha256

from gateway.store.vault import Vault
from gateway.words.link import Link, sample_of, token_from
from gateway.words.message import Message
from gateway.words.number import Number

ROW_BYTES = 16  # of the hash by which a row is found


class Linker:
    """Puts recipients' own links into texts."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def linked(self, text: str | None, message: Message) -> tuple[str | None, Link | None]:
        """The text with its recipient's own link, and whose that is; None where the text has none."""
        links, recipient = message.program.links, message.recipient
        if not text or not links or recipient is None or (sample := sample_of(links)) not in text:
            return text, None
        token = self.tokens(recipient, message.program.name)[0]
        link = Link(token, recipient.e164, message.program.name, message.sender.value)
        return text.replace(sample, f"{links}/{token}"), link

    def tokens(self, recipient: Number, program: str) -> list[str]:
        """All that this recipient may have been sent for this program; the first is the one to send."""
        return [token_from(hash_.digest) for hash_ in self._vault.hashes(f"link\n{recipient.e164}\n{program}")]

    def sealed(self, link: Link) -> bytes:
        """The row. Opens for this token only."""
        said = f"{link.number}\n{link.program}\n{link.sender}".encode()
        return self._vault.seal(said, context_of(row_of(link.token)))

    def opened(self, token: str, row: bytes) -> Link:
        """Raises Unopened."""
        return Link(token, *self._vault.open(row, context_of(row_of(token))).decode().split("\n", 2))


def row_of(token: str) -> bytes:
    """Where its row is."""
    return sha256(b"link\n" + token.encode()).digest()[:ROW_BYTES]


def context_of(row: bytes) -> bytes:
    """What a row is sealed for."""
    return b"link" + row
