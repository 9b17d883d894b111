"""Keyed hashes of numbers, seals for everything else that is personal, and the signatures of the audit."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store import keyring
from gateway.store.keyring import KeyRing
from gateway.words.errors import GatewayError

HASH_BYTES = 16
NONCE_BYTES = 12  # random: with one key at most 2^32 seals (NIST SP 800-38D, 8.3)

_BLOCK = 64  # bytes of SHA-256


class Unopened(GatewayError):
    """A seal that can't be opened: its key is missing, it was changed, or it belongs elsewhere."""


class Hash(NamedTuple):
    """A number's keyed hash, with the id of the key that made it."""

    key: str
    digest: bytes


class Vault:
    """Hashes and seals with the keys of a ring."""

    def __init__(self, ring: KeyRing) -> None:
        ids = sorted(ring.hash_keys, key=lambda id_: (id_ != ring.hashing, id_))
        self._hashers = [(id_, _Hasher(ring.hash_keys[id_])) for id_ in ids]  # the current one first
        self._seals = {id_.encode(): AESGCM(key) for id_, key in ring.seal_keys.items()}
        current = ring.sealing.encode()
        self._current = self._seals[current]
        self._prefix = bytes([len(current)]) + current
        signers = {id_: Ed25519PrivateKey.from_private_bytes(seed) for id_, seed in ring.sign_keys.items()}
        self._signing, self._signer = ring.signing, signers.get(ring.signing)
        self.public_keys: Mapping[str, Ed25519PublicKey] = {id_: key.public_key() for id_, key in signers.items()}

    @classmethod
    def create(cls, path: Path) -> Vault:
        """New keys in a new file, mode 0600. Raises BadKeys where there is one already."""
        return cls(keyring.create(path))

    @classmethod
    def load(cls, path: Path) -> Vault:
        """Raises BadKeys where the file is missing, open to others, or misshapen."""
        return cls(keyring.load(path))

    def hashes(self, number: str) -> list[Hash]:
        """All hashes under which an E.164 number may be remembered; the first is the one to write under."""
        data = number.encode()
        return [Hash(id_, hasher.digest(data)) for id_, hasher in self._hashers]

    def seal(self, data: bytes, context: bytes) -> bytes:
        """AES-256-GCM: the key's id and its length, a random nonce, the ciphertext. Opens only in this context."""
        nonce = os.urandom(NONCE_BYTES)
        return self._prefix + nonce + self._current.encrypt(nonce, data, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed in this context. Raises Unopened."""
        at = 1 + sealed[0] if sealed else 0
        key = self._seals.get(sealed[1:at])
        if key is None:
            raise Unopened("a sealed record names a key that is not in the keys file; put that key back")
        try:
            return key.decrypt(sealed[at : at + NONCE_BYTES], sealed[at + NONCE_BYTES :], context)
        except (InvalidTag, ValueError):
            raise Unopened("a sealed record was changed, or moved from where it belongs") from None

    @property
    def signs(self) -> bool:
        return self._signer is not None

    def sign(self, data: bytes) -> str:
        """The key's id and an Ed25519 signature in Base64; "" where there is no key for it."""
        return f"{self._signing}:{b64encode(self._signer.sign(data)).decode()}" if self._signer else ""

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
