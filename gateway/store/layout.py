"""Where things are in Redis. All keys of one recipient are in one slot of a cluster.

    sg:{h1:1a2b}          hash   the bucket of all numbers whose hash by key h1 begins with 1a2b:
                                 the other 14 bytes -> record; 14 bytes, `:` and a program -> when it was instructed;
                                 14 bytes, `>` and a program -> what it sent last (last.py);
                                 14 bytes, `#` and a counter's tag -> claims (scripts/claims.lua says how they are
                                 written); 14 bytes, `@` and a list's tag -> 1: the number is on the list
    sg:{h1:1a2b}:sealed   hash   14 bytes and a part's name -> the sealed part (record.py says which there are)
    sg:{h1:1a2b}:open     hash   attempt id -> attempt (scripts/reserve.lua says how it is written)
    sg:{h1:1a2b}:held     hash   message id -> whether it waits in the outbox, is leased or is sent (scripts/hold.lua)
    sg:{h1:1a2b}:parcels  hash   message id -> the message, sealed (parcel.py)
    sg:{h1:1a2b}:ended:ID        how a message from the outbox ended (endings.py); expires
    sg:{h1:1a2b}:twin:HEX        the first of the messages that are equal (scripts/hold.lua); expires
    sg:{m:MINTED}                bucket's tag, `|` and message id, by the id that the client was told (or the message's
                                 own); written first; expires
    sg:{m:MINTED}:carrier        the carrier's own id for it; expires
    sg:{c:CARRIER}               the minted id, by the carrier's own; expires
    sg:{k:TAG}            zset   bucket's tag, `|` and message id -> when it was held, by the tag of whose it is, and by
                                 that of its recipient together with those (owners.py); a hint for lists; expires
    sg:{out}:lanes        zset   lane -> at the earliest when its next message is due
    sg:{out}:due:LANE     zset   bucket's tag, `|` and message id -> when it is due, or its lease has run out; a hint,
                                 written first and removed last: every held message is in it, but those in doubt
    sg:{out}:pace:LANE           when the lane's bucket was empty (scripts/due.lua); expires when it is full
    sg:{out}:rest:LANE           nothing; there while nobody may lease from the lane
    sg:{w:WORKER}:open    hash   attempt id -> tag of its bucket; written first, so that a sweep finds every attempt
    sg:{doubt}            hash   the same, of the attempts in doubt
    sg:{doubt}:asked      hash   attempt id -> what its carrier said of it (inquiries.py)
    sg:{workers}          zset   worker -> second of its last beat
    sg:{list:NAME}        set    bucket's tag and 14 bytes, of each number on a list; written first, removed last
    sg:{i:HASH}                  keyed hash of a request, by that of the key that came with it, or nothing, by that of
                                 the id of a batch that was imported; expires
    sg:{link:1a2b}        hash   the other 14 bytes of the hash of an opt-out link's token -> its sealed row (links.py)
    sg:{stops}            hash   program, or `all` -> microseconds, `|` and the reason

A tag is 6 bytes of the hash of a name: a counter costs one field and 4 bytes for each claim in its window.
Buckets keep small hashes small: Redis packs those into a few bytes a field (`hash-max-listpack-entries`).
Instants of the outbox are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

from gateway.store.base import OpenAttempt
from gateway.store.claims import tag_of
from gateway.store.record import instant
from gateway.store.resp import packed
from gateway.store.vault import HASH_BYTES, Hash
from gateway.words.decision import State

WORKERS = b"sg:{workers}"
DOUBT = b"sg:{doubt}"
ASKED = b"sg:{doubt}:asked"
STOPS = b"sg:{stops}"
DOUBTFUL = b"sg:{doubtful}"  # replies that wait for a verdict, sealed, by id
LANES = b"sg:{out}:lanes"

LUA = Path(__file__).parent / "scripts"

_BUCKET = 2  # bytes of a hash that choose its bucket
FIELD_BYTES = HASH_BYTES - _BUCKET
SEALED = b"sg:{*}:sealed"  # every bucket's


class Shelf(NamedTuple):
    """Where one held message is: the tag of its recipient's bucket, and its id."""

    tag: bytes
    id: bytes

    @classmethod
    def of(cls, listed: bytes) -> Shelf:
        """As `listed` has it."""
        tag, _, id_ = listed.partition(b"|")
        return cls(tag, id_)

    @property
    def held(self) -> bytes:
        return b"sg:{%b}:held" % self.tag

    @property
    def parcels(self) -> bytes:
        return b"sg:{%b}:parcels" % self.tag

    @property
    def ended(self) -> bytes:
        return b"sg:{%b}:ended:%b" % self

    @property
    def open(self) -> bytes:
        return open_in(self.tag)

    def twin(self, twin: bytes) -> bytes:
        return b"sg:{%b}:twin:%b" % (self.tag, twin.hex().encode())

    @property
    def listed(self) -> bytes:
        """In the index of its lane, and where its minted id leads."""
        return b"%b|%b" % self


