"""What is no text but the wreckage of a broken mail: boundaries, MIME fields, base64, uuencoded files.

Where it begins, what the mail says has ended.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.mail.model import BadMail

_MIME_FIELD = re.compile(
    r"^[ \t>]*(?:Content-(?:Type|Transfer-Encoding|Disposition|ID|Location|Description)"
    r"|MIME-Version|Message-ID|Return-Path|DKIM-Signature"
    r"|Received(?=[ \t]*:[ \t]*from))[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
# A boundary with the fields of its part below it, or one that ends the last part.
_BOUNDARY = re.compile(r"^-{1,2}\S{1,72}[ \t]*\n(?=[A-Za-z-]{2,40}:)|^--[^\s-]\S{6,70}--[ \t]*$", re.MULTILINE)
_PARAMETER = re.compile(r"^[^\n]{0,400}boundary=\"[^\"\n]{6,70}\"", re.IGNORECASE | re.MULTILINE)
_UUENCODED = re.compile(r"^begin [0-7]{3,4} \S[^\n]{0,200}\n(?=[!-`]{2,70}$)", re.MULTILINE)
_ENCODED_LINE = re.compile(r"^[ \t]*[A-Za-z0-9+/]{60,}={0,2}[ \t]*$", re.MULTILINE)
_HEX = re.compile(r"[0-9a-f]*|[0-9A-F]*")
_SHORTEST_BOUNDARY = 8  # characters; shorter ones could be words


def without_debris(text: str, boundaries: Iterable[str] = (), *, in_html: bool = False) -> str:
    """The text up to where debris begins. Raises BadMail where it begins with debris.

    Long lines of base64 are none in the source of HTML, where they are pictures that aren't shown.
    """
    starts = [*_seams(text, boundaries), *(() if in_html else _blobs(text))]
    start = min(starts, default=-1)
    if start < 0:
        return text
    if not text[:start].strip():
        raise BadMail("the mail's parts can't be told apart; send it as plain text", "5.6.0")
    return text[:start]


def _blobs(text: str) -> Iterator[int]:
    if found := _UUENCODED.search(text):
        yield found.start()
    yield from (found.start() for found in _ENCODED_LINE.finditer(text) if _is_encoded(found[0].strip()))


def _seams(text: str, boundaries: Iterable[str]) -> Iterator[int]:
    for pattern in (_MIME_FIELD, _BOUNDARY, _PARAMETER):
        if found := pattern.search(text):
            yield found.start()
    for boundary in boundaries:
        if len(boundary) >= _SHORTEST_BOUNDARY and (place := text.find(boundary)) >= 0:
            yield text.rfind("\n", 0, place) + 1


def _is_encoded(line: str) -> bool:
    """Whether it looks like base64 rather than a hash or a very long word."""
    mixed = any(map(str.isupper, line)) and any(map(str.islower, line))
    return mixed and not _HEX.fullmatch(line)
