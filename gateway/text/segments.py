"""Segments as carriers count and charge them (3GPP TS 23.038 and TS 23.040, 9.2.3.24.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.text.alphabet import EXTENSION, is_gsm7, septets

Encoding = Literal["gsm-7", "ucs-2"]

# Units that fit into a message that stands alone, and into each part of a longer one, which begins with a header of
# six octets. A unit is a septet in GSM-7 and 16 bits in UCS-2.
_ALONE = {"gsm-7": 160, "ucs-2": 70}
_IN_PART = {"gsm-7": 153, "ucs-2": 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes on the air: `count` is what carriers charge for, an empty text included."""

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """The segments of a text, in GSM-7 where every character has a code in it, else in UCS-2.

    A character of the GSM extension table takes two septets and one beyond the basic plane two units of UCS-2;
    neither is split over two parts, so that a part may end one unit early.
    """
    if is_gsm7(text):
        return _counted(text, "gsm-7", septets(text), _is_extended)
    return _counted(text, "ucs-2", _utf16_units(text), _is_beyond_basic_plane)


def _utf16_units(text: str) -> int:
    # A lone half of a surrogate pair, as broken JSON brings it, is a unit too.
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _is_extended(character: str) -> bool:
    return character in EXTENSION


def _is_beyond_basic_plane(character: str) -> bool:
    return character > "\uffff"


def _counted(text: str, encoding: Encoding, units: int, is_double: Callable[[str], bool]) -> Segments:
    if units <= _ALONE[encoding]:
        return Segments(encoding, units, 1)
    room = _IN_PART[encoding]
    if units == len(text):  # nothing that could be split
        return Segments(encoding, units, -(-units // room))
    return Segments(encoding, units, _parts((1 + is_double(character) for character in text), room))


def _parts(widths: Iterable[int], room: int) -> int:
    """How many parts hold the characters of these widths, in order and none of them split."""
    parts, filled = 1, 0
    for width in widths:
        filled += width
        if filled > room:
            parts, filled = parts + 1, width
    return parts
