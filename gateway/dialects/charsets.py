"""Charsets by the names under which clients know them."""

from __future__ import annotations

from gateway.words.errors import Unreadable

_CODECS = {
    "utf8": "utf-8",
    "usascii": "ascii",
    "ascii": "ascii",
    "iso88591": "latin-1",
    "latin1": "latin-1",
    "iso885915": "iso8859-15",
    "latin9": "iso8859-15",
    "windows1252": "cp1252",
    "cp1252": "cp1252",
    "utf16be": "utf-16-be",
    "ucs2": "utf-16-be",
    "ucs2be": "utf-16-be",
}


def codec_of(charset: str) -> str:
    """The codec for a charset's name. Raises Unreadable for one that is unknown here."""
    codec = _CODECS.get(charset.lower().translate(_PUNCTUATION))
    if codec is None:
        raise Unreadable("this charset is unknown here; use UTF-8, ISO-8859-1 or windows-1252", field="charset")
    return codec


def decode(data: bytes, charset: str) -> str:
    """The text. Raises Unreadable where the bytes make no sense in this charset."""
    codec = codec_of(charset)
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise Unreadable(f"the text is not valid {charset}; name the charset that it is in", field="charset") from None


def encode(text: str, charset: str) -> bytes | None:
    """The bytes, or None where the charset has no place for a character."""
    try:
        return text.encode(codec_of(charset))
    except UnicodeEncodeError:
        return None


_PUNCTUATION = str.maketrans("", "", "-_ :")
