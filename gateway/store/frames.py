"""How entries stand in a file that only ever grows, so that a torn end is told from a whole entry.

    2 bytes mark | 4 bytes length | 4 bytes CRC-32 of the length and the entry | the entry

A write that was cut short leaves an end that is no frame: what is before it counts. Where bytes in the middle were
damaged, reading goes on at the next mark that begins a whole frame.
"""

from __future__ import annotations

import struct
from zlib import crc32

LIMIT = 1 << 20  # bytes of one entry; a longer length is damage

_MARK = b"\xf5J"
_HEAD = struct.Struct(">2sII")


def framed(entry: bytes) -> bytes:
    """Raises ValueError where it is longer than LIMIT."""
    if len(entry) > LIMIT:
        raise ValueError("the entry is too long for a journal")
    return _HEAD.pack(_MARK, len(entry), _sum(entry)) + entry


def unframed(data: bytes) -> tuple[list[bytes], int]:
    """The whole entries, and where the last of them ends: from there on is what is not whole, or not written yet."""
    entries: list[bytes] = []
    at = end = 0
    while (at := data.find(_MARK, at)) >= 0:
        entry = _entry_at(data, at)
        if entry is None:
            at += 1
        else:
            at = end = at + _HEAD.size + len(entry)
            entries.append(entry)
    return entries, end


def _entry_at(data: bytes, at: int) -> bytes | None:
    """The entry whose frame begins here, if it is whole."""
    start = at + _HEAD.size
    if start > len(data):
        return None
    _, length, expected = _HEAD.unpack_from(data, at)
    entry = data[start : start + length]
    if length > LIMIT or len(entry) < length or _sum(entry) != expected:
        return None
    return entry


def _sum(entry: bytes) -> int:
    return crc32(entry, crc32(len(entry).to_bytes(4)))
