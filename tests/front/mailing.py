"""A gateway that takes mails, a carrier with handsets behind it, and the mail system that gets what it mails."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import yaml
from aiosmtpd.smtp import AuthResult

from gateway.doors.tokens import minted, password_in
from tests.certificates import for_localhost
from tests.front.house import NOON, TOKEN, House
from tests.front.patience import until
from tests.front.world import World
from tests.twilio_client import ACCOUNT

ALERTS, SHOP = "+18335550111", "+18335550100"
DOMAIN = "sms.example.com"
WATCH = "watch@hospital.example"  # who mails

_WHOLE, HASH = minted("nagios")
PASSWORD = password_in(_WHOLE)

MAIL = f"""
host: {DOMAIN}
country: US
listen: 127.0.0.1:0
plaintext: loopback
senders:
  - {{name: nagios, hash: '{HASH}', upstream: twilio, program: alerts}}
  - {{name: shop, networks: 127.0.0.2, upstream: twilio, program: club}}
  - {{name: ward, networks: 127.0.0.4, upstream: provider, program: alerts}}
  - {{name: offers, networks: 127.0.0.5, upstream: provider, program: club}}
  - {{name: moved, networks: 127.0.0.3, upstream: twilio, program: club, profile: iflow}}
limits: {{recipients: 5, size: 65536, connections_each: 4}}
"""


@dataclass
class Postbox:
    """The site's mail system, which keeps what it is given, or refuses it with `answers`."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    answers: str = "250 2.0.0 OK"
    to_recipients: str = "250 2.1.5 OK"
    port: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, _: Any) -> str:  # noqa: N802
        if self.to_recipients.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.to_recipients

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        if self.answers.startswith("250"):
            self.mails.append(parsed(envelope.content))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return self.answers

    def forget(self) -> None:
        self.mails.clear()
        self.envelopes.clear()
        self.answers, self.to_recipients = "250 2.0.0 OK", "250 2.1.5 OK"

    def one(self) -> EmailMessage:
        """The one mail that comes."""
        [mail] = until(lambda: self.mails, "a mail comes")
        return mail


@dataclass
class Hospital:
    """All of it, running."""

    folder: Path
    world: World = field(default_factory=World)
    postbox: Postbox = field(default_factory=Postbox)
    provider: Postbox = field(default_factory=Postbox)  # a service that texts what it is mailed
    certificate: Path = field(init=False)
    house: House = field(init=False)

    def start(self) -> None:
        self.world.start()
        self.postbox.port = self.world.serve_mail(self.postbox)
        self.certificate = for_localhost(self.folder / "localhost.pem")
        self.provider.port = self._serve_provider()
        self.house = House(self.folder, "sqlite", self.world.url, "null", NOON)
        self.house.env = {"SSL_CERT_FILE": str(self.certificate)}
        self._configure(self.house.write_config())
        self.house.start()
        self.world.webhook = f"{self.house.public}/in/twilio"

    def stop(self) -> None:
        self.house.stop()
        self.world.stop()

    def forget(self) -> None:
        """For the next test."""
        self.world.carrier.messages.clear()
        self.postbox.forget()
        self.provider.forget()
        self.world.carrier.fault = None

    def client(self, source: str = "127.0.0.1") -> smtplib.SMTP:
        """Connected from this address, and nothing said yet."""
        return smtplib.SMTP("localhost", self.house.mail, timeout=20, source_address=(source, 0))

    def shop(self) -> smtplib.SMTP:
        """An allowed network's."""
        return self.client("127.0.0.2")

    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.certificate)

    def opts_out(self, number: str) -> None:
        assert self.world.reply(number, SHOP, "STOP").status_code == 200

    def texts_to(self, number: str) -> list[str]:
        return self.world.texts_to(number)

    def _serve_provider(self) -> int:
        """It wants TLS and a login."""
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(self.certificate)

        def known(_: Any, __: Any, ___: Any, ____: str, given: Any) -> AuthResult:
            return AuthResult(success=given == (b"acme", TOKEN.encode()))

        return self.world.serve_mail(
            self.provider, tls_context=tls, require_starttls=True, auth_required=True, authenticator=known
        )

    def _configure(self, path: Path) -> None:
        written = yaml.safe_load(path.read_text())
        twilio = written["upstreams"][0]
        twilio["credentials"] = {"user": ACCOUNT, "secret": {"file": "token"}}
        written["programs"].append({"name": "alerts", "senders": [ALERTS], "category": "transactional"})
        tls = {"certificate": str(self.certificate), "key": str(self.certificate)}
        smarthost = {"host": "127.0.0.1", "port": self.postbox.port, "tls": "none"}
        relay = {
            "name": "provider",
            "host": "localhost",
            "port": self.provider.port,
            "domain": "sms.example.net",
            "address": "alerts@hospital.example",
            "credentials": {"user": "acme", "secret": {"file": "token"}},
        }
        written["mail"] = {**yaml.safe_load(MAIL), "tls": tls, "smarthost": smarthost, "relays": [relay]}
        (self.folder / "token").write_text(TOKEN)
        path.write_text(yaml.safe_dump(written))


def mail(text: str, subject: str = "Alert", message_id: str = "", **fields: str) -> bytes:
    """A small one, as a script sends it."""
    made = EmailMessage()
    made["From"] = WATCH
    made["Subject"] = subject
    if message_id:
        made["Message-ID"] = message_id
    for name, value in fields.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes(policy=default.clone(linesep="\r\n"))


def to(*numbers: str) -> list[str]:
    return [f"{number.removeprefix('+')}@{DOMAIN}" for number in numbers]


def parsed(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=default))


def statuses(report: EmailMessage) -> list[dict[str, str]]:
    """What a delivery status notification tells machines, a group for each recipient."""
    machines = list(report.iter_parts())[1]
    groups = cast("list[EmailMessage]", machines.get_payload())
    return [{name: str(value) for name, value in group.items()} for group in groups[1:]]
