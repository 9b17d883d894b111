"""From bytes to characters, also where the charset's name is wrong, unknown or missing."""

from __future__ import annotations

import codecs
import re

_WIDER = {  # as browsers read them: what programs write under these names
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "hz",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_ALIASES = {
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "x-sjis": "cp932",
    "ks_c_5601-1987": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "cp-850": "cp850",
}
# They are no charsets of mails, and some of them take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_MANY_BYTES = ("gb", "big5", "euc", "cp9", "shift", "iso2022", "utf", "johab", "hz")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_UNKNOWN = "?"


def decoded(data: bytes, charset: str) -> str:
    """The text. A character that can't be read is a question mark; line ends are `\\n`."""
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _tidy(data[len(mark) :].decode(codec, "replace"))
    for codec in _candidates(data, _codec(charset)):
        try:
            return _tidy(data.decode(codec))
        except (UnicodeError, LookupError):
            continue
    return _tidy(data.decode("cp1252", "replace"))


def _candidates(data: bytes, named: str) -> tuple[str, ...]:
    """Codecs to try, the likeliest first."""
    if data.isascii():
        if b"\x1b$" in data and not named.startswith("iso2022"):
            return "iso2022_jp_2", named or "ascii", "ascii"
        return (named, "ascii") if named.startswith(("iso2022", "utf-7", "hz", "utf-16", "utf-32")) else ("ascii",)
    if named.startswith(_MANY_BYTES):
        return named, "utf-8"
    # Text of one-byte charsets is next to never valid UTF-8 by chance: the name is wrong.
    return ("utf-8", named) if named else ("utf-8",)


def _codec(charset: str) -> str:
    """The codec's own name; empty for a charset that is unknown."""
    name = charset.strip(" \"'\t").lower()
    try:
        codec = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return "" if codec in _NO_CHARSETS else _WIDER.get(codec, codec)


def _tidy(text: str) -> str:
    unix = _CONTROL.sub("", _LINE_ENDS.sub("\n", text))
    return unix.replace("\ufffd", _UNKNOWN).encode("utf-8", "replace").decode("utf-8")
