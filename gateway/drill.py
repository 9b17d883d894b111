"""The drill: a STOP from a handset of the site's own goes the way that every STOP goes, and the next send is refused.

Nobody else can be texted, whatever is broken: the send is to the number that drills, is made only once the store has
the opt-out, and bears credentials that no carrier takes.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Any

import aiohttp
from yarl import URL

from gateway.audit.chain import Kind
from gateway.config import Config, Listener
from gateway.desk import Desk
from gateway.numbering.senders import sender_of
from gateway.policy.rules.suppressed import RULE
from gateway.words.errors import GatewayError
from gateway.words.facts import Suppression, SuppressionKind
from gateway.words.message import Inbound
from gateway.words.token import SHOWN_IN
from gateway.words.wire import Credentials, Request, Response

TEXT = "Drill: this must not leave"
NOBODYS = Credentials("AC" + "0" * 32, "drill")  # were the gate open, the carrier would still refuse it
RECORDED_WITHIN = 10.0  # seconds until a line is in the record; it takes less than one
BACK = timedelta(minutes=5)  # by which the gateway's clock may differ from ours
TIMEOUT = aiohttp.ClientTimeout(total=30)

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - listened on, reached here


class CannotDrill(GatewayError):
    """The gateway can't be reached, or the configuration has no drill."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at."""

    name: str
    good: bool
    what: str
    seconds: float


