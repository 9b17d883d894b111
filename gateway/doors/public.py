"""The door of the internet: carriers' webhooks. A reply is believed only where its carrier has signed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.delivery.legacy import Legacy, joined
from gateway.dialects.base import Dialect
from gateway.gate import Gate
from gateway.later import Later
from gateway.telemetry import Meter
from gateway.words.errors import StoreAway, Unreadable
from gateway.words.wire import Request, Response

BODY_LIMIT = 1 << 20  # bytes of a webhook


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a carrier calls us, and where the legacy system used to be called."""

    upstream: str
    dialect: Dialect
    path: str
    public_url: str  # scheme, host and port as the carrier calls them: behind an ingress no request tells
    secret: str | None  # None: this dialect signs nothing
    legacy_url: str | None = None
    legacy_secret: str | None = None
    country: str | None = None


class PublicDoor:
    """Serves the public listener."""

    def __init__(
        self,
        gate: Gate,
        later: Later,
        webhooks: Sequence[Webhook],
        legacy: Legacy,
        meter: Meter,
        clock: Callable[[], datetime],
    ) -> None:
        self._gate = gate
        self._later = later
        self._webhooks = webhooks
        self._legacy = legacy
        self._meter = meter
        self._clock = clock

    def app(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT)
        for webhook in self._webhooks:
            app.router.add_route("GET", webhook.path, self._handler(webhook))
            app.router.add_route("POST", webhook.path, self._handler(webhook))
            for method in ("GET", "POST"):
                app.router.add_route(method, webhook.path + "/receipts/{token}", self._receipts(webhook))
        return app

    def _receipts(self, webhook: Webhook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(called: web.Request) -> web.StreamResponse:
            return _given(await self._receipt(webhook, called.match_info["token"], await _read(called)))

        return handle

    async def _receipt(self, webhook: Webhook, token: str, request: Request) -> Response:
        """What became of a message that left later: the client knows it by another id, and is told under that."""
        if not self._signed(webhook, request):
            self._meter.webhook_unsigned(webhook.upstream)
            return Response(403, (), b"the signature is missing or wrong\n")
        try:
            known = await self._later.receipt(token, request)
        except StoreAway:
            return Response(503, ((b"Retry-After", b"30"),), b"call again\n")
        return webhook.dialect.silence() if known else Response(404, (), b"no message has this receipt\n")

    def _handler(self, webhook: Webhook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(called: web.Request) -> web.StreamResponse:
            return _given(await self._called(webhook, await _read(called)))

        return handle

    async def _called(self, webhook: Webhook, request: Request) -> Response:
        """Act on it first, then tell the legacy system; the carrier gets the legacy system's answer."""
        if not self._signed(webhook, request):
            self._meter.webhook_unsigned(webhook.upstream)
            return Response(403, (), b"the signature is missing or wrong\n")
        try:
            silent = await self._heard(webhook, request)
        except Unreadable as error:
            return Response(400, (), f"{error}\n".encode())
        except StoreAway:  # the journal has it, and this host honours it; the carrier may try again
            return Response(503, ((b"Retry-After", b"30"),), b"not acknowledged yet; call again\n")
        answer = await self._told_on(webhook, request)
        return webhook.dialect.silence() if silent else answer

    def _signed(self, webhook: Webhook, request: Request) -> bool:
        if webhook.secret is None:
            return True
        url = webhook.public_url + request.target.decode("latin-1")
        return webhook.dialect.signed(request, url, webhook.secret, self._clock())

    async def _heard(self, webhook: Webhook, request: Request) -> bool:
        """Whether the recipient is to be left in peace: then no answer of the legacy system's may be a text."""
        inbound = webhook.dialect.hear(request)
        return inbound is not None and await self._gate.hear(inbound, webhook.upstream, webhook.country)

    async def _told_on(self, webhook: Webhook, request: Request) -> Response:
        if not webhook.legacy_url:
            return webhook.dialect.silence()
        url = joined(webhook.legacy_url, request.query)
        signed = webhook.dialect.sign(request, url, webhook.legacy_secret) if webhook.legacy_secret else request
        answer = await self._legacy.tell(signed, url)
        if answer is None:
            self._meter.legacy_away(webhook.upstream)
            return Response(502, (), b"the system behind this webhook gave no answer\n")
        return answer


async def _read(called: web.Request) -> Request:
    return Request(
        called.method.encode("ascii"),
        called.raw_path.encode("latin-1"),
        tuple(called.raw_headers),
        await called.read(),
    )


def _given(response: Response) -> web.Response:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
    kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "transfer-encoding"}]
    return web.Response(status=response.status, headers=kept, body=response.body)
