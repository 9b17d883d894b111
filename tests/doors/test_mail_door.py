"""The mail door by itself: who may come in, what it takes for a mail, and how long it waits."""

from __future__ import annotations

import asyncio
import re
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway.config.mailing import MailConfig, MailLimits, MailSender, MailTls, SmarthostConfig
from gateway.config.terms import LOOPBACK, Listener
from gateway.doors.smtp.door import MailDoor
from gateway.doors.smtp.lines import has_bare_line_end
from gateway.doors.tokens import minted, password_in
from gateway.mail.addresses import Addressing
from gateway.mail.answer import Answer
from gateway.mail.model import Envelope
from gateway.mail.read import Settings
from gateway.numbering.senders import sender_of
from gateway.telemetry import Meter
from gateway.words.program import DEFAULT_PROGRAM
from tests.certificates import for_localhost

WHOLE, HASH = minted("nagios")
PASSWORD = password_in(WHOLE)
READING = Settings(Addressing(("sms.example.com",), "US"))
NAGIOS = MailSender("nagios", HASH, (), DEFAULT_PROGRAM, sender_of("ACME"), "twilio", READING)
NEAR = replace(NAGIOS, name="near", hashed="", networks=LOOPBACK)
LIMITS = MailLimits(size=4096, recipients=3, connections=10, connections_each=10, rate=60, timeout=20.0)
CONFIG = MailConfig(
    Listener("127.0.0.1", 0),
    "sms.example.com",
    None,
    (),
    (NEAR,),
    SmarthostConfig("localhost", 25, "none", None),
    (),
    LIMITS,
)
HELLO = b"EHLO client.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<12125550100@sms.example.com>\r\nDATA\r\n"


@dataclass
class Room:
    """A mailroom that keeps what it is given."""

    mails: list[tuple[bytes, Envelope, str]] = field(default_factory=list)
    held: asyncio.Event | None = None
    began: asyncio.Event = field(default_factory=asyncio.Event)

    async def foreseen(self, recipient: object, client: object) -> Answer | None:
        return None

    async def take(self, raw: bytes, envelope: Envelope, client: MailSender, peer: str) -> Answer:
        self.began.set()
        if self.held:
            await self.held.wait()
        self.mails.append((raw, envelope, client.name))
        return Answer(250, "2.0.0", "taken")


