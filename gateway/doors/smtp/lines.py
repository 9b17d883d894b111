"""Lines as SMTP has them: they end with CR LF, and neither stands alone (RFC 5321, 2.3.8).

Who takes a bare LF for a line's end, and talks to somebody who doesn't, reads mails in between that nobody sent: SMTP
smuggling. What has one is refused, whatever it would mean.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class BareLineEnd(Exception):
    """A line that ends otherwise, or holds half an end."""


def has_bare_line_end(content: bytes) -> bool:
    return _BARE.search(content) is not None


class Lines(asyncio.StreamReader):
    """What a client sends. A command ends with the first LF, so that one that ends wrongly has its answer at once."""

    deaf = False  # nothing more is heard: the connection is about to be closed

    async def readuntil(self, separator: Any = b"\n") -> bytes:
        """Raises BareLineEnd for a command's line; a mail's are looked at when the mail is whole."""
        if self.deaf:
            await asyncio.Event().wait()  # until the connection is gone, and its task with it
        line = await super().readuntil(separator)
        if separator == b"\n" and (not line.endswith(b"\r\n") or has_bare_line_end(line)):
            raise BareLineEnd
        return line
