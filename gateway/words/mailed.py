"""The mail that a text was made of: whom to tell what becomes of it, and where an answer goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gateway.words.program import DEFAULT_PROGRAM, Program
from gateway.words.wire import Headers

_FOLD = re.compile(rb"\r?\n[ \t]+")


@dataclass(frozen=True, slots=True)
class Mailed:
    """One recipient's share of a mail."""

    id: str  # of its message: the same for the same mail, whenever it comes again
    sender: str  # the envelope's: notifications and replies go there
    address: str  # the recipient's, as the envelope had it
    client: str  # who mailed it, by name
    source: str  # the sender that its text is from, in our own spelling
    program: Program = DEFAULT_PROGRAM  # the client's, whatever the text and its sender say
    message_id: str = ""  # with its angle brackets
    references: tuple[str, ...] = ()  # the oldest first
    subject: str = ""
    head: bytes = field(default=b"", repr=False)  # its fields, for notifications

    @property
    def fields(self) -> Headers:
        """The mail's own, unfolded, for rules that look at one."""
        lines = (line.partition(b":") for line in _FOLD.sub(b" ", self.head).splitlines())
        return tuple((name.strip(), value.strip()) for name, colon, value in lines if colon)

    @property
    def domain(self) -> str:
        """An answer's: mailing back to it texts the recipient again."""
        return self.address.rpartition("@")[2].rstrip(">")
