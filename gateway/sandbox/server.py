"""The sandbox's own listener: the carrier's API, the phones, and the clock."""

from __future__ import annotations

from aiohttp import web

from gateway.sandbox.carrier import LARGEST, Carrier
from gateway.sandbox.clock import DemoClock, NoTime
from gateway.sandbox.phone import Phone


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
        number = _number(called)
        form = await called.post()
        text = str(form.get("text") or next(iter(form), ""))
        sender = self.carrier.sender_to(number) or "+18335550100"
        status, texts = await self._phone.reply(number, sender, text)
        for each in texts:
            self.carrier.deliver(number, sender, each)
        return web.json_response({"gateway": status, "answered": texts})

    async def _time(self, _: web.Request) -> web.Response:
        if self._clock is None:
            raise web.HTTPNotFound
        return web.json_response({"new_york": f"{self._clock.local:%A %Y-%m-%d %H:%M:%S}"})

    async def _move(self, called: web.Request) -> web.Response:
        if self._clock is None:
            raise web.HTTPNotFound
        form = await called.post()
        try:
            self._clock.move(str(form.get("at") or next(iter(form), "")))
        except NoTime as error:
            return web.Response(status=400, text=f"{error}\n")
        return await self._time(called)


def _number(called: web.Request) -> str:
    """`+12125550100` from a path in which the plus may be missing, or have become a space."""
    return "+" + called.match_info["number"].strip(" +")
