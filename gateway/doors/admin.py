"""The door of the operators: health, readiness, metrics, the management API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from gateway.doors.api.door import BODY_LIMIT, Api
from gateway.store.base import Check
from gateway.telemetry import Meter

Checks = Callable[[], Awaitable[Sequence[Check]]]


class AdminDoor:
    """Serves the management listener."""

    def __init__(self, checks: Checks, meter: Meter, api: Api) -> None:
        self._checks = checks
        self._meter = meter
        self._api = api

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        app.router.add_get("/metrics", self._metrics)
        app.add_subapp("/v1/", self._api.app())
        return app

    async def _health(self, _: web.Request) -> web.Response:
        """The process lives. Nothing is asked of the store: a restart would not mend it."""
        return web.json_response({"status": "ok"})

    async def _readiness(self, _: web.Request) -> web.Response:
        """Each part with its reason; 503 where one of them is not ready."""
        checks = await self._checks()
        ready = all(check.good for check in checks)
        parts = [{"name": check.name, "ready": check.good, "why": check.why} for check in checks]
        return web.json_response({"ready": ready, "parts": parts}, status=200 if ready else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._meter.exposition(), content_type="text/plain", charset="utf-8")
