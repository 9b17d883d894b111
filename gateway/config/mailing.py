"""Email to SMS as it is configured: references resolved, and what can't work told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from itertools import chain
from pathlib import Path
from typing import Protocol

from gateway.config.mail import MailSenderWritten, MailTlsWritten, MailWritten, RelayWritten, SmarthostWritten
from gateway.config.terms import LOOPBACK, CredentialsWritten, Listener, Network, is_near
from gateway.dialects.base import Dialect
from gateway.dialects.email.dialect import Email
from gateway.mail.addresses import Addressing
from gateway.mail.model import Shaping
from gateway.mail.profiles import PROFILES
from gateway.mail.read import Settings
from gateway.numbering.senders import sender_of
from gateway.words.number import Sender, SenderKind
from gateway.words.program import Program
from gateway.words.wire import Credentials

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class MailSender:
    """Who may mail texts, and as whom they leave."""

    name: str
    hashed: str  # of the password; empty: none is asked for
    networks: tuple[Network, ...]  # from which it mails; empty: any
    program: Program
    sender: Sender
    upstream: str
    settings: Settings
    addresses: tuple[str, ...] = ()  # that it mails from, in lower case, or domains as @example.com; empty: any

    def writes_as(self, address: str) -> bool:
        """Whether its mails may be from there: notifications and replies go to that address."""
        written = address.lower()
        return not self.addresses or not {written, f"@{written.rpartition('@')[2]}"}.isdisjoint(self.addresses)

    def is_at(self, address: str) -> bool:
        """Whether it may mail from this address."""
        return not self.networks or _is_within(address, self.networks)


@dataclass(frozen=True, slots=True)
class MailTls:
    """Certificate chain and key; `implicit`: a connection begins with TLS."""

    certificate: Path
    key: Path
    implicit: bool


@dataclass(frozen=True, slots=True)
class SmarthostConfig:
    """Where the gateway's own mails leave."""

    host: str
    port: int
    tls: str  # starttls, implicit or none
    credentials: Credentials | None


@dataclass(frozen=True, slots=True)
class RelayConfig:
    """A service that texts what it is mailed."""

    name: str
    host: str
    port: int
    implicit: bool  # TLS from the first byte
    credentials: Credentials
    dialect: Dialect


@dataclass(frozen=True, slots=True)
class MailLimits:
    """What a client may have of the listener."""

    size: int  # bytes of a mail
    recipients: int  # of a mail
    connections: int
    connections_each: int  # of one address
    rate: int  # recipients a minute of one sender
    timeout: float  # seconds


@dataclass(frozen=True, slots=True)
class MailConfig:
    """Email to SMS."""

    listen: Listener
    host: str  # what the gateway calls itself
    tls: MailTls | None
    trusted: tuple[Network, ...]  # from here passwords are taken without TLS
    senders: tuple[MailSender, ...]
    smarthost: SmarthostConfig
    relays: tuple[RelayConfig, ...]
    limits: MailLimits

    def trusts(self, address: str) -> bool:
        """Whether passwords are taken from there without TLS."""
        return _is_within(address, self.trusted)


