"""Keyed hashes of numbers, seals for everything else that is personal, and the signatures of the audit."""

from __future__ import annotations

import os
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store import keyring
from gateway.store.keyring import KeyRing
from gateway.words.errors import GatewayError
from gateway.words.keys import KeySource

HASH_BYTES = 16
NONCE_BYTES = 12  # random: with one key at most 2^32 seals (NIST SP 800-38D, 8.3)

OVERLAP = timedelta(minutes=1)  # from when a key takes over: by then everything that began before is settled

_BLOCK = 64  # bytes of SHA-256


class Unopened(GatewayError):
    """A seal that can't be opened: its key is missing, it was changed, or it belongs elsewhere."""


class Hash(NamedTuple):
    """A number's keyed hash, with the id of the key that made it."""

    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Turn:
    """Which keys count until an instant, in seconds since 1970."""

    until: float
    hashing: tuple[str, ...]  # all of them, the current one first
    abreast: tuple[str, ...]  # the current one, and those that other hosts may go by just now
    sealing: bytes
    signing: str

    @classmethod
    def at(cls, ring: KeyRing, now: float) -> Turn:
        at = datetime.fromtimestamp(now, UTC)
        current = ring.current("hashing", at)
        rest = sorted(ring.hash_keys.keys() - {current})
        beside = {*ring.coming("hashing", at), ring.before("hashing", at) if _recent(ring, current, at) else current}
        edges = (edge.timestamp() for begins in ring.begins.values() for edge in (begins, begins + OVERLAP))
        return cls(
            min((edge for edge in edges if edge > now), default=inf),
            (current, *rest),
            (current, *(id_ for id_ in rest if id_ in beside)),
            ring.current("sealing", at).encode(),
            ring.current("signing", at),
        )


def _recent(ring: KeyRing, id_: str, at: datetime) -> bool:
    return id_ in ring.begins and at < ring.begins[id_] + OVERLAP


class Vault:
    """Hashes and seals with the keys of a ring, which may be taken over by others while it does."""

    def __init__(self, ring: KeyRing, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970. It says which keys are current."""
        self._clock = clock
        self.take(ring)

    @classmethod
    def create(cls, path: Path) -> Vault:
        """New keys in a new file, mode 0600. Raises BadKeys where there is one already."""
        return cls(keyring.create(path))

    @classmethod
    def load(cls, source: KeySource) -> Vault:
        """Raises BadKeys where the keys can't be had, are open to others, or misshapen."""
        return cls(keyring.load(source))

    def take(self, ring: KeyRing) -> None:
        """Work with these keys from now on. They must be those that it had, with others."""
        self.ring = ring
        self._hashers = {id_: _Hasher(key) for id_, key in ring.hash_keys.items()}
        self._seals = {id_.encode(): AESGCM(key) for id_, key in ring.seal_keys.items()}
        self._signers = {id_: Ed25519PrivateKey.from_private_bytes(seed) for id_, seed in ring.sign_keys.items()}
        self.public_keys: Mapping[str, Ed25519PublicKey] = {id_: key.public_key() for id_, key in self._signers.items()}
        self._turn = Turn.at(ring, self._clock())

    @property
    def turn(self) -> Turn:
        """Which keys are current now."""
        now = self._clock()
        if now >= self._turn.until:
            self._turn = Turn.at(self.ring, now)
        return self._turn

    def hashes(self, number: str) -> list[Hash]:
        """All hashes under which an E.164 number may be remembered; the first is the one to write under."""
        data = number.encode()
        return [Hash(id_, self._hashers[id_].digest(data)) for id_ in self.turn.hashing]

    def abreast(self, number: str) -> list[Hash]:
        """Under which a change is written that no host may overlook: around a rotation some go by the next key already.

        The first is the one to write under; mostly there is no other.
        """
        abreast = self.turn.abreast
        return [hash_ for hash_ in self.hashes(number) if hash_.key in abreast]

    @property
    def superseded(self) -> list[str]:
        """The hashing keys by which nobody writes any more."""
        turn = self.turn
        return [id_ for id_ in turn.hashing if id_ not in turn.abreast]

    def seal(self, data: bytes, context: bytes) -> bytes:
        """AES-256-GCM: the key's id and its length, a random nonce, the ciphertext. Opens only in this context."""
        current, nonce = self.turn.sealing, os.urandom(NONCE_BYTES)
        return bytes([len(current)]) + current + nonce + self._seals[current].encrypt(nonce, data, context)

    def sealed_anew(self, sealed: bytes, context: bytes) -> bytes | None:
        """By the current key; None where it is already, or can't be opened."""
        if sealed_by(sealed) == self.turn.sealing:
            return None
        try:
            return self.seal(self.open(sealed, context), context)
        except Unopened:
            return None

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed in this context. Raises Unopened."""
        by = sealed_by(sealed)
        at, key = 1 + len(by), self._seals.get(by)
        if key is None:
            raise Unopened("a sealed record names a key that is not in the keys file; put that key back")
        try:
            return key.decrypt(sealed[at : at + NONCE_BYTES], sealed[at + NONCE_BYTES :], context)
        except (InvalidTag, ValueError):
            raise Unopened("a sealed record was changed, or moved from where it belongs") from None

    @property
    def signs(self) -> bool:
        return bool(self.turn.signing)

    def sign(self, data: bytes) -> str:
        """The key's id and an Ed25519 signature in Base64; "" where there is no key for it."""
        current = self.turn.signing
        return f"{current}:{b64encode(self._signers[current].sign(data)).decode()}" if current else ""

    def signed(self, data: bytes, signature: str) -> bool:
        """Whether a key of this ring, current or not, has signed it."""
        id_, _, given = signature.partition(":")
        key = self.public_keys.get(id_)
        if key is None:
            return False
        try:
            key.verify(spelled := b64decode(given, validate=True), data)
        except (InvalidSignature, ValueError):
            return False
        return b64encode(spelled).decode() == given  # Base64 has bits at its end that mean nothing


def sealed_by(sealed: bytes) -> bytes:
    """The id of the key that sealed it."""
    return sealed[1 : 1 + sealed[0]] if sealed else b""


class _Hasher:
    """HMAC-SHA-256 (RFC 2104), cut to 16 bytes. The key's two blocks are hashed once: half the price of `hmac`."""

    def __init__(self, key: bytes) -> None:
        block = key.ljust(_BLOCK, b"\0")
        self._inner = sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, data: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(data)
        outer.update(inner.digest())
        return outer.digest()[:HASH_BYTES]
