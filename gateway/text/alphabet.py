"""The GSM default alphabet: which texts fit in 7-bit characters (3GPP TS 23.038, 6.2.1)."""

from __future__ import annotations

import re

# The 3GPP table has a capital C with cedilla at code 0x09; the small one is outside. Code 0x1B is the escape
# to the extension table and no character of its own.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"  # each takes two septets: the escape, then a code

_ASCII = "".join(filter(str.isascii, BASIC + EXTENSION)).encode()
_ASCII_EXTENSION = "".join(filter(str.isascii, EXTENSION)).encode()
_WHOLE = re.compile(f"[{re.escape(BASIC + EXTENSION)}]*")
_OUTSIDE = re.compile(f"[^{re.escape(BASIC + EXTENSION)}]")
_EXTENDED = re.compile(f"[{re.escape(EXTENSION)}]")


def is_gsm7(text: str) -> bool:
    """Whether every character has a code in the GSM alphabet, so that the text needs no UCS-2."""
    if text.isascii():  # as most are; this takes a fifth of the time
        return not text.encode().translate(None, _ASCII)
    return _WHOLE.fullmatch(text) is not None


def septets(text: str) -> int:
    """How many 7-bit units a GSM-7 text takes: two for a character of the extension table, else one."""
    if text.isascii():
        return 2 * len(text) - len(text.encode().translate(None, _ASCII_EXTENSION))
    return len(text) + len(_EXTENDED.findall(text))


def offenders(text: str) -> tuple[str, ...]:
    """The characters that force the text into UCS-2, each once, in the order in which they come."""
    return tuple(dict.fromkeys(_OUTSIDE.findall(text)))
