"""The door of the legacy systems: speaks HTTP, and asks the dialect and the gate everything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.audit.log import AuditAway
from gateway.delivery.upstream import Upstream
from gateway.doors.clients import Clients, NotLetIn
from gateway.gate import Gate
from gateway.http1.exchange import BodyTooLarge, Exchange
from gateway.http1.framing import BadRequest
from gateway.http1.passing import forward
from gateway.telemetry import Meter, log
from gateway.tracker import Concern, Tracker
from gateway.words.decision import Reason
from gateway.words.errors import StoreAway, Unreadable, UpstreamAway
from gateway.words.wire import Request, Response

NOT_FOUND = Response(404, ((b"Content-Type", b"text/plain"),), b"no upstream has this host and path\n")


@dataclass(frozen=True, slots=True)
class Route:
    """Which requests go to an upstream: all whose path begins with `prefix`, for `host` where one is given."""

    upstream: Upstream
    prefix: bytes = b""  # taken off before the request goes on: b"/kannel"
    host: bytes = b""  # in lower case, without port; empty: any

    def takes(self, request: Request) -> bool:
        path = request.path
        if self.prefix and path != self.prefix and not path.startswith(self.prefix + b"/"):
            return False
        return not self.host or host_of(request) == self.host

    def stripped(self, request: Request) -> Request:
        """The request as the carrier would have got it."""
        if not self.prefix:
            return request
        target = request.target[len(self.prefix) :]
        rooted = target if target.startswith(b"/") else b"/" + target
        return Request(request.method, rooted, request.headers, request.body)


def host_of(request: Request) -> bytes:
    """In lower case, without the port."""
    return _PORT.sub(b"", (request.header(b"host") or b"").lower())


_PORT = re.compile(rb":[0-9]*\Z")


class ProxyDoor:
    """Handles one exchange: a send goes to the gate, everything else straight through."""

    def __init__(
        self,
        gate: Gate,
        tracker: Tracker,
        routes: Sequence[Route],
        clients: Clients,
        meter: Meter,
        body_limit: int,
    ) -> None:
        self._gate = gate
        self._clients = clients
        self._tracker = tracker
        # The most particular route is asked first.
        self._routes = sorted(routes, key=lambda route: (len(route.host), len(route.prefix)), reverse=True)
        self._meter = meter
        self._body_limit = body_limit

    async def serve(self, exchange: Exchange) -> None:
        head = exchange.head
        request, shown = self._clients.taken_off(Request(head.method, head.target, head.headers))
        route = next((route for route in self._routes if route.takes(request)), None)
        if route is None:
            await exchange.respond(NOT_FOUND)
            return
        request, upstream = route.stripped(request), route.upstream
        try:
            client = await self._clients.let_in(shown, exchange.peer)
        except NotLetIn as error:
            self._meter.not_let_in(error.cause)
            await exchange.respond(upstream.dialect.refuse(request, error.reason, str(error)))
            return
        if self._may_send(request, upstream):
            await exchange.respond(await self._told(exchange, request, upstream, client))
        elif concern := await self._tracker.concerns(request, upstream):
            await exchange.respond(await self._tracked(exchange, request, concern, upstream))
        else:
            await self._pass(exchange, request, upstream)

    def _may_send(self, request: Request, upstream: Upstream) -> bool:
        """Whether the carrier could take it for a send, and no operator has said that it goes through unread."""
        if not upstream.dialect.claims(request):
            return False
        # What must be signed anew is read whole, whatever it is.
        return upstream.signing is not None or not self._is_let_through(request, upstream)

    def _is_let_through(self, request: Request, upstream: Upstream) -> bool:
        if not upstream.lets_through(request):
            return False
        self._meter.let_through(upstream.name)
        return True

    async def _told(self, exchange: Exchange, request: Request, upstream: Upstream, client: str) -> Response:
        """An answer in the carrier's own form, even where we fail ourselves."""
        try:
            return await self._answer(exchange, request, upstream, client)
        except Exception as error:  # noqa: BLE001 whatever it is, the client can read the answer to it
            log.error("a send failed", upstream=upstream.name, exc_info=error)
            return upstream.dialect.away(request, 500, "the gateway failed; its log says where")

    async def _answer(self, exchange: Exchange, request: Request, upstream: Upstream, client: str) -> Response:
        try:
            body = await exchange.read(self._body_limit)
            request = Request(request.method, request.target, request.headers, body)
            if upstream.signing:
                upstream.signing.check(replace(request, target=exchange.head.target, headers=exchange.head.headers))
            send = None if self._is_let_through(request, upstream) else upstream.dialect.read(request)
        except BodyTooLarge:
            return self._refuse(request, upstream, f"the body is larger than {self._body_limit} bytes")
        except BadRequest as error:
            return self._refuse(request, upstream, error.reason)
        except Unreadable as error:
            return self._gate.refuse(request, upstream, error)
        if send is not None:
            if send.account in self._clients.names:  # anybody can bear an account that is called as somebody's token is
                send = replace(send, account="")
            return await self._gate.handle(send, upstream, (exchange.peer, client))
        return await self._passed_whole(request, upstream)

    async def _tracked(self, exchange: Exchange, request: Request, concern: Concern, upstream: Upstream) -> Response:
        try:
            body = await exchange.read(self._body_limit)
            whole = Request(request.method, request.target, request.headers, body)
            return await self._tracker.answer(whole, concern, upstream)
        except (BodyTooLarge, BadRequest) as error:
            return upstream.dialect.refuse(request, Reason.BAD_REQUEST, str(error))
        except StoreAway as error:
            self._meter.store_away()
            return upstream.dialect.away(request, 503, str(error))
        except AuditAway as error:
            return upstream.dialect.away(request, 503, str(error))

    def _refuse(self, request: Request, upstream: Upstream, why: str) -> Response:
        return self._gate.refuse(request, upstream, Unreadable(why))

    async def _passed_whole(self, request: Request, upstream: Upstream) -> Response:
        """A request that was read but is no send."""
        try:
            return await upstream.exchange(request)
        except UpstreamAway as error:
            self._meter.upstream_away(upstream.name, error.status)
            return upstream.dialect.away(request, error.status, str(error))

    async def _pass(self, exchange: Exchange, request: Request, upstream: Upstream) -> None:
        """Straight through, both ways at once, byte for byte."""
        assert upstream.pool is not None, "a route leads to an API"  # noqa: S101
        try:
            await forward(exchange, upstream.pool, request)
        except UpstreamAway as error:
            self._meter.upstream_away(upstream.name, error.status)
            await exchange.respond(upstream.dialect.away(request, error.status, str(error)))
