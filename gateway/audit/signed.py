"""Signatures over the record (Ed25519, RFC 8032): how far a chain goes, and what a finished file of it holds.

Every line hangs on all before it, so that one signature over the last one covers the chain. Whoever can write the
files but has no key can then neither rewrite a chain nor cut it short, but to where it was signed once before: against
that a head is published, or printed, and `verify` is told of it.

    w1.head                       `00000000000000000042 <hash> g1:<signature>`
    w1-20261124-1.jsonl.sig       the same for a finished file: its first and last line, and what it hangs on
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

import orjson

from gateway.audit.chain import Link

SUFFIX = ".sig"


class Signer(Protocol):
    """Raises nothing; "" where there is no key to sign with."""

    def sign(self, data: bytes) -> str: ...


class Checker(Protocol):
    """Whether one of the known keys has signed it."""

    @property
    def signs(self) -> bool:
        """Whether there is a key to sign with: then every head must be signed."""

    def signed(self, data: bytes, signature: str) -> bool: ...


class Head(NamedTuple):
    """How far a chain is durable, and who says so; the signature is empty where there was no key."""

    n: int
    hash: str
    signature: str = ""

    @classmethod
    def of(cls, chain: str, last: Link, signer: Signer | None) -> Head:
        head = cls(last.n, last.hash)
        return head._replace(signature=signer.sign(head.covered(chain))) if signer else head

    @classmethod
    def read(cls, written: str) -> Head:
        """Raises ValueError, for whatever is not what `written` gives to the last byte."""
        n, digest, *signature = written.split()
        head = cls(int(n), digest, signature[0] if signature else "")
        if head.written() != written:
            raise ValueError("this is no head as it is written")
        return head

    def covered(self, chain: str) -> bytes:
        """What is signed. `chain` tells that no other chain's head is taken for it."""
        return f"smsgate audit head {chain} {self.n} {self.hash}".encode()

    def written(self) -> str:
        return f"{self.n:020d} {self.hash} {self.signature}".rstrip() + "\n"


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished file: its lines are those from `first` to `last`, which has this hash; `prev` is that before them."""

    file: str
    first: int
    last: int
    prev: str
    hash: str
    signature: str = ""

    def signed_by(self, signer: Signer) -> Segment:
        return replace(self, signature=signer.sign(self.covered()))

    def covered(self) -> bytes:
        return f"smsgate audit file {self.file} {self.first} {self.last} {self.prev} {self.hash}".encode()

    def write(self, folder: Path) -> None:
        path = folder / f"{self.file}{SUFFIX}"
        path.write_bytes(orjson.dumps(asdict(self)) + b"\n")
        path.chmod(0o600)

    @staticmethod
    def is_there(path: Path) -> bool:
        return path.with_name(path.name + SUFFIX).exists()

    @classmethod
    def read(cls, path: Path) -> Segment | None:
        """None where there is none, or no sense in it."""
        try:
            return cls(**orjson.loads(path.with_name(path.name + SUFFIX).read_bytes()))
        except (OSError, orjson.JSONDecodeError, TypeError):
            return None