class Outgoing(Protocol):
    """As much of an upstream's route as must be known to send by it."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def credentials(self) -> Credentials | None: ...


@dataclass(frozen=True, slots=True)
class Around:
    """The rest of the configuration, and how its loading goes about what is wrong and what is secret."""

    folder: Path
    programs: Mapping[str, Program]
    routes: Mapping[str, Outgoing]
    wrong: Callable[[Where, str], None]
    known: Callable[[Where, Sequence[str], Sequence[str]], None]
    credentials: Callable[[Where, CredentialsWritten | None], Credentials | None]


def mail_config(written: MailWritten, around: Around) -> MailConfig:
    """What is wrong is told, and stands for nothing."""
    domains = tuple(domain.lower() for domain in written.domains) or (written.host.lower(),)
    relays = tuple(_relay(i, each, around) for i, each in enumerate(written.relays))
    around = replace(around, routes={**around.routes, **{relay.name: relay for relay in relays}})
    senders = [_sender(i, each, written, domains, around) for i, each in enumerate(written.senders)]
    _check_passwords(written, around)
    limits = written.limits
    return MailConfig(
        written.listen,
        written.host,
        _tls(written.tls, around.folder) if written.tls else None,
        LOOPBACK if written.plaintext == "loopback" else (),
        tuple(senders),
        _smarthost(written.smarthost, around),
        relays,
        MailLimits(
            limits.size,
            limits.recipients,
            limits.connections,
            limits.connections_each,
            limits.rate,
            limits.timeout,
        ),
    )


def _relay(index: int, written: RelayWritten, around: Around) -> RelayConfig:
    where = ("mail", "relays", index)
    if written.name in around.routes:
        around.wrong((*where, "name"), f"`{written.name}` is an upstream already; give each its own name")
    credentials = around.credentials((*where, "credentials"), written.credentials)
    return RelayConfig(
        written.name,
        written.host,
        written.port,
        written.tls == "implicit",
        credentials or Credentials("", ""),
        Email(written.domain, written.address),
    )


def _sender(
    index: int, written: MailSenderWritten, mail: MailWritten, domains: tuple[str, ...], around: Around
) -> MailSender:
    where = ("mail", "senders", index)
    around.known((*where, "program"), [written.program], list(around.programs))
    around.known((*where, "upstream"), [written.upstream], list(around.routes))
    program = around.programs.get(written.program, Program(written.program))
    sender = sender_of(written.sender or next(iter(program.senders), ""))
    _check_way_out(where, written.upstream, sender, around)
    return MailSender(
        written.name,
        written.hash or "",
        tuple(chain.from_iterable(written.networks)),
        program,
        sender,
        written.upstream,
        Settings(
            Addressing(domains, mail.country, mail.patterns, PROFILES[written.profile]),
            Shaping(
                written.subject, frozenset(written.cut), written.attachments, written.max_segments, written.too_long
            ),
            mail.limits.hops,
            mail.authserv or "",
            written.demand,
        ),
        tuple(address.lower() for address in written.addresses),
    )


def _check_way_out(where: Where, upstream: str, sender: Sender, around: Around) -> None:
    route = around.routes.get(upstream)
    if route and route.dialect.holding is None:
        why = f"`{upstream}` can't be given texts of ours: its dialect knows no way to compose one"
        around.wrong((*where, "upstream"), why)
    elif route and route.credentials is None:
        around.wrong((*where, "upstream"), f"`{upstream}` carries mailed texts, and needs `credentials` for it")
    if sender.kind is SenderKind.NONE:
        around.wrong(where, "nobody sends its texts: name the `sender`, or the program's `senders`")


def _check_passwords(written: MailWritten, around: Around) -> None:
    """Whoever has a password needs a way to say it that nobody overhears."""
    if written.tls or written.plaintext == "loopback":
        return
    for index, sender in enumerate(written.senders):
        if sender.hash:
            why = "its password can't be told without TLS; configure `mail.tls`, or `plaintext: loopback`"
            around.wrong(("mail", "senders", index, "hash"), why)


def _tls(written: MailTlsWritten, folder: Path) -> MailTls:
    return MailTls(folder / written.certificate, folder / written.key, written.implicit)


def _smarthost(written: SmarthostWritten, around: Around) -> SmarthostConfig:
    where = ("mail", "smarthost")
    if written.tls == "none" and written.credentials:
        around.wrong((*where, "credentials"), "without TLS the password would travel in clear; set `tls`")
    if written.tls == "none" and not is_near(written.host):
        why = "numbers would travel in clear; set `tls`, or name an address of this machine or of a private network"
        around.wrong((*where, "tls"), why)
    credentials = around.credentials((*where, "credentials"), written.credentials)
    return SmarthostConfig(written.host, written.port, written.tls, credentials)


def _is_within(address: str, networks: Sequence[Network]) -> bool:
    found = ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)
