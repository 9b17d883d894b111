"""The sandbox's own listener: the carrier's API, the phones, and the clock."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import parse_qsl

import orjson
from aiohttp import ClientError, web

from gateway.sandbox.carrier import LARGEST, Carrier
from gateway.sandbox.clock import DemoClock, NoTime
from gateway.sandbox.phone import Phone

SHOP = "+18335550100"  # whom a handset answers that nobody has texted yet


class Sandbox:
    """Serves a Carrier; with a Phone and a DemoClock also what the demo's lines ask for."""

    def __init__(self, carrier: Carrier, phone: Phone | None = None, clock: DemoClock | None = None) -> None:
        self.carrier = carrier
        self._phone = phone
        self._clock = clock

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self.carrier.middleware], client_max_size=LARGEST)
        app.add_routes(self.carrier.routes())
        app.router.add_get("/phone/{number}", self._texts)
        app.router.add_post("/phone/{number}/reply", self._reply)
        app.router.add_get("/clock", self._time)
        app.router.add_post("/clock", self._move)
        return app

    async def _texts(self, called: web.Request) -> web.Response:
        number = _number(called)
        return web.json_response({"number": number, "texts": self.carrier.texts_to(number)})

    async def _reply(self, called: web.Request) -> web.Response:
        if self._phone is None:
            raise web.HTTPNotFound
        number, text = _number(called), _told(await called.text(), "text")
        sender = self.carrier.sender_to(number) or SHOP
        try:
            status, texts = await self._phone.reply(number, sender, text)
        except (ClientError, TimeoutError) as error:
            return web.json_response({"error": f"the gateway can't be reached: {type(error).__name__}"}, status=502)
        for each in texts:
            self.carrier.deliver(number, sender, each)
        return web.json_response({"gateway": status, "answered": texts})

    async def _time(self, _: web.Request) -> web.Response:
        clock = self._running()
        return web.json_response({"new_york": f"{clock.local:%A %Y-%m-%d %H:%M:%S}", "at": clock.local.isoformat()})

    async def _move(self, called: web.Request) -> web.Response:
        try:
            self._running().move(_told(await called.text(), "at", "advance"))
        except NoTime as error:
            return web.Response(status=400, text=f"{error}\n")
        return await self._time(called)

    def _running(self) -> DemoClock:
        if self._clock is None:
            raise web.HTTPNotFound
        return self._clock


def _number(called: web.Request) -> str:
    """`+12125550100` from a path in which the plus may be missing, or have become a space."""
    return "+" + called.match_info["number"].strip(" +")


def _told(body: str, *names: str) -> str:
    """What a body says under one of these names: in JSON, in a form, or with no name at all (`curl -d STOP`)."""
    with suppress(orjson.JSONDecodeError):
        told = orjson.loads(body)
        if isinstance(told, dict):
            return str(next((told[name] for name in names if name in told), ""))
    name, equals, _ = body.partition("=")
    return dict(parse_qsl(body)).get(name, "") if equals and name in names else body.strip()
