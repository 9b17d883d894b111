"""The keys file: several keys by id, one of each use current, so that keys can change without a migration.

hashing: h1               # the key for new hashes; hashes under the others are still found
sealing: s1               # the key for new seals; what the others sealed still opens
signing: g1               # the key that signs the audit; none: nobody does
keys:
  h1: {use: hashing, created_at: 2026-06-10T12:00:00Z, key: <32 bytes in base64>}
  h2: {use: hashing, created_at: ..., current_from: 2026-11-24T12:05:00Z, key: ...}
  s1: {use: sealing, created_at: ...}

A key with `current_from` takes over by itself at that instant, on every host that has the file. It is published before,
so that whoever reads what it wrote knows it by then.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import yaml

from gateway.store.key_source import BadKeys, changing, created, replaced, text_of
from gateway.words.keys import KeySource

KEY_BYTES = 32
NEEDED = ("hashing", "sealing")
USES = (*NEEDED, "signing")

_ID = re.compile(r"[a-z0-9]{1,8}\Z")
_INITIALS = {"hashing": "h", "sealing": "s", "signing": "g"}
_MOMENT = timedelta(microseconds=1)
_HEAD = """\
# The gateway's keys. Whoever has them can read what is stored and tell whose it is: keep this file secret, and keep a
# copy apart from the data, for without them nothing can be read and nobody who opted out is known any more.
# `smsgate keys rotate` and `smsgate keys retire` write it anew.
"""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys by id. `hashing`, `sealing` and `signing` (which may be missing) are current until another takes over.

    A signing key is the seed of an Ed25519 key. Has no repr: a secret is never in a log.
    """

    hashing: str
    sealing: str
    hash_keys: Mapping[str, bytes]
    seal_keys: Mapping[str, bytes]
    signing: str = ""
    sign_keys: Mapping[str, bytes] = field(default_factory=dict)
    begins: Mapping[str, datetime] = field(default_factory=dict)  # when a key takes over, by its id
    created: Mapping[str, datetime] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> KeyRing:
        """New random keys."""
        hashing, sealing, signing = (token_bytes(KEY_BYTES) for _ in USES)
        now = datetime.now(UTC)
        made = dict.fromkeys(("h1", "s1", "g1"), now)
        return cls("h1", "s1", {"h1": hashing}, {"s1": sealing}, "g1", {"g1": signing}, created=made)

    def keys(self, use: str) -> Mapping[str, bytes]:
        return {"hashing": self.hash_keys, "sealing": self.seal_keys, "signing": self.sign_keys}[use]

    @property
    def uses(self) -> Mapping[str, str]:
        """Of every key, by its id."""
        return {id_: use for use in USES for id_ in self.keys(use)}

    def current(self, use: str, at: datetime) -> str:
        """Which key of this use writes at that instant; "" where none does."""
        begun = [(begins, id_) for id_, begins in self.begins.items() if begins <= at and id_ in self.keys(use)]
        named: str = getattr(self, use)
        return max(begun)[1] if begun else named

    def before(self, use: str, at: datetime) -> str:
        """Which one its current key has taken over from; itself where it has from none."""
        now = self.current(use, at)
        return self.current(use, self.begins[now] - _MOMENT) if now in self.begins else now

    def coming(self, use: str, at: datetime) -> list[str]:
        """Those that are to take over later."""
        return [id_ for id_, begins in self.begins.items() if begins > at and id_ in self.keys(use)]

    def rotated(self, uses: Iterable[str], now: datetime, lead: timedelta) -> KeyRing:
        """With a new key for each use, which takes over after `lead`. Raises BadKeys where one is about to already."""
        ring = self
        for use in uses:
            ring = ring._with_new(use, now, now + lead)
        return ring

    def _with_new(self, use: str, now: datetime, begins: datetime) -> KeyRing:
        if coming := self.coming(use, now):
            when = self.begins[coming[0]]
            raise BadKeys(f"the {use} key {coming[0]} takes over at {when:%Y-%m-%dT%H:%M:%SZ}; wait until then")
        id_, kind = _next_id(use, self.uses), {"hashing": "hash_keys", "sealing": "seal_keys", "signing": "sign_keys"}
        changed: dict[str, Any] = {
            kind[use]: {**self.keys(use), id_: token_bytes(KEY_BYTES)},
            use: self.current(use, now) or id_,
            "begins": {**self.begins, id_: begins},
            "created": {**self.created, id_: now},
        }
        return replace(self, **changed)

    def without(self, id_: str, now: datetime) -> KeyRing:
        """Without a key that writes no more. Raises BadKeys where it does, or will, or there is none."""
        use = self.uses.get(id_)
        if use is None:
            raise BadKeys(f"there is no key {id_}; `smsgate keys show` lists them")
        if id_ == self.current(use, now) or id_ in self.coming(use, now):
            raise BadKeys(f"{id_} is the current {use} key, or becomes it; `smsgate keys rotate --use {use}` first")
        current: dict[str, Any] = {each: self.current(each, now) for each in USES}

        def rest(named: Mapping[str, Any]) -> dict[str, Any]:
            return {each: value for each, value in named.items() if each != id_}

        return replace(
            self,
            **current,
            hash_keys=rest(self.hash_keys),
            seal_keys=rest(self.seal_keys),
            sign_keys=rest(self.sign_keys),
            begins=rest(self.begins),
            created=rest(self.created),
        )

    def unlike(self, other: KeyRing, now: datetime) -> str:
        """Why a process that works with this ring can't go on with the other; "" where it can."""
        for use in USES:
            theirs = other.keys(use)
            for id_, key in self.keys(use).items():
                if theirs.get(id_, key) != key:
                    return f"the key {id_} is another one than it was"
            if (current := self.current(use, now)) and current not in theirs:
                return f"the current {use} key {current} is missing"
        return ""


