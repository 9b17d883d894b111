"""What lies around the gateway in these tests: a carrier with handsets, and the legacy system's own webhook."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import requests
from aiohttp import web
from aiosmtpd.smtp import SMTP
from twilio.request_validator import RequestValidator

from gateway.sandbox.carrier import Carrier
from gateway.sandbox.faults import hung_up
from gateway.sandbox.phone import reply_form, signature
from gateway.sandbox.server import Sandbox
from tests.front.house import PUBLIC_URL, TOKEN


@dataclass
class Told:
    """A webhook as the legacy system got it."""

    form: dict[str, str]
    signed: bool


@dataclass
class World:
    """Runs in a thread of its own. `webhook` is the gateway's, once it serves."""

    carrier: Carrier = field(default_factory=lambda: Carrier(lambda: datetime.now(UTC)))
    legacy_was_told: list[Told] = field(default_factory=list)
    legacy_answers: str = "<Response/>"
    legacy_away: bool = False  # it hangs up
    legacy_takes: float = 0.0  # seconds until it answers
    webhook: str = ""
    url: str = ""
    legacy: str = ""

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._runners: list[web.AppRunner] = []
        self._mail: list[asyncio.Server] = []
        self._arrived = threading.Event()
        self._background = ThreadPoolExecutor(4)
        self.url = self._run(self._serve(Sandbox(self.carrier).app()))
        legacy = web.Application()
        legacy.router.add_post("/legacy/sms", self._told)
        self.legacy = self._run(self._serve(legacy)) + "/legacy/sms"

    def serve_mail(self, handler: Any, **options: Any) -> int:
        """The port of a mail system that gives what it gets to aiosmtpd's `handler`. `options`: aiosmtpd's."""

        def smtp() -> SMTP:
            return SMTP(handler, hostname="mx.example.com", loop=self._loop, **options)

        self._mail.append(self._run(self._loop.create_server(smtp, "127.0.0.1", 0)))
        return int(self._mail[-1].sockets[0].getsockname()[1])

    def stop(self) -> None:
        for server in self._mail:
            self._loop.call_soon_threadsafe(server.close)
        for runner in self._runners:
            self._run(runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._background.shutdown()
        self._loop.close()

    def stop_carrier(self) -> None:
        """From now on nobody takes its connections."""
        self._run(self._runners.pop(0).cleanup())

    def texts_to(self, number: str) -> list[str]:
        return self.carrier.texts_to(number)

    def reply(self, number: str, to: str, text: str, webhook: str = "") -> requests.Response:
        """As Twilio tells it: a signed webhook, to `webhook` where it is not `self.webhook`."""
        form = reply_form(number, to, text)
        signed = {
            "X-Twilio-Signature": signature(PUBLIC_URL + "/in/twilio", form, TOKEN),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        return requests.post(webhook or self.webhook, urlencode(form), headers=signed, timeout=10)

    @contextmanager
    def answers_held(self) -> Iterator[None]:
        """The carrier takes messages, and answers them only when the block is left."""
        held = asyncio.Event()

        async def hold(request: web.Request) -> None:
            self._arrived.set()
            await held.wait()

        self.carrier.fault = hold
        try:
            yield
        finally:
            self.carrier.fault = None
            self._loop.call_soon_threadsafe(held.set)

    def wait_for_a_send(self) -> None:
        assert self._arrived.wait(20), "nothing reached the carrier"

    def in_background(self, work: Callable[[], Any]) -> Future[Any]:
        return self._background.submit(work)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _told(self, called: web.Request) -> web.Response:
        if self.legacy_away:
            return hung_up(called)
        await asyncio.sleep(self.legacy_takes)
        form = {name: str(value) for name, value in (await called.post()).items()}
        given = called.headers.get("X-Twilio-Signature", "")
        signed = RequestValidator(TOKEN).validate(self.legacy, form, given)
        self.legacy_was_told.append(Told(form, signed))
        return web.Response(text=self.legacy_answers, content_type="text/xml")
