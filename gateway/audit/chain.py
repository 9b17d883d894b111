"""One line of the record: what everybody may read, what is sealed, and how it hangs on the line before.

    {"n":7,"kind":"message","at":...,...,"prev":H6,"seal":S,"hash":H7,"sealed":"..."}

H7 is the SHA-256 of all bytes before `,"hash":`, H6 among them. S is the SHA-256 of the sealed part as it is
written: that part is covered, and can be erased one day without breaking the chain. It is sealed *for* its place:
the seal's context is a hash of the clear part, so that who rewrites a chain without having the keys is found too.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import NamedTuple, Protocol

import orjson

GENESIS = "0" * 64  # what the first line of a chain names as the hash before it

_HASH = b',"hash":"'
_SEAL = b',"seal":"'
_SEALED = b'","sealed":"'
_END = b'"}'
_HEX = 64  # characters of a hash


class Sealer(Protocol):
    """Who keeps secrets: seals bytes so that only the keys open them, and only in the same context."""

    def seal(self, data: bytes, context: bytes) -> bytes: ...


class Opener(Protocol):
    """Raises GatewayError where the keys or the context are not those that it was sealed with."""

    def open(self, sealed: bytes, context: bytes) -> bytes: ...


class Kind(StrEnum):
    """What a line tells of."""

    MESSAGE = "message"  # a decision and what became of it
    UNREADABLE = "unreadable"  # a request refused before there was a message
    DOUBT_ENDED = "doubt-ended"  # by a person, or since the carrier lists the message
    CANCEL_ASKED = "cancel-asked"  # by the sender of a message that waited
    DROPPED = "dropped"  # a message that waited
    CALL_GIVEN_UP = "call-given-up"  # one that we owed the legacy system
    HEARD = "heard"  # a recipient's reply
    JUDGED = "judged"  # a reply that was doubtful, by a person
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    ASKED = "asked"  # for a consent: a double opt-in was begun
    AGREED = "agreed"  # a consent
    WITHDREW = "withdrew"  # a consent
    BULK = "bulk"  # an import or export
    API = "api"  # a call of the management API
    PROGRAM_STOPPED = "program-stopped"  # by an operator, until it is resumed
    PROGRAM_RESUMED = "program-resumed"
    POLICY = "policy"  # a set of policies came in force
    START = "start"
    STOP = "stop"
    RECOVERED = "recovered"  # the process before died: what was cut aside, what is missing


class Entry(NamedTuple):
    """What is to be recorded. `clear` holds no number and no text: those go into `private`, which is sealed."""

    kind: Kind
    at: datetime
    clear: Mapping[str, object]
    private: Mapping[str, object] = MappingProxyType({})


class Link(NamedTuple):
    """The end of a chain: how many lines it has and the hash of the last."""

    n: int = 0
    hash: str = GENESIS


def chained(entry: Entry, last: Link, vault: Sealer) -> tuple[bytes, Link]:
    """The line that records `entry` after `last`, and the chain's new end."""
    head = {"n": last.n + 1, "kind": entry.kind, "at": entry.at, **entry.clear, "prev": last.hash}
    clear = orjson.dumps(head, option=orjson.OPT_UTC_Z)[:-1]
    hashed = sha256(clear)
    if not entry.private:
        digest = hashed.hexdigest()
        return b"".join((clear, _HASH, digest.encode(), _END, b"\n")), Link(last.n + 1, digest)
    sealed = b64encode(vault.seal(orjson.dumps(entry.private), hashed.digest()))
    seal = b"".join((_SEAL, sha256(sealed).hexdigest().encode(), b'"'))
    hashed.update(seal)
    digest = hashed.hexdigest()
    line = b"".join((clear, seal, _HASH, digest.encode(), _SEALED, sealed, _END, b"\n"))
    return line, Link(last.n + 1, digest)


@dataclass(frozen=True, slots=True)
class Line:
    """A recorded line taken apart; `why` says what is wrong with it by itself, empty where nothing is."""

    n: int
    kind: str
    prev: str
    hash: str
    why: str = ""


def read_line(line: bytes, vault: Opener | None = None) -> Line:
    """A line without its line end. Never raises: `why` tells. With `vault` the sealed part is opened too."""
    try:
        told = orjson.loads(line)
        read = Line(told["n"], told["kind"], told["prev"], told["hash"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Line(0, "", "", "", "this is no whole line of the record")
    hashed, _, end = line.rpartition(_HASH)
    if sha256(hashed).hexdigest() != read.hash or end[:_HEX] != read.hash.encode():
        return replace(read, why="the line is not what was recorded: its hash does not fit")
    return replace(read, why=_sealed_wrong(hashed, end[_HEX:], vault))


def _sealed_wrong(hashed: bytes, end: bytes, vault: Opener | None) -> str:
    """What is wrong with what follows the hash: nothing but a line end, or the sealed part that was promised."""
    clear, promised, seal = hashed.rpartition(_SEAL)
    if not promised:
        return "" if end == _END else "something was added to the line"
    sealed = end[len(_SEALED) : -len(_END)]
    if end != _SEALED + sealed + _END or sha256(sealed).hexdigest().encode() != seal[:-1]:
        return "the sealed part is not what was recorded"
    try:
        if vault is not None:
            vault.open(b64decode(sealed), sha256(clear).digest())
    except Exception:  # noqa: BLE001 - whatever the keys have against it, this line does not open
        return "the sealed part does not open with these keys: recorded by somebody else, or for another place"
    return ""


def opened(line: bytes, vault: Opener) -> dict[str, object]:
    """What is sealed in a line that is whole: {} where nothing is. Raises what the vault raises."""
    hashed, _, end = line.rpartition(_HASH)
    clear, promised, _ = hashed.rpartition(_SEAL)
    if not promised:
        return {}
    sealed = b64decode(end[_HEX + len(_SEALED) : -len(_END)])
    private: dict[str, object] = orjson.loads(vault.open(sealed, sha256(clear).digest()))
    return private