def _next_id(use: str, known: Iterable[str]) -> str:
    """Higher than any that is there: what a key that is gone has written is never taken for its."""
    initial = _INITIALS[use]
    taken = [int(id_[1:]) for id_ in known if id_[:1] == initial and id_[1:].isdecimal()]
    return f"{initial}{max(taken, default=0) + 1}"


def create(path: Path) -> KeyRing:
    """New keys, in a file that only its owner may read. Raises BadKeys where there is a file already."""
    ring = KeyRing.fresh()
    created(path, written(ring))
    return ring


def load(source: KeySource) -> KeyRing:
    """Raises BadKeys where it can't be had, is open to others, or is not what it should be."""
    try:
        return _ring(yaml.safe_load(text_of(source)))
    except yaml.YAMLError:
        raise BadKeys(f"{source}: this is no YAML; put the copy of your keys file back") from None
    except _Wrong as wrong:
        raise BadKeys(f"{source}: {wrong}; put the copy of your keys file back, or mend it") from None


def rewrite(path: Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    """The file holds what `change` makes of its keys, all of it or nothing. Raises BadKeys."""
    with changing(path):
        ring = change(load(path))
        replaced(path, written(ring))
    return ring


def written(ring: KeyRing) -> str:
    """As `load` reads it."""
    lines = [f"  {id_}: {{{_entry(ring, id_, use)}}}" for id_, use in ring.uses.items()]
    current = [f"{use}: {id_}" for use in USES if (id_ := getattr(ring, use))]
    return _HEAD + "\n".join([*current, "keys:", *lines, ""])


def _entry(ring: KeyRing, id_: str, use: str) -> str:
    times = (("created_at", ring.created), ("current_from", ring.begins))
    told = [f"{name}: {at[id_]:%Y-%m-%dT%H:%M:%SZ}" for name, at in times if id_ in at]
    return ", ".join([f"use: {use}", *told, f"key: {b64encode(ring.keys(use)[id_]).decode()}"])


class _Wrong(Exception):
    """What is wrong with the shape, without quoting any of it: it may be a key."""


def _ring(read: Any) -> KeyRing:
    if not isinstance(read, dict) or not isinstance(read.get("keys"), dict):
        raise _Wrong("it must have `hashing`, `sealing` and `keys`")
    keys = {
        use: {id_: _key(id_, entry) for id_, entry in read["keys"].items() if _use(id_, entry) == use} for use in USES
    }
    for use in USES:
        if read.get(use) not in keys[use] and (use in NEEDED or use in read):
            raise _Wrong(f"`{use}` must name one of the keys whose use is {use}")
    begins, made = (_instants(read["keys"], name) for name in ("current_from", "created_at"))
    hash_keys, seal_keys, sign_keys = (keys[use] for use in USES)
    named = read["hashing"], read["sealing"]
    return KeyRing(*named, hash_keys, seal_keys, read.get("signing", ""), sign_keys, begins, made)


def _instants(entries: Mapping[str, Any], name: str) -> dict[str, datetime]:
    return {id_: _instant(id_, name, entry[name]) for id_, entry in entries.items() if name in entry}


def _instant(id_: str, name: str, value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise _Wrong(f"key {id_}: `{name}` must be an instant, as 2026-11-24T12:05:00Z")
    return value.astimezone(UTC)


def _use(id_: Any, entry: Any) -> str:
    if not isinstance(id_, str) or not _ID.match(id_):
        raise _Wrong("a key's id is 1 to 8 of a-z and 0-9")
    if not isinstance(entry, dict) or entry.get("use") not in USES:
        raise _Wrong(f"key {id_}: `use` must be hashing, sealing or signing")
    use: str = entry["use"]
    return use


def _key(id_: str, entry: Mapping[str, Any]) -> bytes:
    try:
        key = b64decode(entry.get("key", ""), validate=True)
    except (BadBase64, TypeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise _Wrong(f"key {id_}: `key` must be {KEY_BYTES} bytes in base64")
    return key
