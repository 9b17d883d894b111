"""A form body or a query: its pairs in order, every byte as it came, until one value is changed."""

from __future__ import annotations

import re
from binascii import a2b_qp
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_from_bytes

from gateway.words.errors import Unreadable

MOST_PAIRS = 1000
WORTH_REMEMBERING = 4096  # bytes: the names in larger forms are not

_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")  # of UTF-8 and UTF-16
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_LOWER_HEX = re.compile(rb"%(?:[a-f][0-9a-f]|[0-9][a-f])")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_HIDDEN = re.compile(rb";([^;&=]*)=")


@dataclass(frozen=True, slots=True)
class Form:
    """`name=value&name=value`, read.

    Fields are found however their names are spelled (case, escapes, a trailing `[]`), so that no carrier finds one
    that we missed; those that are asked for must then stand there once, and as asked for.
    """

    raw: bytes
    parts: list[bytes]
    names: list[bytes]  # of the parts, folded
    places: Mapping[bytes, int]  # which part has this folded name

    @staticmethod
    def read(raw: bytes) -> Form:
        """Raises Unreadable for a byte order mark, broken escapes and more than MOST_PAIRS pairs.

        It is read for one field after the other, and a moment later written: what is small is not parsed twice.
        """
        return _read_lately(raw) if len(raw) <= WORTH_REMEMBERING else Form._read(raw)

    @classmethod
    def _read(cls, raw: bytes) -> Form:
        if raw.startswith(_MARKS):
            raise Unreadable("the form begins with a byte order mark, which may hide its first field; leave it out")
        if _BAD_ESCAPE.search(raw):
            raise Unreadable("a percent sign is not followed by two hex digits; escape a literal one as %25")
        parts = raw.split(b"&", MOST_PAIRS)
        if len(parts) > MOST_PAIRS:
            raise Unreadable(f"the form has more than {MOST_PAIRS} fields")
        fold = _folded if len(raw) <= WORTH_REMEMBERING else _fold
        names = [fold(part.partition(b"=")[0]) for part in parts]
        return cls(raw, parts, names, {name: place for place, name in enumerate(names)})

    def holding(self, names: frozenset[bytes]) -> str:
        """One of these (folded) names that is there, else ""; some servers end a pair at a semicolon, too."""
        if not names.isdisjoint(self.places):
            return next(name for name in self.names if name in names).decode("latin-1")
        return self.hiding(names)

    def hiding(self, names: frozenset[bytes]) -> str:
        """One of these (folded) names that stands behind a semicolon inside a value, else ""."""
        if b";" not in self.raw:
            return ""
        hidden = (_fold(name) for name in _HIDDEN.findall(self.raw))
        return next((name.decode("latin-1") for name in hidden if name in names), "")

    def raw_value(self, name: bytes) -> bytes | None:
        """The value as it came, or None. Raises Unreadable where the field is there twice or spelled in another way."""
        folded = name.lower()
        place = self.places.get(folded)
        if place is None:
            return None
        spelled, mark, value = self.parts[place].partition(b"=")
        if spelled != name or not mark or (len(self.places) < len(self.names) and self.names.count(folded) > 1):
            raise self._ambiguous(name)
        return value

    def _ambiguous(self, name: bytes) -> Unreadable:
        field = name.decode("latin-1")
        if self.count(name) > 1:
            return Unreadable(f"the field {field} is given twice; give it once", field=field)
        return Unreadable(f"the field {field} is spelled in another way; write {field}=...", field=field)

    def bytes_of(self, name: bytes) -> bytes | None:
        """The value, decoded; None where there is none. Raises Unreadable as `raw_value` does."""
        raw = self.raw_value(name)
        return None if raw is None else decoded(raw)

    def text_of(self, name: bytes) -> str | None:
        """The value as UTF-8 text, or None. Raises Unreadable as `raw_value` does, and for bad UTF-8."""
        raw = self.raw_value(name)
        if raw is None:
            return None
        try:
            return decoded(raw).decode()
        except UnicodeDecodeError:
            field = name.decode("latin-1")
            raise Unreadable(f"the field {field} is not valid UTF-8; send it as UTF-8", field=field) from None

    def count(self, name: bytes) -> int:
        """How often a field that may be repeated is there."""
        return self.names.count(name.lower())

    def pairs(self) -> list[tuple[bytes, bytes]]:
        """All pairs, decoded, in order."""
        split = (part.partition(b"=") for part in self.parts if part)
        return [(decoded(name), decoded(value)) for name, _, value in split]


_read_lately = lru_cache(maxsize=64)(Form._read)


def with_value(raw: bytes, name: bytes, value: bytes) -> bytes:
    """A form with this (decoded) value for a field that is there once or not at all; every other byte as it was.

    It is escaped in the client's own style, and what it keeps of the old value keeps its very bytes.
    """
    before, old, after = _parted(raw, name)
    plain = decoded(old)
    if value.startswith(plain):
        return before + old + _escaped(value[len(plain) :], old, raw) + after
    if value.endswith(plain):
        return before + _escaped(value[: -len(plain)], old, raw) + old + after
    return before + _escaped(value, old, raw) + after


def with_escaped_value(raw: bytes, name: bytes, value: bytes) -> bytes:
    """The same with a value that is escaped already."""
    before, _, after = _parted(raw, name)
    return before + value + after


def without(raw: bytes, names: frozenset[bytes]) -> bytes:
    """A form without the fields of these (folded) names; the others keep their bytes and their order."""
    form = Form.read(raw)
    return b"&".join([part for part, name in zip(form.parts, form.names, strict=True) if name not in names])


def _parted(raw: bytes, name: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before a field's value, the value, and what stands behind; a new field stands at the end."""
    before, mark, rest = (b"&" + raw).partition(b"&" + name + b"=")
    if not mark:
        return (raw + b"&" if raw else raw) + name + b"=", b"", b""
    value, behind, after = rest.partition(b"&")
    return (before + mark)[1:], value, behind + after


def _escaped(value: bytes, sample: bytes, raw: bytes) -> bytes:
    """Spaces and hex digits as in the sample, or else as anywhere in the form."""
    spaced = sample if b"%20" in sample or b"+" in sample else raw
    escaped = quote_from_bytes(value, safe=" ").replace(" ", "%20" if b"%20" in spaced else "+")
    if "%" in escaped and _LOWER_HEX.search(raw):
        escaped = _ESCAPE.sub(lambda match: match[0].lower(), escaped)
    return escaped.encode("ascii")


def decoded(raw: bytes) -> bytes:
    """What an escaped name or value stands for: `+` is a space. Its escapes must be whole ones."""
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" not in raw:
        return raw
    # Quoted-printable is the same with another mark, and is decoded in C, five times faster than by urllib.
    return a2b_qp(raw.replace(b"=", b"=3D").replace(b"%", b"="))


def _fold(name: bytes) -> bytes:
    """What a lenient server could take a field's name for: `%54o`, `TO`, `To[]` and ` To` are all `to`."""
    return decoded(name).partition(b"[")[0].strip(b" \t\r\n\0").lower()


_folded = lru_cache(maxsize=1024)(_fold)  # the same few names, all day long