class Spot(NamedTuple):
    """A recipient's place: the tag of its bucket, and its field there."""

    tag: bytes
    field: bytes

    @classmethod
    def of(cls, place: Hash) -> Spot:
        return cls(f"{place.key}:{place.digest[:_BUCKET].hex()}".encode(), place.digest[_BUCKET:])

    def told(self, program: str) -> bytes:
        """The field beside the record that says when this program instructed last."""
        return b"%b:%b" % (self.field, program.encode())

    def last(self, program: str) -> bytes:
        """The field that says what this program sent last."""
        return b"%b>%b" % (self.field, program.encode())

    def counter(self, name: str) -> bytes:
        """The field that holds the claims under this counter."""
        return b"%b#%b" % (self.field, tag_of(name))

    def on_list(self, name: str) -> bytes:
        """The field that is there while the number is on this list."""
        return b"%b@%b" % (self.field, tag_of(name))

    @property
    def entry(self) -> bytes:
        """The number in the index of a list."""
        return self.tag + self.field

    @property
    def records(self) -> bytes:
        return b"sg:{%b}" % self.tag

    @property
    def sealed(self) -> bytes:
        return b"sg:{%b}:sealed" % self.tag

    @property
    def open(self) -> bytes:
        return open_in(self.tag)

    def shelf(self, id_: str) -> Shelf:
        """Where this recipient's message of that id is, while it is held."""
        return Shelf(self.tag, id_.encode())


def link_row(row: bytes) -> tuple[bytes, bytes]:
    """The bucket of a link's row, and its field there."""
    return b"sg:{link:%b}" % row[:_BUCKET].hex().encode(), row[_BUCKET:]


def tag_in(sealed: bytes) -> bytes:
    """The tag of the bucket whose sealed parts have this key."""
    return sealed.partition(b"{")[2].partition(b"}")[0]


def place_at(tag: bytes, field: bytes) -> Hash:
    """Whose `Spot` this is."""
    id_, _, begins = tag.rpartition(b":")
    return Hash(id_.decode(), bytes.fromhex(begins.decode()) + field)


def parts_by_field(sealed: Sequence[bytes]) -> dict[bytes, dict[bytes, bytes]]:
    """A bucket's sealed parts, by recipient and name."""
    found: dict[bytes, dict[bytes, bytes]] = {}
    for name, part in zip(sealed[::2], sealed[1::2], strict=True):
        found.setdefault(name[:FIELD_BYTES], {})[name[FIELD_BYTES:]] = part
    return found


def index_of(name: str) -> bytes:
    """All numbers of the list of this name."""
    return f"sg:{{list:{name}}}".encode()


def due_in(lane: str) -> bytes:
    """The index of what a lane holds."""
    return f"sg:{{out}}:due:{lane}".encode()


def pace_of(lane: str) -> bytes:
    """When its bucket was empty."""
    return f"sg:{{out}}:pace:{lane}".encode()


def rest_of(lane: str) -> bytes:
    """There while it rests."""
    return f"sg:{{out}}:rest:{lane}".encode()


def kept_by(tag: bytes) -> bytes:
    """The index of what lists find under this tag."""
    return b"sg:{k:%b}" % tag.hex().encode()


def told(minted: str) -> bytes:
    """Where the id that a client was told leads."""
    return f"sg:{{m:{minted}}}".encode()


def carried(minted: str) -> bytes:
    """The carrier's own id, by the minted one."""
    return f"sg:{{m:{minted}}}:carrier".encode()


def minted_by(carrier_id: str) -> bytes:
    """The minted id, by the carrier's own."""
    return f"sg:{{c:{carrier_id}}}".encode()


def once(key: bytes) -> bytes:
    """What came with the key of somebody's own request."""
    return b"sg:{i:%b}" % key.hex().encode()


def open_in(tag: bytes) -> bytes:
    """The open attempts of the bucket with this tag."""
    return b"sg:{%b}:open" % tag


def open_of(worker: str) -> bytes:
    """The index of a worker's open attempts."""
    return f"sg:{{w:{worker}}}:open".encode()


def attempt_read(id_: bytes, written: bytes) -> OpenAttempt:
    """An attempt as it is written; its detail is sealed still."""
    state, worker, at, detail = written.split(b"|", 3)
    known = State.SENDING if state == b"s" else State.IN_DOUBT
    return OpenAttempt(id_.decode(), known, worker.decode(), instant(int(at)), detail)


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script, called by its hash once it is loaded."""

    source: bytes
    sha: str

    @classmethod
    def named(cls, *names: str) -> Script:
        """Of files in scripts/, one after the other."""
        source = b"\n".join((LUA / f"{name}.lua").read_bytes() for name in names)
        return cls(source, sha1(source, usedforsecurity=False).hexdigest())

    @property
    def loading(self) -> bytes:
        return packed("SCRIPT", "LOAD", self.source)

    def call(self, keys: tuple[bytes, ...], *arguments: str | bytes | int) -> bytes:
        return packed("EVALSHA", self.sha, len(keys), *keys, *arguments)
