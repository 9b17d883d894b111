"""Certificates with which carriers sign their calls: fetched from the carrier once, and kept."""

from __future__ import annotations

from gateway.delivery.legacy import Legacy
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Request

MOST = 16  # that are kept: a carrier has a new one every year or so

_OK = 200


class Certificates:
    """By their addresses, of which the dialect has said that they are the carrier's own."""

    def __init__(self, caller: Legacy) -> None:
        self._caller = caller
        self._kept: dict[str, bytes] = {}

    async def at(self, url: str) -> bytes:
        """As it is there, in PEM. Raises UpstreamAway."""
        if url not in self._kept:
            certificate = await self._fetched(url)
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[url] = certificate
        return self._kept[url]

    async def _fetched(self, url: str) -> bytes:
        answer = await self._caller.tell(Request(b"GET", b"", ()), url)
        if answer is None or answer.status != _OK:
            raise UpstreamAway("the carrier's certificate can't be had", 502, maybe_sent=False)
        return answer.body
