"""The configuration as an operator writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from gateway.dialects import DIALECTS
from gateway.dialects.passing import Passing
from gateway.policy.terms import Matching, Within, Words
from gateway.text.pattern import BadPattern, Pattern
from gateway.words.event import EventType
from gateway.words.program import Category
from gateway.words.token import Scope
from gateway.yamlfile import Unspoken, Written, listed, spelled

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


def _store(value: object) -> object:
    if isinstance(value, Mapping) or value == "sqlite":
        return value
    raise Unspoken("this is no store; write sqlite, or {redis: {env: REDIS_URL}}")


def _dialect(value: object) -> str:
    if str(value) in DIALECTS:
        return str(value)
    near = get_close_matches(str(value), DIALECTS, n=1)
    raise ValueError(f"is none of {', '.join(sorted(DIALECTS))}" + (f"; did you mean `{near[0]}`?" if near else ""))


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


Address = Annotated[Listener, BeforeValidator(_listener)]
Passage = Annotated[Any, BeforeValidator(lambda value: Passing.read(str(value)))]
Url = Annotated[str, BeforeValidator(_url)]
BaseUrl = Annotated[str, BeforeValidator(_base)]  # paths and queries are put behind it
Site = Annotated[str, BeforeValidator(_site)]  # scheme and host, without a slash at the end
Variable = Annotated[str, BeforeValidator(_variable)]
Networks = Annotated[tuple[Any, ...], BeforeValidator(_networks)]
Period = Annotated[timedelta, BeforeValidator(_period)]
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
    """Certificate chain and key, as PEM files. `client_ca`: who has no certificate signed by these is not served."""

    certificate: str
    key: str
    client_ca: str | None = None


class ListenWritten(Written):
    """Three listeners, because they face three worlds. Port 0: any free one."""

    proxy: Address = Listener("127.0.0.1", 8080)
    public: Address = Listener("127.0.0.1", 8081)
    admin: Address = Listener("127.0.0.1", 8082)
    tls: TlsWritten | None = None  # of the proxy listener, and of upstreams' own

    @property
    def others(self) -> tuple[Listener, Listener]:
        return self.public, self.admin


class RedisWritten(Written):
    redis: SecretWritten | str


class WebhookWritten(Written):
    """Where the carrier calls with recipients' replies, and where the legacy system used to be called."""

    path: UrlPath
    public_url: BaseUrl
    auth_token: SecretWritten | None = None
    answered_by: Literal["carrier", "gateway"] | None = None  # who confirms STOP and answers HELP; none: by the dialect
    legacy_url: Url | None = None
    legacy_auth_token: SecretWritten | None = None


class ReplyFieldsWritten(Written):
    """What a Kannel's `get-url` calls its parameters."""

    sender: FieldName = "sender"
    receiver: FieldName = "receiver"
    text: FieldName = "text"
    charset: FieldName = "charset"
    coding: FieldName = "coding"
    id: FieldName | None = None  # none: replies have no id, and a repeated one is heard again


class CredentialsWritten(Written):
    """Who a request that we compose says it is from: account and token, API key and secret, user and password."""

    user: str
    secret: SecretWritten


class UpstreamWritten(Written):
    """A carrier endpoint. `prefix` (taken off), `host` or a listener of its own says which requests go there; none: all
    others."""

    name: Name
    dialect: Annotated[str, BeforeValidator(_dialect)]
    url: BaseUrl
    prefix: Prefix = ""
    host: Host = ""
    listen: Address | None = None  # its own, beside listen.proxy, for clients that can change a host and port only
    passing: Annotated[tuple[Passage, ...], BeforeValidator(listed), Field(alias="pass")] = ()  # let through unread
    country: Country | None = None
    path: str | None = None  # kannel: its sendsms-url
    scope: Scoped | None = None  # aws: region and service, for what the gateway asks and says by itself
    charset: str | None = None  # kannel: of texts that name none; clickatell: of its older API
    reply_fields: ReplyFieldsWritten | None = None  # kannel: the names in its get-url
    signature_secret: SecretWritten | None = None  # vonage: signs anew what came signed
    account: str | None = None  # bandwidth: of texts of our own
    application: str | None = None  # bandwidth: of texts of our own
    description: Mapping[str, Any] | None = None  # generic
    connections: int = Field(default=256, ge=1, le=10_000)
    answer_within: float = Field(default=30.0, gt=0, le=300)  # seconds
    deferred: Literal["hold", "refuse"] = "hold"  # what may leave later only: accepted and held, or refused
    credentials: CredentialsWritten | None = None  # for what leaves later; none: the client's own, where they last;
    # aws, azure: those that clients sign with, and that all is signed anew with
    release_rate: float = Field(default=10.0, gt=0, le=10_000)  # messages a second from the outbox, a sender
    duplicates_within: Within | None = (
        None  # so long an equal message that is put off is a duplicate; none: it never is
    )
    webhook: WebhookWritten | None = None

    @model_validator(mode="after")
    def _is_described(self) -> Self:
        if (self.dialect == "generic") != (self.description is not None):
            raise ValueError("`description` belongs to the dialect generic, and it needs one")
        return self


class DoubleOptInWritten(Written):
    """The question whose answer makes a consent a confirmed one."""

    text: str
    words: Words = ("YES",)
    within: Period = timedelta(hours=24)
    sender: str | None = None  # None: the program's first
    upstream: str | None = None  # None: the only one


