"""Signatures of requests, at the instants at which they come and leave."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.dialects.signer import Signer
from gateway.words.wire import Request


class Signing:
    """A dialect's signer with a clock."""

    def __init__(self, signer: Signer, clock: Callable[[], datetime]) -> None:
        self._signer = signer
        self._clock = clock

    def check(self, came: Request) -> None:
        """Raises Unreadable where a client's request, as it came and whole, may not be signed anew."""
        self._signer.check(came, self._clock())

    def sign(self, leaving: Request) -> Request:
        """With the carrier's host and path in it, and a signature of now."""
        return self._signer.sign(leaving, self._clock())
