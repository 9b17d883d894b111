"""A mail that we owe somebody, as bytes for the outbox and back: it stands there as the calls do that we owe."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime

import orjson

LANE = "calls:mail"
BODY = b'{"letter":'


@dataclass(frozen=True, slots=True)
class Letter:
    """Ready for SMTP. `sender` is the envelope's; empty: the null sender, which nothing answers."""

    sender: str
    to: str
    content: bytes = field(repr=False)
    owed: datetime

    counted_as = "mail"
    lane = LANE

    def packed(self) -> bytes:
        """The body of a Held."""
        content = b64encode(self.content).decode("ascii")
        return orjson.dumps({"letter": self.to, "sender": self.sender, "content": content, "owed": self.owed})

    @classmethod
    def read(cls, body: bytes) -> Letter:
        """What `packed` gave."""
        told = orjson.loads(body)
        return cls(told["sender"], told["letter"], b64decode(told["content"]), datetime.fromisoformat(told["owed"]))
