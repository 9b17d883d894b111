"""The legacy system's own webhook: what the carrier told us is told on, as the carrier would have told it."""

from __future__ import annotations

import aiohttp
from yarl import URL

from gateway.delivery.reach import Reach
from gateway.http1.framing import end_to_end
from gateway.words.wire import Request, Response

TIMEOUT = 10.0  # seconds: a carrier waits for 15

_OWN = {b"host", b"content-length", b"accept-encoding"}  # written anew for the new connection


class Legacy:
    """Calls webhooks with nothing changed but the address. One for all upstreams."""

    def __init__(self, reach: Reach | None = None) -> None:
        """`reach`: the addresses that may be called; None: any, for operators name them."""
        self._reach = reach
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=self._reach.socket_for if self._reach else None),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
            skip_auto_headers=("User-Agent", "Content-Type", "Accept", "Accept-Encoding"),
            auto_decompress=False,
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def tell(self, request: Request, url: str) -> Response | None:
        """The legacy system's answer, or None where it gave none."""
        assert self._session is not None, "open() first"  # noqa: S101
        headers = [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in end_to_end(request.headers)
            if name.lower() not in _OWN
        ]
        try:
            async with self._session.request(
                request.method.decode("ascii"),
                URL(url, encoded=True),
                headers=headers,
                data=request.body or None,
                allow_redirects=False,
            ) as answer:
                return Response(answer.status, end_to_end(answer.raw_headers), await answer.read())
        except (aiohttp.ClientError, TimeoutError, ValueError):  # ValueError: it is no URL
            return None


def joined(url: str, query: bytes) -> str:
    """The legacy URL, with the query of the carrier's call behind its own."""
    if not query:
        return url
    address, hash_, fragment = url.partition("#")  # Twilio takes connection settings there
    return f"{address}{'&' if '?' in address else '?'}{query.decode('latin-1')}{hash_}{fragment}"
