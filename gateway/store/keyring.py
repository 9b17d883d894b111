"""The keys file: several keys by id, one of each use current, so that keys can change without a migration.

hashing: h1               # the key for new hashes; hashes under the others are still found
sealing: s1               # the key for new seals; what the others sealed still opens
signing: g1               # the key that signs the audit; none: nobody does
keys:
  h1: {use: hashing, created_at: 2026-06-10T12:00:00Z, key: <32 bytes in base64>}
  s1: {use: sealing, created_at: ...}
"""

from __future__ import annotations

import os
import re
import stat
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import yaml

from gateway.words.errors import GatewayError

KEY_BYTES = 32
NEEDED = ("hashing", "sealing")
USES = (*NEEDED, "signing")

_ID = re.compile(r"[a-z0-9]{1,8}\Z")
_HEAD = """\
# The gateway's keys. Whoever has them can read what is stored and tell whose it is: keep this file secret, and keep a
# copy apart from the data, for without them nothing can be read and nobody who opted out is known any more.
"""


class BadKeys(GatewayError):
    """The keys file can't be used, or is there already."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys by id. `hashing`, `sealing` and `signing` (which may be missing) name the current ones.

    A signing key is the seed of an Ed25519 key. Has no repr: a secret is never in a log.
    """

    hashing: str
    sealing: str
    hash_keys: Mapping[str, bytes]
    seal_keys: Mapping[str, bytes]
    signing: str = ""
    sign_keys: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def fresh(cls) -> KeyRing:
        """New random keys."""
        hashing, sealing, signing = (token_bytes(KEY_BYTES) for _ in USES)
        return cls("h1", "s1", {"h1": hashing}, {"s1": sealing}, "g1", {"g1": signing})


def create(path: Path) -> KeyRing:
    """New keys, in a file that only its owner may read. Raises BadKeys where there is a file already."""
    ring = KeyRing.fresh()
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadKeys(f"{path} is there already and was left as it is; name another file for new keys") from None
    except OSError as error:
        raise BadKeys(f"{path} can't be written: {error.strerror}") from error
    with os.fdopen(file, "w") as written:
        written.write(_HEAD + _text(ring, datetime.now(UTC)))
        written.flush()
        os.fsync(written.fileno())
    return ring


def load(path: Path) -> KeyRing:
    """Raises BadKeys where the file is missing, open to others, or not what it should be."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except FileNotFoundError:
        raise BadKeys(f"{path}: there is no keys file; `smsgate init` makes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"{path} can't be read: {getattr(error, 'strerror', 'it is no text')}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKeys(f"{path}: others than its owner may use it (mode {stat.S_IMODE(mode):o}); `chmod 600` it")
    try:
        return _ring(yaml.safe_load(text))
    except yaml.YAMLError:
        raise BadKeys(f"{path}: this is no YAML; put the copy of your keys file back") from None
    except _Wrong as wrong:
        raise BadKeys(f"{path}: {wrong}; put the copy of your keys file back, or mend it") from None


class _Wrong(Exception):
    """What is wrong with the shape, without quoting any of it: it may be a key."""


def _text(ring: KeyRing, now: datetime) -> str:
    keys = [(id_, "hashing", key) for id_, key in ring.hash_keys.items()]
    keys += [(id_, "sealing", key) for id_, key in ring.seal_keys.items()]
    keys += [(id_, "signing", key) for id_, key in ring.sign_keys.items()]
    lines = [
        f"  {id_}: {{use: {use}, created_at: {now:%Y-%m-%dT%H:%M:%SZ}, key: {b64encode(key).decode()}}}"
        for id_, use, key in keys
    ]
    current = [f"{use}: {id_}" for use in USES if (id_ := getattr(ring, use))]
    return "\n".join([*current, "keys:", *lines, ""])


def _ring(read: Any) -> KeyRing:
    if not isinstance(read, dict) or not isinstance(read.get("keys"), dict):
        raise _Wrong("it must have `hashing`, `sealing` and `keys`")
    keys = {
        use: {id_: _key(id_, entry) for id_, entry in read["keys"].items() if _use(id_, entry) == use} for use in USES
    }
    for use in USES:
        if read.get(use) not in keys[use] and (use in NEEDED or use in read):
            raise _Wrong(f"`{use}` must name one of the keys whose use is {use}")
    current = read["hashing"], read["sealing"], keys["hashing"], keys["sealing"]
    return KeyRing(*current, read.get("signing", ""), keys["signing"])


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