@dataclass
class Served:
    """A door, open."""

    room: Room
    door: MailDoor
    port: int

    async def said(self, sent: bytes, *, ends: bool = True) -> list[str]:
        """What it answers, in lines, to what a client sends in one go; until it hangs up, or is asked to."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent + (b"QUIT\r\n" if ends else b""))
        answered = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        return answered.decode().splitlines()

    async def by(self, talk: Any) -> Any:
        """What a client in another thread gets out of it."""
        return await asyncio.to_thread(talk)


@pytest.fixture
def config() -> MailConfig:
    return CONFIG


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return for_localhost(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
async def served(config: MailConfig, certificate: Path) -> AsyncIterator[Served]:
    room = Room()
    door = MailDoor(room, config, Meter())  # type: ignore[arg-type]
    sock = socket.create_server(("127.0.0.1", 0))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    await door.start(sock, tls if config.tls else None)
    yield Served(room, door, sock.getsockname()[1])
    await door.close(1.0)
    sock.close()


def protected(certificate: Path, *, implicit: bool = False) -> MailTls:
    return MailTls(certificate, certificate, implicit)


def with_config(**changes: Any) -> Any:
    return pytest.mark.parametrize("config", [replace(CONFIG, **changes)], ids=[""])


async def test_a_mail_comes_in_as_it_was_sent_without_its_doubled_dots(served: Served):
    said = await served.said(HELLO + b"Subject: Pump\r\n\r\n..hot\r\n.\r\n")
    assert said[-2:] == ["250 2.0.0 taken", "221 2.0.0 Bye"]
    [(raw, envelope, client)] = served.room.mails
    assert (raw, client) == (b"Subject: Pump\r\n\r\n.hot\r\n", "near")
    assert envelope == Envelope("a@example.com", ("12125550100@sms.example.com",))


SECOND = b"MAIL FROM:<eve@example.com>\r\nRCPT TO:<12125550199@sms.example.com>\r\nDATA\r\nSmuggled\r\n.\r\n"


@pytest.mark.parametrize(
    "end",
    [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\n\n.\r\n", b"\r\r\n.\r\r\n", b"\0\n.\n"],
    ids=repr,
)
async def test_no_other_end_than_the_one_ends_a_mail_and_what_has_one_is_refused_whole(served: Served, end: bytes):
    said = await served.said(HELLO + b"Subject: a\r\n\r\nHello" + end + SECOND)
    assert "550 5.5.2 the mail has a bare CR or LF; end its lines with CR LF" in said
    assert served.room.mails == []


PIECES = (b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\r\n.\r\n", b"\r\n..", b"\0", b"a", b"MAIL FROM:<e@x>", b"DATA")


@with_config(limits=replace(LIMITS, rate=1000))
async def test_whatever_bytes_come_the_first_end_ends_the_mail_and_its_bytes_are_the_mail(served: Served):
    chance = Random(11)
    for _ in range(150):
        content = b"".join(chance.choices(PIECES, k=chance.randrange(1, 9)))
        await served.said(HELLO + content + b"\r\n.\r\n")
        meant, _, _ = (b"\r\n" + content + b"\r\n.\r\n").partition(b"\r\n.\r\n")
        mail = re.sub(rb"(?<=\r\n)\.", b"", meant)[2:]
        expected = [] if has_bare_line_end(meant) else [mail + b"\r\n" if meant else b""]
        assert [raw for raw, _, _ in served.room.mails] == expected, content
        served.room.mails.clear()


@pytest.mark.parametrize(
    ("content", "bare"),
    [(b"", False), (b"a\r\nb\r\n", False), (b"\n", True), (b"a\r", True), (b"\r\r\n", True), (b"\r\n\n", True)],
)
def test_half_an_end_of_a_line_is_found_wherever_it_stands(content: bytes, bare: bool):
    assert has_bare_line_end(content) is bare


@pytest.mark.parametrize("command", [b"EHLO x\n", b"EHLO x\r\nNOOP\n", b"NOOP\rNOOP\r\n", b"NOOP\r\r\n"], ids=repr)
async def test_a_command_that_ends_otherwise_is_answered_and_nothing_after_it_is_heard(served: Served, command: bytes):
    said = await served.said(command + b"VRFY x\r\n")
    assert said[-1] == "500 5.5.2 end lines with CR LF; what has a bare CR or LF is refused"


async def test_every_refusal_has_an_enhanced_status_code(served: Served):
    commands = "RCPT TO:<a@b>|EHLO x|BOGUS|MAIL|RCPT TO:<a@b>|DATA|EXPN x|STARTTLS|AUTH PLAIN x|"
    refusals = [line for line in await served.said(commands.replace("|", "\r\n").encode()) if line[0] in "45"]
    assert len(refusals) == 8
    assert all(line[3:6] in {" 4.", " 5."} for line in refusals), refusals


@with_config(tls=MailTls(Path(), Path(), implicit=False), senders=(NAGIOS,))
async def test_no_password_is_heard_without_tls(served: Served):
    said = await served.said(b"EHLO x\r\nAUTH PLAIN AG5hZ2lvcwB4\r\n" + HELLO[21:])
    assert not [line for line in said if "AUTH" in line]
    assert [line[:9] for line in said if line[0] == "5"] == ["538 5.7.1", "530 5.7.0", "503 5.5.1", "503 5.5.1"]


@with_config(tls=MailTls(Path(), Path(), implicit=False), senders=(NAGIOS,))
async def test_after_starttls_nothing_counts_that_was_said_before_it(served: Served, certificate: Path):
    """CVE-2011-0411: commands in the clear behind STARTTLS, taken for some of the protected session."""

    def talk() -> tuple[bytes, bytes]:
        with socket.create_connection(("localhost", served.port), 10) as plain:
            lines = plain.makefile("rb")
            plain.sendall(b"EHLO x\r\n")
            while b"ENHANCED" not in lines.readline():
                pass
            plain.sendall(b"STARTTLS\r\nEHLO injected\r\nNOOP\r\n")
            begins = lines.readline()
            with ssl.create_default_context(cafile=certificate).wrap_socket(plain, server_hostname="localhost") as safe:
                safe.sendall(b"MAIL FROM:<a@example.com>\r\n")
                return begins, safe.recv(1024)

    begins, answer = await served.by(talk)
    assert begins == b"220 Ready to start TLS\r\n"
    assert answer.startswith(b"503 ")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@with_config(tls=MailTls(Path(), Path(), implicit=True), senders=(NAGIOS,))
async def test_with_implicit_tls_a_password_opens_the_door(served: Served, certificate: Path, mechanism: str):
    def talk() -> None:
        trust = ssl.create_default_context(cafile=certificate)
        with smtplib.SMTP_SSL("localhost", served.port, timeout=10, context=trust) as client:
            client.ehlo()
            client.user, client.password = "nagios", PASSWORD
            client.auth(mechanism, client.auth_plain if mechanism == "PLAIN" else client.auth_login)
            client.sendmail("a@example.com", ["12125550100@sms.example.com"], b"Subject: a\r\n\r\nHi\r\n")

    await served.by(talk)
    assert [client for _, _, client in served.room.mails] == ["nagios"]


@with_config(trusted=LOOPBACK, senders=(replace(NAGIOS, networks=(ip_network("192.0.2.0/24"),)),))
async def test_a_password_alone_is_not_enough_where_a_network_is_asked_for_too(served: Served):
    def talk() -> int:
        with (
            smtplib.SMTP("localhost", served.port, timeout=10) as client,
            pytest.raises(smtplib.SMTPAuthenticationError) as refused,
        ):
            client.login("nagios", PASSWORD)
        return refused.value.smtp_code

    assert await served.by(talk) == 535


@with_config(trusted=LOOPBACK, senders=(NAGIOS,))
async def test_whoever_tries_passwords_is_soon_sent_away(served: Served):
    tries = b"EHLO x\r\n" + b"AUTH PLAIN AG5hZ2lvcwB4\r\n" * 11
    said = await served.said(tries)
    assert [line[:3] for line in said if line[0] in "45"] == ["535"] * 10 + ["421"]


@with_config(senders=(replace(NEAR, addresses=("@example.com", "pump@example.net")),))
@pytest.mark.parametrize(
    ("address", "code"),
    [("a@example.com", "250"), ("A@EXAMPLE.COM", "250"), ("pump@example.net", "250"), ("eve@example.net", "550")],
)
async def test_who_mails_does_so_from_its_own_addresses(served: Served, address: str, code: str):
    said = await served.said(f"EHLO x\r\nMAIL FROM:<{address}>\r\n".encode())
    assert said[-2][:3] == code


@with_config(limits=replace(LIMITS, rate=2))
async def test_who_asks_for_too_many_recipients_in_a_minute_has_to_slow_down(served: Served):
    said = await served.said(HELLO[:-6] + b"RCPT TO:<12125550101@sms.example.com>\r\n" * 2)
    assert [line[:9] for line in said[-4:-1]] == ["250 2.1.5", "250 2.1.5", "450 4.7.1"]


@with_config(limits=replace(LIMITS, timeout=0.2))
@pytest.mark.parametrize("sent", [b"", b"EHLO", HELLO, HELLO + b"Subject: a"], ids=["", "command", "DATA", "mail"])
async def test_who_says_nothing_for_too_long_is_hung_up_on(served: Served, sent: bytes):
    said = await served.said(sent, ends=False)
    assert said[0].startswith("220 sms.example.com")
    assert served.room.mails == []


@with_config(limits=replace(LIMITS, connections_each=1))
async def test_a_client_has_so_many_connections_and_no_more_until_one_is_closed(served: Served):
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    await reader.readline()
    assert await served.said(b"", ends=False) == ["421 4.7.0 too many connections; come back later"]
    writer.write(b"QUIT\r\n")
    await reader.read()
    writer.close()
    assert (await served.said(b""))[0].startswith("220")


async def test_a_mail_is_texted_to_its_end_though_its_client_hangs_up(served: Served):
    served.room.held = asyncio.Event()
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(HELLO + b"Subject: a\r\n\r\nHi\r\n.\r\n")
    await served.room.began.wait()
    writer.transport.abort()
    await asyncio.sleep(0.05)
    served.room.held.set()
    await served.door.close(5.0)
    assert len(served.room.mails) == 1


async def test_when_the_gateway_ends_a_mail_in_hand_is_answered_and_the_others_are_told(served: Served):
    served.room.held = asyncio.Event()
    busy_reader, busy = await asyncio.open_connection("127.0.0.1", served.port)
    busy.write(HELLO + b"Subject: a\r\n\r\nHi\r\n.\r\n")
    await served.room.began.wait()
    late_reader, late = await asyncio.open_connection("127.0.0.1", served.port)
    await late_reader.readline()
    closing = asyncio.create_task(served.door.close(5.0))
    await asyncio.sleep(0)
    late.write(HELLO + b"Subject: late\r\n\r\nHi\r\n.\r\n")
    while not (line := await late_reader.readline()).startswith((b"421", b"250 2.0.0")):
        pass
    assert line == b"421 4.3.2 the gateway shuts down; mail it again\r\n"
    late.close()
    served.room.held.set()
    await closing
    said = (await busy_reader.read()).decode().splitlines()
    assert said[-2:] == ["250 2.0.0 taken", "421 4.3.2 the gateway shuts down"]
    busy.close()
