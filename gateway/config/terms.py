"""The terms that the configuration is made of: names, addresses, networks, secrets; each says how it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, model_validator

from gateway.text.pattern import BadPattern, Pattern
from gateway.yamlfile import Unspoken, Written, spelled

Name = Annotated[str, spelled(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "is no name here; use letters, digits, _ . and -")]
Country = Annotated[str, spelled(r"[A-Z]{2}", "is no country; write it as US (ISO 3166-1)")]
Prefix = Annotated[str, spelled(r"(/[A-Za-z0-9._~-]+)*", "is no prefix of a path; write it as /kannel")]
Language = Annotated[str, spelled(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", "is no language; write it as en or es-US (BCP 47)")]
HeaderName = Annotated[str, spelled(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", "is no name of a header field")]
Host = Annotated[
    str, spelled(r"([A-Za-z0-9_.-]|\[[0-9A-Fa-f:]+\])*", "is no host name; write it as sms.example.com, without a port")
]
Scoped = Annotated[
    str, spelled(r"[a-z]{2}-[a-z-]+-[0-9]+/(sns|sms-voice)", "is no region and service; write it as us-east-1/sns")
]
FieldName = Annotated[str, spelled(r"[A-Za-z0-9_.-]+", "is no name of a parameter; write it as sender")]
UrlPath = Annotated[str, spelled(r"/[^?#\s]*", "is no path; write it as /in/twilio")]
HIGHEST_PORT = 65535
Network = IPv4Network | IPv6Network
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))
PRIVATE: tuple[Network, ...] = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def is_near(host: str) -> bool:
    """Whether what is sent there stays on this machine or in a private network; of a name nobody can know."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    return any(address in network for network in (*LOOPBACK, *PRIVATE))


class Listener(NamedTuple):
    """An address to listen on."""

    host: str
    port: int


def _listener(value: object) -> Listener:
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+):([0-9]{1,5})", str(value))
    if not found or int(found[2]) > HIGHEST_PORT:
        raise ValueError("is no address to listen on; write 127.0.0.1:8080")
    return Listener(found[1].strip("[]"), int(found[2]))


def _url(value: object) -> str:
    """Never quoted where it is wrong: a password or a token may stand in it."""
    try:
        parts = urlsplit(str(value))
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or not _VISIBLE.fullmatch(str(value)):
        raise Unspoken("this is no URL; write it as https://api.twilio.com")
    if "@" in parts.netloc:
        raise Unspoken("a URL must hold no password; the client's own credentials are passed on")
    return str(value)


_VISIBLE = re.compile(r"[!-~]+")


def _base(value: object) -> str:
    url = _url(value)
    if "?" in url or "#" in url:
        raise Unspoken("this URL must end with its path; requests bring their own query")
    return url


def _site(value: object) -> str:
    parts = urlsplit(url := _url(value).rstrip("/"))
    if parts.path or parts.query or parts.fragment:
        raise Unspoken("an opt-out link is short: this URL must end with its host; write it as https://o.example.com")
    return url


def _hidden_pattern(value: object) -> Pattern:
    try:
        return Pattern(str(value))
    except BadPattern:
        why = "this is no pattern that RE2 can read; headers hold credentials, so it is not repeated here"
        raise Unspoken(why) from None


def _variable(value: object) -> str:
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", str(value)):
        raise Unspoken("this is no name of an environment variable; write it as TWILIO_AUTH_TOKEN")
    return str(value)


def _networks(value: object) -> tuple[Network, ...]:
    if value == "localhost":
        return LOOPBACK
    try:
        return (ip_network(str(value)),)
    except ValueError:
        raise ValueError("is no network; write 10.0.0.0/8, fd00::/8 or localhost") from None


def _period(value: object) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]{0,3}) (minute|hour|day)s?", str(value))
    if not found:
        raise ValueError("is no length of time; write 30 minutes, 24 hours or 7 days")
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _hashed(value: object) -> str:
    """Never quoted where it is wrong: it may be the token itself."""
    if not re.fullmatch(r"\$scrypt\$ln=1[0-6],r=8,p=1(\$[A-Za-z0-9+/]{22,}={0,2}){2}", str(value)):
        raise Unspoken("this is no hash of a token or password; `smsgate keys` writes the line for here")
    return str(value)


Address = Annotated[Listener, BeforeValidator(_listener)]
Url = Annotated[str, BeforeValidator(_url)]
BaseUrl = Annotated[str, BeforeValidator(_base)]  # paths and queries are put behind it
Site = Annotated[str, BeforeValidator(_site)]  # scheme and host, without a slash at the end
Variable = Annotated[str, BeforeValidator(_variable)]
Networks = Annotated[tuple[Any, ...], BeforeValidator(_networks)]
Period = Annotated[timedelta, BeforeValidator(_period)]
Hashed = Annotated[str, BeforeValidator(_hashed)]
Hidden = Annotated[Pattern, BeforeValidator(_hidden_pattern)]


class SecretWritten(Written):
    """Where a secret is: an environment variable or a file. Never the secret itself."""

    env: Variable | None = None
    file: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_no_secret(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or value.keys() - cls.model_fields.keys():
            raise Unspoken("a secret does not stand here; write {env: NAME} or {file: PATH}")
        return value

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("write {env: NAME} or {file: PATH}")
        return self


class TlsWritten(Written):
    """Certificate chain and key, as PEM files."""

    certificate: str
    key: str


class CredentialsWritten(Written):
    """Who a request that we compose says it is from: account and token, API key and secret, user and password."""

    user: str
    secret: SecretWritten
