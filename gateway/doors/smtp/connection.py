"""One client's connection: aiosmtpd's SMTP, with what it leaves open closed.

aiosmtpd ends a mail at CR LF . CR LF and nowhere else, but bare line ends pass, in commands and inside mails. Its own
answers have no enhanced status codes. And it wants a verdict on a password at once, where a good hash takes its time.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, TLSSetupException

from gateway.config import MailSender
from gateway.config.mailing import MailConfig
from gateway.doors.smtp.lines import BareLineEnd, Lines
from gateway.telemetry import log

_CODED = re.compile(r"([2-5])[0-9]{2}[ -]\1\.[0-9]{1,3}\.[0-9]{1,3} ")
_PLAIN = {"250 OK": "250 2.0.0 OK", "221 Bye": "221 2.0.0 Bye"}  # the library's own
# RFC 3463, for the library's refusals; all others of them are about a command or what stands behind it.
_STATUS = {"421": "4.3.2", "454": "4.7.0", "500": "5.5.2", "501": "5.5.4", "503": "5.5.1", "552": "5.3.4"}

FULL = b"421 4.7.0 too many connections; come back later\r\n"
GOODBYE = b"421 4.3.2 the gateway shuts down\r\n"
BARE = "500 5.5.2 end lines with CR LF; what has a bare CR or LF is refused"
FAILED = "451 4.3.0 the gateway failed; its log says where"


class Visit(Session):
    """A client's session."""

    client: MailSender | None = None  # who has logged in


class Host(Protocol):
    """The door, as its connections see it."""

    def arrived(self, connection: Connection, address: str) -> bool:
        """Whether there is room for it."""

    def gone(self, connection: Connection, address: str) -> None: ...

    async def login(self, visit: Visit, user: str, password: str) -> str:
        """What is wrong with that, as SMTP says it; empty: nothing, and the visit's client is known."""


class Connection(SMTP):
    """Asks the door about everything that is not SMTP itself."""

    def __init__(self, host: Host, config: MailConfig, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            host,
            data_size_limit=config.limits.size,
            enable_SMTPUTF8=True,
            hostname=config.host,
            ident="ESMTP",
            tls_context=None if config.tls and config.tls.implicit else tls,
            timeout=config.limits.timeout,
            authenticator=_believed_for_now,
            loop=asyncio.get_running_loop(),
        )
        self._lines = Lines(limit=self.line_length_limit, loop=self.loop)
        asyncio.StreamReaderProtocol.__init__(self, self._lines, self._cb_client_connected, self.loop)
        self._host = host
        self._config = config
        self._address = ""  # once it is counted

    def _create_session(self) -> Visit:
        return Visit(self.loop)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Also called when STARTTLS is done."""
        if not self._address and not self._welcomed(transport):
            return
        super().connection_made(transport)
        assert self._handler_coroutine is not None, "it is made there"  # noqa: S101
        self._handler_coroutine.add_done_callback(_looked_at)

    def _welcomed(self, transport: asyncio.BaseTransport) -> bool:
        address = address_of(transport.get_extra_info("peername"))
        if not self._host.arrived(self, address):
            _closed(transport, FULL)
            return False
        self._address = address
        implicit = self._config.tls is not None and self._config.tls.implicit
        self._auth_require_tls = not implicit and not self._config.trusts(address)
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """The library calls it twice where TLS could not be begun."""
        if self._address and self.transport is not None:
            self._host.gone(self, self._address)
            super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._address else None

    async def push(self, status: Any) -> None:
        await super().push(_coded(status) if isinstance(status, str) else status)

    async def handle_exception(self, error: Exception) -> str:
        if isinstance(error, BareLineEnd):
            self.dismissed()
            return BARE
        if not isinstance(error, TLSSetupException):  # that is the client's: it trusts us not
            log.error("a mail command failed", exc_info=error)
        return FAILED

    def dismissed(self) -> None:
        """Closed as soon as the answer has gone out, and deaf to what has come in meanwhile."""
        self._lines.deaf = True
        if self.transport is not None:
            self.loop.call_soon(self.transport.close)

    def say_goodbye(self) -> None:
        """The gateway ends."""
        if self.transport is not None:
            _closed(self.transport, GOODBYE)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """It is for us to be slow now."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        try:
            yield
        finally:
            if self.transport is not None:
                self._reset_timeout()

    async def auth_PLAIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 the library asks for this name
        return await self._checked(await super().auth_PLAIN(server, args))

    async def auth_LOGIN(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 likewise
        return await self._checked(await super().auth_LOGIN(server, args))

    async def _checked(self, result: AuthResult) -> AuthResult:
        given = result.auth_data
        if not result.success or not isinstance(given, LoginPassword):
            return AuthResult(success=False, handled=result.handled)
        visit = self.session
        assert isinstance(visit, Visit), "made here"  # noqa: S101
        wrong = await self._host.login(visit, given.login.decode("utf-8", "replace"), _text(given.password))
        if wrong.startswith("421"):
            self.dismissed()
        return AuthResult(success=not wrong, handled=False, message=wrong or None)


def _closed(transport: asyncio.BaseTransport, last: bytes) -> None:
    cast(asyncio.WriteTransport, transport).write(last)  # uvloop's is none by name
    transport.close()


def address_of(peer: Any) -> str:
    """Without its port."""
    return str(peer[0]) if peer else ""


def _text(password: bytes) -> str:
    return password.decode("utf-8", "replace")


def _believed_for_now(_: SMTP, __: Session, ___: Envelope, ____: str, given: Any) -> AuthResult:
    """The library asks here and can't wait; `_checked` looks at it before anything else happens."""
    return AuthResult(success=True, auth_data=given)


def _coded(status: str) -> str:
    """With an enhanced status code, where RFC 2034 wants one."""
    if status[:1] not in {"4", "5"} or _CODED.match(status):
        return _PLAIN.get(status, status)
    return f"{status[:4]}{_STATUS.get(status[:3], f'{status[0]}.5.1')} {status[4:]}"


def _looked_at(task: asyncio.Task[None]) -> None:
    """Who hangs up in the middle of a command is no error of ours."""
    if not task.cancelled():
        task.exception()
