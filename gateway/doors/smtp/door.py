"""The door of mail systems: speaks SMTP, and asks the mailroom everything else."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from time import monotonic

from gateway.config import MailSender
from gateway.config.mailing import MailConfig
from gateway.doors.buckets import Buckets
from gateway.doors.smtp.connection import Connection, Visit, address_of
from gateway.doors.smtp.lines import has_bare_line_end
from gateway.doors.tokens import Tokens, TooManyTries
from gateway.mail.addresses import recipient_of
from gateway.mail.answer import Answer
from gateway.mail.model import BadMail, Envelope
from gateway.mailroom import Mailroom
from gateway.telemetry import Meter, log
from gateway.words.token import Token

BACKLOG = 1024
MINUTE = 60.0  # seconds

STRANGER = Answer(530, "5.7.0", "log in first, or mail from a network that is allowed")
NOBODY = Answer(550, "5.7.1", "mails without a sender are not texted", "mail/null-sender")
STRANGE_ADDRESS = Answer(550, "5.7.1", "you may not mail from this address; the administrator lists those that you may")
CROWD = Answer(452, "4.5.3", "too many recipients; mail the rest again")
TOO_FAST = Answer(450, "4.7.1", "too many recipients in a minute; slow down")
BARE = Answer(550, "5.5.2", "the mail has a bare CR or LF; end its lines with CR LF")
WRONG = "535 5.7.8 no such user, or another password"
TOO_MANY = "421 4.7.0 too many wrong passwords from this address; try again in a minute"
ENDS = Answer(421, "4.3.2", "the gateway shuts down; mail it again")
FAILED = Answer(451, "4.3.0", "the gateway failed; its log says where")


class MailDoor:
    """Serves the mail listener."""

    def __init__(
        self, room: Mailroom, config: MailConfig, meter: Meter, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._room = room
        self._config = config
        self._meter = meter
        self._by_name = {sender.name: sender for sender in config.senders}
        self._tokens = Tokens(
            [Token(each.name, frozenset(), each.hashed) for each in config.senders if each.hashed], seconds
        )
        self._rates = Buckets(config.limits.rate / MINUTE, config.limits.rate, seconds)
        self._connections: set[Connection] = set()
        self._of_address = Counter[str]()
        self._work: set[asyncio.Task[Answer]] = set()  # mails that are being texted
        self._server: asyncio.Server | None = None
        self._ends = False

    async def start(self, sock: socket.socket, tls: ssl.SSLContext | None) -> None:
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library tells each command
        implicit = tls if self._config.tls and self._config.tls.implicit else None
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Connection(self, self._config, tls),
            sock=sock,
            backlog=BACKLOG,
            ssl=implicit,
            ssl_handshake_timeout=self._config.limits.timeout if implicit else None,
        )

    async def close(self, grace: float) -> None:
        """Mails that are being texted have so many seconds to be answered."""
        self._ends = True
        if self._server is not None:
            self._server.close()
        if self._work:
            await asyncio.wait(self._work, timeout=grace)
        await asyncio.sleep(0)  # what is answered now goes out first
        for connection in tuple(self._connections):
            connection.say_goodbye()

    def arrived(self, connection: Connection, address: str) -> bool:
        limits = self._config.limits
        if len(self._connections) >= limits.connections or self._of_address[address] >= limits.connections_each:
            self._meter.mail("", "connect", 421)
            return False
        self._connections.add(connection)
        self._of_address[address] += 1
        return True

    def gone(self, connection: Connection, address: str) -> None:
        self._connections.discard(connection)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    async def login(self, visit: Visit, user: str, password: str) -> str:
        address = address_of(visit.peer)
        try:
            known = await self._tokens.token(f"{user}~{password}", address)
        except TooManyTries:
            return TOO_MANY
        client = self._by_name.get(known.name) if known else None
        if client is None or not client.is_at(address):
            self._meter.mail("", "auth", 535)
            return WRONG
        visit.client = client
        return ""

    async def handle_EHLO(  # noqa: N802 the library asks for these names
        self, _: Connection, visit: Visit, __: object, hostname: str, said: list[str]
    ) -> list[str]:
        visit.host_name = hostname
        offered = [line for line in said[:-1] if self._has_passwords or not line.startswith("250-AUTH")]
        return [*offered, "250-PIPELINING", "250 ENHANCEDSTATUSCODES"]

    async def handle_MAIL(  # noqa: N802
        self, _: Connection, visit: Visit, envelope: object, address: str, options: list[str]
    ) -> str:
        client = self._client(visit)
        if client is None:
            return str(STRANGER)
        if address in {"", "<>"}:
            return self._said(client, "mail", NOBODY)
        if not client.writes_as(address):
            return self._said(client, "mail", STRANGE_ADDRESS)
        envelope.mail_from = address  # type: ignore[attr-defined]
        envelope.mail_options.extend(options)  # type: ignore[attr-defined]
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _: Connection, visit: Visit, envelope: object, address: str, __: list[str]
    ) -> str:
        client = self._client(visit)
        if client is None:
            return str(STRANGER)
        so_far: list[str] = envelope.rcpt_tos  # type: ignore[attr-defined]
        refusal = await self._refusal(client, address, len(so_far))
        if refusal:
            return self._said(client, "rcpt", refusal)
        so_far.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, connection: Connection, visit: Visit, envelope: object) -> str:  # noqa: N802
        """It is texted to its end, though its client hangs up meanwhile."""
        client = self._client(visit)
        if client is None:
            return str(STRANGER)
        if self._ends:
            return str(ENDS)
        raw: bytes = envelope.original_content  # type: ignore[attr-defined]
        if has_bare_line_end(raw):
            return self._said(client, "data", BARE)
        whom = Envelope(envelope.mail_from, tuple(envelope.rcpt_tos))  # type: ignore[attr-defined]
        task = asyncio.create_task(self._taken(raw, whom, client, address_of(visit.peer)))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        async with connection.at_work():
            return self._said(client, "data", await asyncio.shield(task))

    @property
    def _has_passwords(self) -> bool:
        return any(sender.hashed for sender in self._config.senders)

    def _client(self, visit: Visit) -> MailSender | None:
        """Whoever has logged in, or else whose network it is."""
        if visit.client:
            return visit.client
        address = address_of(visit.peer)
        return next((each for each in self._config.senders if not each.hashed and each.is_at(address)), None)

    async def _refusal(self, client: MailSender, address: str, so_far: int) -> Answer | None:
        """Each recipient takes a place of its sender's rate, so that nobody finds out quickly who has opted out."""
        if so_far >= self._config.limits.recipients:
            return CROWD
        if not self._rates.take(client.name):
            return TOO_FAST
        try:
            recipient = recipient_of(address, client.settings.addressing)
        except BadMail as error:
            return Answer(550, error.status, str(error))
        return await self._room.foreseen(recipient, client) if recipient else None

    async def _taken(self, raw: bytes, envelope: Envelope, client: MailSender, peer: str) -> Answer:
        try:
            return await self._room.take(raw, envelope, client, peer)
        except Exception as error:  # noqa: BLE001 whatever it is, the client can read the answer to it
            log.error("a mail failed", client=client.name, exc_info=error)
            return FAILED

    def _said(self, client: MailSender, command: str, answer: Answer) -> str:
        self._meter.mail(client.name, command, answer.code)
        return str(answer)
