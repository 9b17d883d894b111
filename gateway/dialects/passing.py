"""What an operator lets through unread, by name: `POST /v1/Services/*/Notifications`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.words.wire import Request

# Of a path as it came: nothing is decoded, so that an escape, dots or a doubled slash never fit.
_SEGMENT = r"[A-Za-z0-9_~+:@-][A-Za-z0-9_.~+:@-]*"
_SAID = re.compile(rf"([A-Z]+) ((?:/(?:\*|{_SEGMENT}))+/?)")


@dataclass(frozen=True, slots=True)
class Passing:
    """One method and one path, in which `*` stands for one segment."""

    said: str
    method: bytes
    path: re.Pattern[bytes]

    @classmethod
    def read(cls, said: str) -> Passing:
        """Raises ValueError."""
        found = _SAID.fullmatch(said)
        if not found:
            raise ValueError("is no method and path; write POST /v1/Services/*/Notifications (* is one segment)")
        pattern = re.escape(found[2]).replace(r"\*", _SEGMENT)
        return cls(said, found[1].encode(), re.compile(pattern.encode()))

    @property
    def sample(self) -> bytes:
        """A path that fits."""
        return self.said.partition(" ")[2].replace("*", "x").encode()

    def fits(self, request: Request) -> bool:
        return request.method == self.method and self.path.fullmatch(request.path) is not None
