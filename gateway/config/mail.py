"""The `mail` section as an operator writes it: who may mail texts, as whom they leave, and how a mail is read."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.config.terms import (
    Address,
    Country,
    CredentialsWritten,
    Hashed,
    Host,
    Listener,
    Name,
    Networks,
    TlsWritten,
)
from gateway.mail.authenticated import Method
from gateway.mail.kinds import MOST_HOPS
from gateway.mail.model import Attachments, Shaping, Subject, Tail, TooLong
from gateway.mail.profiles import PLAIN, PROFILES
from gateway.policy.terms import Matching, Words
from gateway.yamlfile import Written, listed, spelled

_SHAPING = Shaping()


def _profile(value: object) -> str:
    if str(value) in PROFILES:
        return str(value)
    near = get_close_matches(str(value), PROFILES, n=1)
    raise ValueError(f"is none of {', '.join(sorted(PROFILES))}" + (f"; did you mean `{near[0]}`?" if near else ""))


MailAddress = Annotated[str, spelled(r"[!-?A-~]+@[A-Za-z0-9.-]+", "is no address; write it as alerts@example.com")]
Profile = Annotated[str, BeforeValidator(_profile)]


class MailTlsWritten(TlsWritten):
    """Certificate chain and key, as PEM files. `implicit`: a connection begins with TLS; else STARTTLS is offered."""

    implicit: bool = False


class MailSenderWritten(Written):
    """Who may mail texts: whoever has the password of which `hash` is kept, a network, or both at once."""

    name: Name  # the user of AUTH
    hash: Hashed | None = None
    networks: Annotated[tuple[Networks, ...], BeforeValidator(listed)] = ()
    upstream: Name  # by which its texts leave
    sender: str | None = None  # whom they are from; none: the program's first
    program: Name = "default"
    addresses: Words = ()  # that its mails are from, or domains as @example.com; none: any
    demand: Annotated[tuple[Method, ...], BeforeValidator(listed)] = ()  # what must have passed at `authserv`
    profile: Profile = PLAIN.name  # how its mails name their numbers
    subject: Subject = _SHAPING.subject
    cut: Annotated[tuple[Tail, ...], BeforeValidator(listed)] = tuple(Tail)
    attachments: Attachments = _SHAPING.attachments
    max_segments: int = Field(default=_SHAPING.max_segments, ge=1, le=10)
    too_long: TooLong = _SHAPING.too_long

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.hash is None and not self.networks:
            raise ValueError("say who that is: a `hash` (`smsgate keys mail NAME` makes one), `networks`, or both")
        return self


class SmarthostWritten(Written):
    """The mail system that takes what the gateway mails: notifications, and recipients' replies."""

    host: Host
    port: int = Field(default=25, ge=1, le=65535)
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    credentials: CredentialsWritten | None = None


class RelayWritten(Written):
    """A service that texts what it is mailed. TLS always, and its certificate is checked."""

    name: Name
    host: Host = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "implicit"] = "starttls"
    credentials: CredentialsWritten
    domain: Host = Field(min_length=1)  # recipients are mailed at
    address: MailAddress  # that the service knows us by: mails to it are from there


class MailLimitsWritten(Written):
    """What one client may have of the listener. All but `size` and `recipients` are a worker's."""

    size: int = Field(default=1 << 20, ge=1024)  # bytes of a mail
    recipients: int = Field(default=50, ge=1, le=100)  # of a mail
    connections: int = Field(default=200, ge=1, le=10_000)
    connections_each: int = Field(default=20, ge=1, le=10_000)  # of one address
    rate: int = Field(default=300, ge=1, le=1_000_000)  # recipients a minute, of one sender
    timeout: float = Field(default=60.0, ge=1, le=600)  # seconds for a command, and for a mail's bytes
    hops: int = Field(default=MOST_HOPS, ge=1, le=500)  # `Received` fields; with more it is a loop


class MailWritten(Written):
    """Email to SMS: `12125550100@sms.example.com`."""

    listen: Address = Listener("127.0.0.1", 2525)
    host: Host = Field(min_length=1)  # what the gateway calls itself
    domains: Words = ()  # none: `host` alone
    country: Country | None = None  # of numbers that are spelled the national way
    authserv: str | None = None  # the mail system in front, as it calls itself in Authentication-Results
    patterns: Annotated[tuple[Matching, ...], BeforeValidator(listed)] = ()  # of what stands before the @
    tls: MailTlsWritten | None = None
    plaintext: Literal["refuse", "loopback"] = "refuse"  # whether this machine may send passwords without TLS
    senders: tuple[MailSenderWritten, ...] = Field(min_length=1)
    smarthost: SmarthostWritten
    relays: tuple[RelayWritten, ...] = ()  # `upstream`s of senders, beside the carriers' APIs
    limits: MailLimitsWritten = MailLimitsWritten()

    @model_validator(mode="after")
    def _is_checked_by_somebody(self) -> Self:
        if self.authserv is None and any(sender.demand for sender in self.senders):
            raise ValueError("`demand` needs `authserv`: the mail system in front that checks its senders")
        return self
