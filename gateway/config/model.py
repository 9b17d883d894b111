"""The configuration as an operator writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.config.mail import MailWritten
from gateway.config.terms import (
    LOOPBACK,
    PRIVATE,
    Address,
    BaseUrl,
    Country,
    CredentialsWritten,
    FieldName,
    Hashed,
    HeaderName,
    Hidden,
    Host,
    Language,
    Listener,
    Name,
    Networks,
    Period,
    Prefix,
    Scoped,
    SecretWritten,
    Site,
    TlsWritten,
    Url,
    UrlPath,
    Variable,
)
from gateway.dialects import DIALECTS
from gateway.dialects.passing import Passing
from gateway.policy.terms import Matching, Within, Words
from gateway.words.event import EventType
from gateway.words.program import Category
from gateway.words.token import Scope
from gateway.yamlfile import Unspoken, Written, listed


def _store(value: object) -> object:
    if isinstance(value, Mapping) or value == "sqlite":
        return value
    raise Unspoken("this is no store; write sqlite, or {redis: {env: REDIS_URL}}")


KEYS_STAND = "write a file's name, {env: NAME} or {command: [PROGRAM, ARGUMENT]}"


def _keys(value: object) -> object:
    if isinstance(value, str):
        return {"file": value}
    if isinstance(value, Mapping) and value.keys() <= {"env", "command"}:
        return value
    raise Unspoken(f"this is no place of keys; {KEYS_STAND}")


def _dialect(value: object) -> str:
    if str(value) in DIALECTS:
        return str(value)
    near = get_close_matches(str(value), DIALECTS, n=1)
    raise ValueError(f"is none of {', '.join(sorted(DIALECTS))}" + (f"; did you mean `{near[0]}`?" if near else ""))


Passage = Annotated[Any, BeforeValidator(lambda value: Passing.read(str(value)))]


class ProxyTlsWritten(TlsWritten):
    """Certificate chain and key, as PEM files. `client_ca`: who has no certificate signed by these is not served."""

    client_ca: str | None = None


class ListenWritten(Written):
    """Three listeners, because they face three worlds. Port 0: any free one."""

    proxy: Address = Listener("127.0.0.1", 8080)
    public: Address = Listener("127.0.0.1", 8081)
    admin: Address = Listener("127.0.0.1", 8082)
    tls: ProxyTlsWritten | None = None  # of the proxy listener, and of upstreams' own

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


class TokenWritten(Written):
    """A caller of the management API. The token itself is nowhere: only who was given it has it."""

    name: Name
    scopes: tuple[Scope, ...] = Field(min_length=1)
    hash: Hashed


class ClientWritten(Written):
    """Software that may send through the proxy. With one of these, nobody else may."""

    name: Name
    hash: Hashed
    rate: float | None = Field(default=None, gt=0, le=100_000)  # requests a second, of each worker


class ApiWritten(Written):
    tokens: tuple[TokenWritten, ...] = ()


class KeysWritten(Written):
    """Where the keys are. Never the keys themselves. A file is written as its name alone."""

    file: str | None = None
    env: Variable | None = None
    command: tuple[Annotated[str, Field(min_length=1)], ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if [self.file, self.env, self.command].count(None) != 2:  # noqa: PLR2004 - all but one
            raise ValueError(f"is no place of keys; {KEYS_STAND}")
        return self


class ConfigWritten(Written):
    """`gateway.yaml`. Paths are relative to the file."""

    data_dir: str = "data"
    keys: Annotated[KeysWritten, BeforeValidator(_keys)] = KeysWritten(file="keys.yaml")
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
    mail: MailWritten | None = None  # none: no mail is taken
    limits: LimitsWritten = LimitsWritten()
    clients: tuple[ClientWritten, ...] = ()  # none: whoever reaches the proxy listener may send
    api: ApiWritten = ApiWritten()
    log: LogWritten = LogWritten()
