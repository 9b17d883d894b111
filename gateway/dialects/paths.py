"""Paths as the most lenient server could understand them: a send in disguise must still be seen."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

MOST_DECODINGS = 10  # more than any chain of servers has; without an end, a long path would cost its square

_PARAMETERS = re.compile(rb";[^/]*")
_INVISIBLE = re.compile(rb"[\x00-\x20\x7f-\xff]+")
_END = re.compile(rb"[?#]")


def meant(path: bytes, paths: re.Pattern[bytes]) -> bool:
    """Whether it can be taken for one of these paths, however it is spelled."""
    return re.fullmatch(paths.pattern, settled(path), re.IGNORECASE) is not None


def settled(path: bytes) -> bytes:
    """The path in lower case, decoded again and again, without doubled slashes, dots, parameters and blanks.

    Only for telling what a path may be taken for, never for sending it on.
    """
    for _ in range(MOST_DECODINGS):
        path = _INVISIBLE.sub(b"", path)  # before as well: what stands between may hide an escape
        if b"%" not in path:
            break
        path = unquote_to_bytes(path)
    path = _END.split(path, maxsplit=1)[0].replace(b"\\", b"/")
    path = _INVISIBLE.sub(b"", _PARAMETERS.sub(b"", path)).lower()
    segments: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del segments[-1:]
        elif segment.strip(b"."):
            segments.append(segment.rstrip(b"."))
    return b"/" + b"/".join(segments)
