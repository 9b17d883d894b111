"""What a Jasmin message says: its `content` or `hex-content`, by its `coding` (SMPP 3.4, data_coding).

With coding 0 Jasmin turns a UTF-8 content into the GSM alphabet and replaces what that has no place for; with any
other coding the bytes go on as they are. (jasmin/protocols/http/endpoints/send.py)
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.dialects.layouts import needed_text
from gateway.text.alphabet import is_gsm7
from gateway.words.errors import Unreadable

GSM, UCS2 = "0", "8"

_CODECS = {"1": "ascii", "3": "latin-1", "6": "iso8859-5", "7": "iso8859-8", UCS2: "utf-16-be"}
_CODINGS = frozenset(map(str, range(15)))
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Content:
    """As it stands in a request: one of the first two is None."""

    plain: bytes | None
    hexed: str | None
    coding: str  # "" where none is given

    def __post_init__(self) -> None:
        if (self.plain is None) == (self.hexed is None):
            raise Unreadable("a message has either `content` or `hex-content`", field="content")
        if self.coding and self.coding not in _CODINGS:
            raise Unreadable("coding is a number from 0 to 14", field="coding")

    @property
    def text(self) -> str | None:
        """None where it is binary, or in a coding that is not read here: it is decided on without one."""
        codec = _CODECS.get(self.coding or GSM)
        if self.plain is not None and (self.coding or GSM) == GSM:
            codec = "utf-8"
        if codec is None:
            return None
        try:
            return needed_text(self._data.decode(codec), "content")
        except UnicodeDecodeError:
            raise Unreadable("the content makes no sense in its coding", field="content") from None

    @property
    def _data(self) -> bytes:
        if self.plain is not None:
            return self.plain
        if not _HEX.fullmatch(self.hexed or ""):
            raise Unreadable("hex-content is in hex digits, two a byte", field="hex-content")
        return bytes.fromhex(self.hexed or "")

    def saying(self, text: str, *, raw: bool) -> Content:
        """The same with another text, in its own coding or else in UCS-2. `raw`: a content may hold any bytes."""
        coding = self.coding or GSM
        if self.plain is not None and coding == GSM and is_gsm7(text):
            return Content(text.encode(), None, self.coding)
        data = _encoded(text, _CODECS.get(coding))
        if data is None:
            return Content(None, text.encode("utf-16-be").hex(), UCS2)
        if self.plain is not None and raw:
            return Content(data, None, self.coding)
        return Content(None, data.hex(), self.coding)


EMPTY = Content(b"", None, "")


def _encoded(text: str, codec: str | None) -> bytes | None:
    """None where the codec has no place for a character."""
    try:
        return text.encode(codec) if codec else None
    except UnicodeEncodeError:
        return None