class OwnWordsWritten(Written):
    """What a program's recipients say beside what everybody's do: each a whole reply."""

    opt_out: Words = ()
    opt_in: Words = ()
    help: Words = ()
    taken: Words = ()  # they mean something of the program's own, and neither opt out nor in


class ProgramWritten(Written):
    """What recipients sign up to: a brand, its senders, and what its texts are unless a rule says otherwise."""

    name: Name
    brand: str = ""
    senders: Words = ()
    category: str = Category.MARKETING
    language: Language = ""
    help: str = ""
    contact: str = ""
    called: str = ""  # in its recipients' words, "appointment texts": who opts out is asked whether to keep it
    stop_number: str = ""  # takes opt-outs where the sender can't
    registered: Mapping[str, Words] = {}  # of a sender, the registers that it is in
    templates: Words = ()  # texts that were registered with an authority
    double_opt_in: DoubleOptInWritten | None = None
    replies: OwnWordsWritten = OwnWordsWritten()
    enforce: Literal["on", "observe"] = "on"  # observe: rules say what they would do, and do nothing


class WhenWritten(Written):
    """All that is given must be so. `text` and the headers' values are patterns (RE2), found anywhere."""

    sender: Words = ()
    upstream: Words = ()
    client: Words = ()
    header: Mapping[HeaderName, Hidden] = {}
    text: Matching | None = None


class ClassifyWritten(Written):
    """The first that fits counts."""

    when: WhenWritten
    program: str | None = None
    category: str | None = None
    subject: str = ""  # what it is about, in a word of the site's; caps may count by it

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.program is None and self.category is None and not self.subject:
            raise ValueError("say a `category`, a `program` or a `subject`")
        return self


class PoliciesWritten(Written):
    """Where the policy files are, and which of them are in force: those named in `packs`, else all."""

    folder: str = "policies"
    packs: Words = ()


class CallbacksWritten(Written):
    """Status callbacks go to URLs that clients name: to public addresses, and to those others that are allowed."""

    allow: Annotated[tuple[Networks, ...], BeforeValidator(listed)] = (LOOPBACK, PRIVATE)


class RepliesWritten(Written):
    """A reply that may be an opt-out: advertising waits for a person's verdict, or it counts as one at once."""

    doubt: Literal["hold", "suppress"] = "hold"


class LinksWritten(Written):
    """Opt-out links: the host at which recipients open them, and the ingresses whose `X-Forwarded-For` is believed."""

    url: Site
    ingress: Annotated[tuple[Networks, ...], BeforeValidator(listed)] = (LOOPBACK, PRIVATE)


class EventsWritten(Written):
    """Who is told of opt-outs and consents. `secret`: all of them sign, so that one can follow another."""

    url: Url
    secret: Annotated[tuple[SecretWritten, ...], BeforeValidator(listed), Field(min_length=1)]
    types: tuple[EventType, ...] = tuple(EventType)


class DrillWritten(Written):
    """A handset of the site's own, from which `smsgate drill` says STOP."""

    number: str
    upstream: Name
    sender: str | None = None  # that it answers and is texted by; None: the first that a program has
    token: SecretWritten | None = None  # its own, where `clients` are named


class LimitsWritten(Written):
    body: int = Field(default=1 << 20, ge=1024)  # bytes of a send


class LogWritten(Written):
    format: Literal["json", "console"] = "json"


def _hashed(value: object) -> str:
    """Never quoted where it is wrong: it may be the token itself."""
    if not re.fullmatch(r"\$scrypt\$ln=1[0-6],r=8,p=1(\$[A-Za-z0-9+/]{22,}={0,2}){2}", str(value)):
        raise Unspoken("this is no token's hash; `smsgate keys token NAME` writes the line for here")
    return str(value)


class TokenWritten(Written):
    """A caller of the management API. The token itself is nowhere: only who was given it has it."""

    name: Name
    scopes: tuple[Scope, ...] = Field(min_length=1)
    hash: Annotated[str, BeforeValidator(_hashed)]


class ClientWritten(Written):
    """Software that may send through the proxy. With one of these, nobody else may."""

    name: Name
    hash: Annotated[str, BeforeValidator(_hashed)]
    rate: float | None = Field(default=None, gt=0, le=100_000)  # requests a second, of each worker


class ApiWritten(Written):
    tokens: tuple[TokenWritten, ...] = ()


class ConfigWritten(Written):
    """`gateway.yaml`. Paths are relative to the file."""

    data_dir: str = "data"
    keys: str = "keys.yaml"
    store: Annotated[Literal["sqlite"] | RedisWritten, BeforeValidator(_store)] = "sqlite"
    listen: ListenWritten = ListenWritten()
    upstreams: tuple[UpstreamWritten, ...] = Field(min_length=1)
    categories: Mapping[Name, Category] = {}  # the site's own, each with the one that it behaves as
    programs: tuple[ProgramWritten, ...] = ()
    classify: tuple[ClassifyWritten, ...] = ()
    policies: PoliciesWritten = PoliciesWritten()
    callbacks: CallbacksWritten = CallbacksWritten()
    replies: RepliesWritten = RepliesWritten()
    links: LinksWritten | None = None  # none: texts hold no opt-out links
    events: tuple[EventsWritten, ...] = ()
    drill: DrillWritten | None = None
    limits: LimitsWritten = LimitsWritten()
    clients: tuple[ClientWritten, ...] = ()  # none: whoever reaches the proxy listener may send
    api: ApiWritten = ApiWritten()
    log: LogWritten = LogWritten()
