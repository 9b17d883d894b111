"""A carrier that reaches nobody: speaks as Twilio and as Kannel do, keeps each request, and misbehaves on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from gateway.sandbox import kannel, twilio
from gateway.sandbox.faults import Fault, Spoiler, hung_up
from gateway.sandbox.smsc import Smsc
from gateway.words.wire import Request

LARGEST = 32 << 20  # bytes of a body

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Carrier(Smsc):
    """Its message centre behind two APIs.

    It can misbehave, until it is told otherwise: `deaf` hangs up before it has read a body, `fault` may answer before
    it has taken the message, `spoil` turns its answer into something else once it has.
    """

    requests: list[Request] = field(default_factory=list)
    deaf: bool = False
    fault: Fault | None = None
    spoil: Spoiler | None = None

    def routes(self) -> list[web.RouteDef]:
        return [*twilio.routes(self), *kannel.routes(self)]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep each request as it came, and answer errors as Twilio does."""
        if self.deaf:
            return hung_up(request)
        self.requests.append(await _as_it_came(request))
        if self.fault and (instead := await self.fault(request)):
            return instead
        answer = await _answered(request, handler)
        return await self.spoil(request, answer) if self.spoil else answer


async def _answered(called: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(called)
    except twilio.CarrierError as error:
        return error.response()
    except web.HTTPNotFound:
        return twilio.not_found(called).response()


async def _as_it_came(called: web.Request) -> Request:
    target = called.raw_path.encode("utf-8", "surrogateescape")
    return Request(called.method.encode(), target, tuple(called.raw_headers), await called.read())
