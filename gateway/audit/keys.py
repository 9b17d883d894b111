"""Which keys the record names: those that sealed its lines, and those that signed it."""

from __future__ import annotations

from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from gateway.audit.files import chains_in, files_of, read_head
from gateway.audit.signed import Segment

_SEALED = b'","sealed":"'
_BEGINS = 12  # characters in Base64: a key's id and its length are in the first 9 bytes


def named_in(folder: Path) -> Counter[str]:
    """How many lines each key has sealed, and how many ends and files it has signed. Blocks; raises OSError."""
    found: Counter[str] = Counter()
    for chain_ in chains_in(folder) if folder.is_dir() else ():
        files = files_of(folder, chain_)
        found.update(chain.from_iterable(map(_sealed_in, files)))
        signed = [read_head(folder, chain_), *map(Segment.read, files)]
        found.update(one.signature.partition(":")[0] for one in signed if one and one.signature)
    return found


def _sealed_in(path: Path) -> Iterator[str]:
    with path.open("rb") as lines:
        for line in lines:
            _, sealed, data = line.rpartition(_SEALED)
            if sealed:
                begins = b64decode(data[:_BEGINS])
                yield begins[1 : 1 + begins[0]].decode()