class Drill:
    """One drill through the gateway that serves this configuration on this machine."""

    def __init__(self, config: Config, desk: Desk, clock: Callable[[], datetime]) -> None:
        """Raises CannotDrill where the configuration has none."""
        if config.drill is None:
            raise CannotDrill("the configuration has no `drill: {number: ..., upstream: ...}`; docs/operators.md")
        self._config = config
        self._drill = config.drill
        self._route = next(each for each in config.routes if each.name == config.drill.upstream)
        self._listener = self._route.listen or config.listen.proxy
        self._desk = desk
        self._clock = clock
        self._since = clock() - BACK

    async def steps(self) -> AsyncIterator[Step]:
        """Until one is not good; then all is put back as it was. Raises CannotDrill, StoreAway."""
        stood = await self._opt_outs()
        if stood:
            why = "the number has opted out already, so that nothing can be proved: `smsgate suppress remove` first"
            yield Step("before", good=False, what=why, seconds=0.0)
            return
        try:
            async for step in self._stopped():
                yield step
                if not step.good:
                    break
        finally:
            restored = await _timed("START", self._restored())
        yield restored

    async def _stopped(self) -> AsyncIterator[Step]:
        inbound = self._reply("STOP")
        yield await _timed("STOP", self._heard(inbound))
        yield await _timed("its line in the audit", self._on_record(Kind.HEARD, "inbound", inbound.id, _is_opt_out))
        step, message = await self._send()
        yield step
        yield await _timed("its line in the audit", self._on_record(Kind.MESSAGE, "message", message, _is_refusal))

    async def _heard(self, inbound: Inbound) -> tuple[bool, str]:
        answer = await self._told(inbound)
        stands = bool(await self._opt_outs())
        store = "the store has the opt-out" if stands else "the store has no opt-out: nothing is sent"
        return answer.status < 300 and stands, f"the webhook answered {answer.status}; {store}"  # noqa: PLR2004

    async def _send(self) -> tuple[Step, str]:
        """And the message's id."""
        began, holding = monotonic(), self._route.dialect.holding
        assert holding is not None, "the configuration is checked when it is loaded"  # noqa: S101
        request = holding.compose(self._drill.number, sender_of(self._drill.sender), TEXT, NOBODYS)
        target = self._route.prefix.encode() + request.target
        scheme = "https" if self._config.tls else "http"
        if self._drill.token:
            headers = (*request.headers, (SHOWN_IN, self._drill.token.encode()))
            request = Request(request.method, request.target, headers, request.body)
        answer = await self._called(request, scheme, self._listener, target.decode("ascii"))
        decision, rule = _field(answer, b"x-gateway-decision"), _field(answer, b"x-gateway-rule")
        what = f"the proxy answered {answer.status}: {decision or 'no decision'} by {rule or 'no rule'}"
        step = Step("the next send", decision == "block", what, monotonic() - began)
        return step, _field(answer, b"x-gateway-message-id")

    async def _on_record(
        self, kind: Kind, field: str, value: str, is_as_it_should_be: Callable[[Mapping[str, Any]], bool]
    ) -> tuple[bool, str]:
        until = monotonic() + RECORDED_WITHIN
        while monotonic() < until:
            found = await asyncio.to_thread(
                self._desk.recorded, kind, self._since, lambda clear: clear.get(field) == value
            )
            if found:
                line = found[0].clear
                return is_as_it_should_be(line), f"{line['kind']} at {line['at']}, {_told_of(line)}"
            await asyncio.sleep(0.2)
        return False, "there is none"

    async def _restored(self) -> tuple[bool, str]:
        answer = await self._told(self._reply("START"))
        left = await self._opt_outs()
        state = "the opt-out still stands: `smsgate suppress show`" if left else "no opt-out stands, as before"
        return not left, f"the webhook answered {answer.status}; {state}"

    def _reply(self, text: str) -> Inbound:
        return Inbound(f"SM{token_hex(16)}", self._drill.number, self._drill.sender, text)

    async def _told(self, inbound: Inbound) -> Response:
        """As the carrier calls: signed for the URL that it knows."""
        hook, dialect = self._route.webhook, self._route.dialect
        assert hook is not None, "the configuration is checked when it is loaded"  # noqa: S101
        request = dialect.reply(inbound)
        if hook.auth_token:
            request = dialect.sign(request, hook.public_url + hook.path, hook.auth_token, self._clock())
        return await self._called(request, "http", self._config.listen.public, hook.path)

    async def _called(self, request: Request, scheme: str, listener: Listener, target: str) -> Response:
        host = _ANYWHERE.get(listener.host, listener.host)
        url = URL.build(scheme=scheme, host=host, port=listener.port).join(URL(target, encoded=True))
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
        headers += [("Host", self._route.host)] if self._route.host and listener is self._listener else []
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, connector=aiohttp.TCPConnector(ssl=self._tls())) as session,
                session.request(request.method.decode(), url, headers=headers, data=request.body) as it,
            ):
                return Response(it.status, tuple(it.raw_headers), await it.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            where = f"{host}:{listener.port}"
            raise CannotDrill(f"{where} does not answer ({type(error).__name__}); does `smsgate serve` run?") from error

    def _tls(self) -> ssl.SSLContext | bool:
        """Our own listener shows the certificate of another name than the address by which it is reached here."""
        if self._config.tls is None:
            return True
        context = ssl.create_default_context(cafile=str(self._config.tls.certificate))
        context.check_hostname = False
        if self._config.tls.client_ca:  # our own certificate is the only one that we have
            context.load_cert_chain(self._config.tls.certificate, self._config.tls.key)
        return context

    async def _opt_outs(self) -> list[Suppression]:
        standing = await self._desk.suppressions(self._drill.number)
        return [one for one in standing if one.kind is SuppressionKind.OPT_OUT]


async def _timed(name: str, look: Any) -> Step:
    began = monotonic()
    good, what = await look
    return Step(name, good, what, monotonic() - began)


def _field(answer: Response, name: bytes) -> str:
    return (answer.header(name) or b"").decode("latin-1")


def _is_opt_out(line: Mapping[str, Any]) -> bool:
    return bool(line["intent"] == "opt_out")


def _is_refusal(line: Mapping[str, Any]) -> bool:
    refused = any(each["rule"] == RULE and each["action"] == "block" for each in line["findings"])
    return bool(refused and line["decision"] == "block")


def _told_of(line: Mapping[str, Any]) -> str:
    return f"intent {line['intent']}" if "intent" in line else f"{line['decision']} by {line['rule']}"
