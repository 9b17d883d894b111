"""The connection to a service that texts what it is mailed: kept open, since a login takes longer than a mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from secrets import token_hex
from time import monotonic

import aiosmtplib

from gateway.dialects.email.holding import STATUS
from gateway.mail.composed import SMTP, Stamp, new_mail, one_line
from gateway.words.errors import UpstreamAway
from gateway.words.wire import Credentials, Request, Response

TIMEOUT = 20.0  # seconds for a connection, and for each answer
IDLE = 60.0  # seconds after which a connection is not used again: services hang up on who says nothing
MOST = 4  # connections that are kept

_CODE = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3}) *(.*)", re.DOTALL)


class Relay:
    """TLS always, and its certificate is checked. Who waits for an answer gets the service's own."""

    def __init__(
        self,
        host: str,
        port: int,
        credentials: Credentials,
        ours: str,
        clock: Callable[[], datetime],
        *,
        implicit: bool = False,
    ) -> None:
        """`ours`: what the gateway calls itself. `implicit`: TLS from the first byte, else STARTTLS."""
        self._host = host
        self._port = port
        self._credentials = credentials
        self._ours = ours
        self._clock = clock
        self._implicit = implicit
        self._kept: list[tuple[aiosmtplib.SMTP, float]] = []  # each with when it was used last

    async def exchange(self, request: Request, start_within: float | None = None) -> Response:
        """Mail it. `start_within`: seconds until its first byte must be out. Raises UpstreamAway."""
        began = monotonic()
        client = await self._client()
        if start_within is not None and monotonic() - began > start_within:
            self._keep(client)
            raise UpstreamAway("the service took its time to let us in", 504, maybe_sent=False)
        try:
            response = await self._mailed(client, request)
        except BaseException:
            client.close()
            raise
        self._keep(client)
        return response

    async def close(self) -> None:
        for client, _ in self._kept:
            client.close()

    async def _client(self) -> aiosmtplib.SMTP:
        """Logged in. Raises UpstreamAway."""
        while self._kept:
            client, used = self._kept.pop()
            if client.is_connected and monotonic() - used < IDLE:
                return client
            client.close()
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._credentials.user,
            password=self._credentials.secret,
            use_tls=self._implicit,
            start_tls=not self._implicit,
            timeout=TIMEOUT,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            why = f"the service can't be reached, or does not let us in ({type(error).__name__})"
            raise UpstreamAway(why, 502, maybe_sent=False) from error
        return client

    def _keep(self, client: aiosmtplib.SMTP) -> None:
        if len(self._kept) < MOST:
            self._kept.append((client, monotonic()))
        else:
            client.close()

    async def _mailed(self, client: aiosmtplib.SMTP, request: Request) -> Response:
        sender, to = (_address(request, name) for name in (b"from", b"to"))
        sending = False
        try:
            await client.mail(sender)
            await client.rcpt(to)
            sending = True
            answer = await client.data(self._composed(request, sender, to))
        except aiosmtplib.SMTPResponseException as error:
            if not sending:
                await self._reset(client)
            return _response(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            raise UpstreamAway("the service hung up before it answered", 502, maybe_sent=sending) from error
        return _response(answer.code, answer.message)

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            client.close()

    def _composed(self, request: Request, sender: str, to: str) -> bytes:
        mail = new_mail(Stamp(f"<{token_hex(16)}@{self._ours}>", self._clock(), self._ours))
        mail["From"] = sender
        mail["To"] = to
        mail.set_content(request.body.decode())
        return mail.as_bytes(policy=SMTP)


def _address(request: Request, field: bytes) -> str:
    return one_line((request.header(field) or b"").decode())


def _response(code: int, message: str) -> Response:
    found = _CODE.match(message)
    status, why = (found[1], found[2]) if found else ("", message)
    return Response(code, ((STATUS, status.encode()),), one_line(why).encode())
