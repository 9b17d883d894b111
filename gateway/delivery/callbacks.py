"""Calls that clients asked for: what became of their messages, told as their carrier would tell it."""

from __future__ import annotations

from gateway.delivery.legacy import Legacy
from gateway.delivery.upstream import Upstream
from gateway.telemetry import Meter
from gateway.words.wire import Call


class Callbacks:
    """Signs and makes them."""

    def __init__(self, legacy: Legacy, meter: Meter) -> None:
        self._legacy = legacy
        self._meter = meter

    async def call(self, upstream: Upstream, call: Call | None) -> None:
        """None: the client asked for none."""
        if call is None:
            return
        secret, request = upstream.callback_secret, call.request
        signed = upstream.dialect.sign(request, call.url, secret) if secret else request
        if await self._legacy.tell(signed, call.url) is None:
            self._meter.legacy_away(upstream.name)
