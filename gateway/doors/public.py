"""The door of the internet: carriers' webhooks. A reply is believed only where its carrier has signed it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from gateway.conversation import Conversation
from gateway.delivery.certificates import Certificates
from gateway.delivery.legacy import BROKEN, TAKEN, Legacy, joined
from gateway.delivery.upstream import Upstream
from gateway.errands import Errands
from gateway.gate import Gate
from gateway.later import Later
from gateway.numbering.read import read_number
from gateway.telemetry import Meter
from gateway.words.errors import StoreAway, Unreadable, UpstreamAway
from gateway.words.message import Inbound
from gateway.words.wire import Call, Request, Response

BODY_LIMIT = 1 << 20  # bytes of a webhook
UNSIGNED = Response(403, (), b"the signature is missing or wrong\n")
NOT_CONFIRMED = Response(503, ((b"Retry-After", b"30"),), b"the subscription could not be confirmed; call again\n")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a carrier calls us; where the legacy system used to be called, its upstream knows."""

    upstream: Upstream
    path: str
    public_url: str  # scheme, host and port as the carrier calls them: behind an ingress no request tells
    secret: str | None  # None: this dialect signs nothing


class PublicDoor:
    """Serves the public listener."""

    def __init__(
        self,
        conversation: Conversation,
        gate: Gate,
        later: Later,
        errands: Errands,
        webhooks: Sequence[Webhook],
        legacy: Legacy,
        meter: Meter,
        clock: Callable[[], datetime],
    ) -> None:
        self._conversation = conversation
        self._gate = gate
        self._later = later
        self._errands = errands
        self._webhooks = webhooks
        self._legacy = legacy
        self._certificates = Certificates(legacy)
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
        if refusal := await self._doubted(webhook, request):
            return refusal
        try:
            known = await self._later.receipt(token, request)
        except StoreAway:
            return Response(503, ((b"Retry-After", b"30"),), b"call again\n")
        return webhook.upstream.dialect.silence() if known else Response(404, (), b"no message has this receipt\n")

    def _handler(self, webhook: Webhook) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(called: web.Request) -> web.StreamResponse:
            return _given(await self._called(webhook, await _read(called)))

        return handle

    async def _called(self, webhook: Webhook, request: Request) -> Response:
        """Act on it first, then tell the legacy system; the carrier gets the legacy system's answer."""
        if refusal := await self._doubted(webhook, request):
            return refusal
        try:
            if greeting := webhook.upstream.dialect.handshake(request):
                return await self._greeted(webhook.upstream, greeting)
            replies = webhook.upstream.dialect.hear_all(request)
            silent = await self._heard(webhook.upstream, replies)
            told = webhook.upstream.dialect.without_secret(request, webhook.secret or "")
            answer = await self._told_on(webhook.upstream, told, replies[0] if replies else None)
            if replies and not silent:  # where an answer sends, a call tells of one reply
                answer = await self._decided(webhook.upstream, replies[0], answer)
        except Unreadable as error:
            return Response(400, (), f"{error}\n".encode())
        except StoreAway:  # an opt-out is in the journal, and this host honours it; the carrier may try again
            return Response(503, ((b"Retry-After", b"30"),), b"not acknowledged yet; call again\n")
        return webhook.upstream.dialect.silence() if silent else answer

    async def _greeted(self, upstream: Upstream, greeting: Response | Call) -> Response:
        if isinstance(greeting, Response):
            return greeting
        confirmed = await self._legacy.tell(greeting.request, greeting.url)
        return upstream.dialect.silence() if confirmed and confirmed.status in TAKEN else NOT_CONFIRMED

    async def _doubted(self, webhook: Webhook, request: Request) -> Response | None:
        """The answer to a webhook of which nobody knows whether the carrier sent it."""
        try:
            if await self._signed(webhook, request):
                return None
        except Unreadable as error:
            return Response(400, (), f"{error}\n".encode())
        except UpstreamAway as error:
            return Response(503, ((b"Retry-After", b"30"),), f"{error}; call again\n".encode())
        self._meter.webhook_unsigned(webhook.upstream.name)
        return UNSIGNED

    async def _signed(self, webhook: Webhook, request: Request) -> bool:
        if webhook.secret is None:
            return True
        dialect, now = webhook.upstream.dialect, self._clock()
        url = webhook.public_url + request.target.decode("latin-1")
        if not dialect.signed(request, url, webhook.secret, now):
            return False
        address = dialect.certified_by(request, webhook.secret)
        return not address or dialect.attested(request, await self._certificates.at(address), now)

    async def _heard(self, upstream: Upstream, replies: Sequence[Inbound]) -> bool:
        """Whether a recipient is to be left in peace: then no answer of the legacy system's may be a text.

        Each is acted on, whatever becomes of the others. Raises StoreAway where one is not in the store yet.
        """
        silent, away = False, None
        for each in replies:
            try:
                silent |= await self._conversation.hear(each, upstream)
            except StoreAway as error:
                away = error
        if away:
            raise away
        return silent

    async def _decided(self, upstream: Upstream, inbound: Inbound, answer: Response) -> Response:
        """The legacy system's answer with those texts only that may be sent: the carrier sends what stands in it."""
        dialect = upstream.dialect
        try:
            drafts = dialect.answered(inbound, answer)
        except Unreadable as error:
            self._gate.refuse(Request(b"", b"", answer.headers, answer.body), upstream, error)
            return dialect.silence()
        if not drafts:
            return answer
        texts = await self._gate.answered(drafts, answer, upstream)
        if texts == {place: draft.text for place, draft in enumerate(drafts)}:
            return answer
        return dialect.answering(answer, texts) if texts else dialect.silence()

    async def _told_on(self, upstream: Upstream, request: Request, inbound: Inbound | None) -> Response:
        """The legacy system's answer; where it has none, nothing is said, and it is told later. Raises StoreAway."""
        if not upstream.legacy_url:
            return upstream.dialect.silence()
        url, secret = joined(upstream.legacy_url, request.query), upstream.callback_secret
        signed = upstream.dialect.sign(request, url, secret, self._clock()) if secret else request
        answer = await self._legacy.tell(signed, url)
        if answer is not None and answer.status not in BROKEN:
            return answer
        self._meter.legacy_away(upstream.name)
        about = read_number(inbound.recipient, upstream.country) if inbound else None
        await self._errands.owe_legacy(request, upstream, about)
        return upstream.dialect.silence()


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
