"""The listeners, each with the door behind it. What is opened here is closed with `house`."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from gateway.config import Config, Listener, MailConfig
from gateway.delivery.upstream import Upstream
from gateway.desk import Desk
from gateway.doors.admin import AdminDoor
from gateway.doors.api.door import Api
from gateway.doors.clients import Clients
from gateway.doors.links import LinkDoor
from gateway.doors.proxy import ProxyDoor, Route
from gateway.doors.public import PublicDoor, Webhook
from gateway.doors.smtp.door import MailDoor
from gateway.gate import Gate
from gateway.http1.server import Server
from gateway.links import Links
from gateway.mailroom import Mailroom
from gateway.means import Means
from gateway.numbering.zones import standing
from gateway.opening import CannotStart
from gateway.reload import Reloader
from gateway.store.base import Check
from gateway.telemetry import Meter, log
from gateway.tracker import Tracker

GRACE = 10.0  # seconds that requests in progress have to end


async def proxy(
    house: AsyncExitStack,
    config: Config,
    sockets: Mapping[Listener, socket.socket],
    gate: Gate,
    tracker: Tracker,
    upstreams: Mapping[str, Upstream],
) -> None:
    """For legacy systems: one address or several, each with its own upstreams. Raises CannotStart."""
    meter, clients, tls = tracker.meter, Clients(config.clients), _tls(config)
    for listener, listed in config.listeners.items():
        routes = [Route(upstreams[each.name], each.prefix.encode(), each.host.encode()) for each in listed]
        server = Server(
            ProxyDoor(gate, tracker, routes, clients, meter, config.body_limit).serve,
            tls=tls,
            on_refused=lambda error: meter.http_refused(str(error.status)),
            on_error=lambda error: log.error("a request failed", exc_info=error),
        )
        await server.start(sockets[listener])
        house.push_async_callback(server.close, GRACE)


async def public(house: AsyncExitStack, config: Config, sock: socket.socket, door: PublicDoor, means: Means) -> None:
    """For the internet: carriers' webhooks, and opt-out pages."""
    app = door.app()
    if config.links:
        LinkDoor(Links(means, config.by_name), means.linker, means.meter, config.links.ingress).add_to(app)
    await _listen(house, app, sock)


def webhooks(config: Config, upstreams: Mapping[str, Upstream]) -> list[Webhook]:
    """Where carriers call."""
    hooks = [(upstreams[route.name], route.webhook) for route in config.routes if route.webhook]
    return [Webhook(upstream, hook.path, hook.public_url, hook.auth_token) for upstream, hook in hooks]


async def admin(
    house: AsyncExitStack, config: Config, sock: socket.socket, desk: Desk, means: Means, reloader: Reloader
) -> None:
    """For operators."""
    api = Api(desk, config.tokens, means.clock)
    await _listen(house, AdminDoor(_checks(config, means, reloader), means.meter, api).app(), sock)


async def mail(house: AsyncExitStack, config: MailConfig, sock: socket.socket, room: Mailroom, meter: Meter) -> None:
    """For mail systems. Raises CannotStart."""
    door = MailDoor(room, config, meter)
    await door.start(sock, _context(config.tls.certificate, config.tls.key) if config.tls else None)
    house.push_async_callback(door.close, GRACE)


def _tls(config: Config) -> ssl.SSLContext | None:
    return _context(*config.tls) if config.tls else None


def _context(certificate: Path, key: Path, client_ca: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise CannotStart(f"{certificate} and {key} can't be used for TLS: {error}") from error
    return _asking(context, client_ca) if client_ca else context


def _asking(context: ssl.SSLContext, client_ca: Path) -> ssl.SSLContext:
    """Only who shows a certificate that is signed by one of these gets through the handshake."""
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(client_ca)
    except OSError as error:
        raise CannotStart(f"{client_ca} can't be used to know clients by: {error}") from error
    return context


async def _listen(house: AsyncExitStack, app: web.Application, sock: socket.socket) -> None:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=GRACE)
    await runner.setup()
    house.push_async_callback(runner.cleanup)
    await web.SockSite(runner, sock).start()


def _checks(config: Config, means: Means, reloader: Reloader) -> Callable[[], Awaitable[Sequence[Check]]]:
    told = "; ".join(notice.message for notice in config.notices) or "every upstream has what it needs"

    async def checks() -> Sequence[Check]:
        policies = Check("policies", good=True, why=str(reloader.standing))
        zones = Check("time zones", good=True, why=standing())
        upstreams = Check("upstreams", good=True, why=told)
        return [*await means.store.checks(), Check(*means.audit.check()), policies, zones, upstreams]

    return checks
