"""From the file to a Config: references resolved, secrets fetched, paths made whole."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway.config.classify import Classifier, Rule
from gateway.config.mailing import Around, MailConfig, mail_config
from gateway.config.model import (
    ClassifyWritten,
    ConfigWritten,
    DrillWritten,
    EventsWritten,
    KeysWritten,
    LinksWritten,
    ListenWritten,
    OwnWordsWritten,
    ProgramWritten,
    ProxyTlsWritten,
    UpstreamWritten,
    WebhookWritten,
)
from gateway.config.notices import deaf, notices, open_to_all
from gateway.config.terms import CredentialsWritten, Listener, Network, SecretWritten, is_near
from gateway.dialects import dialect_named
from gateway.dialects.base import Dialect
from gateway.dialects.generic.description import GenericDescription
from gateway.dialects.kannel.webhook import ReplyFields
from gateway.dialects.passing import Passing
from gateway.dialects.signer import Signer
from gateway.dialects.standard_webhooks import key_of
from gateway.numbering.read import read_number
from gateway.policy.terms import Span
from gateway.words.errors import Unreadable
from gateway.words.event import Subscriber
from gateway.words.keys import KeysByCommand, KeysInEnv, KeySource
from gateway.words.message import Inbound
from gateway.words.program import DEFAULT_PROGRAM, Category, DoubleOptIn, OwnWords, Program
from gateway.words.token import Client, Token
from gateway.words.wire import Credentials
from gateway.yamlfile import BadFile, Document, Problem, parsed

SCHEMES = tuple(f"{kind}://" for kind in ("redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel"))

Where = tuple[str | int, ...]

NEVER_TAKEN = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE"})  # no program's own: every carrier acts on these

LONGEST_WINDOW = timedelta(days=7)  # for an equal message; as long as one waits


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """A carrier's webhook, with its secrets."""

    path: str
    public_url: str
    auth_token: str | None
    legacy_url: str | None
    legacy_auth_token: str | None
    carrier_answers: bool  # it confirms STOP and answers HELP by itself


@dataclass(frozen=True, slots=True)
class Links:
    """Where recipients open opt-out links, and which networks are ingresses of ours."""

    url: str
    ingress: tuple[Network, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One upstream: where it is, how it speaks, and which requests are its own."""

    name: str
    dialect: Dialect
    url: str
    prefix: str
    host: str
    country: str | None
    connections: int
    answer_within: float
    webhook: WebhookConfig | None
    holds: bool
    credentials: Credentials | None
    release_rate: float
    duplicates_within: timedelta
    signer: Signer | None
    listen: Listener | None = None  # an address of its own
    passing: tuple[Passing, ...] = ()  # let through unread


class Tls(NamedTuple):
    """PEM files of the proxy listeners. `client_ca`: who has no certificate signed by these is not served."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class DrillConfig:
    """Whose STOP is tried each day, where it comes from, and whom it answers."""

    number: str  # E.164
    upstream: str
    sender: str
    token: str | None = None  # of the proxy


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration, checked."""

    data_dir: Path
    keys: KeySource
    redis: str | None  # its URL; None: SQLite
    listen: ListenWritten
    tls: Tls | None
    routes: tuple[Route, ...]
    programs: tuple[Program, ...]
    classifier: Classifier
    policies: Path
    packs: tuple[str, ...]
    links: Links | None  # none: texts hold no opt-out links
    callbacks: tuple[Network, ...]  # where clients may have us call, beside public addresses
    subscribers: tuple[Subscriber, ...]  # who is told of opt-outs and consents
    doubt_suppresses: bool  # a reply that may be an opt-out counts as one
    drill: DrillConfig | None
    mail: MailConfig | None  # none: no mail is taken
    body_limit: int
    log_format: str
    clients: tuple[Client, ...]  # who may send through the proxy; none: whoever reaches it
    tokens: tuple[Token, ...]  # of the management API
    notices: tuple[Problem, ...] = ()  # nothing is wrong, but not everything works
    warnings: tuple[Problem, ...] = ()  # it does what is written there, which is hardly lawful

    @property
    def listeners(self) -> dict[Listener, list[Route]]:
        """The proxy's addresses, that of all upstreams without one of their own first."""
        found: dict[Listener, list[Route]] = {self.listen.proxy: []}
        for route in self.routes:
            found.setdefault(route.listen or self.listen.proxy, []).append(route)
        return found

    @property
    def by_name(self) -> dict[str, Program]:
        """All programs, with that of all other senders."""
        return {program.name: program for program in (DEFAULT_PROGRAM, *self.programs)}

    @classmethod
    def load(cls, path: Path) -> Config:
        """Raises BadFile with all that is wrong."""
        document = Document.load(path)
        return _Loading(document, path.parent).config(parsed(document, ConfigWritten))


class _Loading:
    """Collects problems on the way, so that an operator sees all of them at once."""

    def __init__(self, document: Document, folder: Path) -> None:
        self._document = document
        self._folder = folder
        self._problems: list[Problem] = []
        self._notices: list[Problem] = []
        self._warnings: list[Problem] = []
        self._categories: Mapping[str, tuple[Category, str]] = {}  # the site's own

    def config(self, written: ConfigWritten) -> Config:
        self._categories = {name: (category, name) for name, category in written.categories.items()}
        links = _links(written.links) if written.links else None
        programs = self._programs(written.programs, written.upstreams, links.url if links else "")
        self._unique(("upstreams",), [upstream.name for upstream in written.upstreams])
        self._unique(("programs",), [program.name for program in programs])
        self._unique(("api", "tokens"), [token.name for token in written.api.tokens])
        self._unique(("clients",), [client.name for client in written.clients])
        self._apart(written)
        rules = [self._rule(i, each, programs, written.upstreams) for i, each in enumerate(written.classify)]
        routes = [self._route(i, each) for i, each in enumerate(written.upstreams)]
        subscribers = [self._subscriber(i, each) for i, each in enumerate(written.events)]
        self._unique(("events",), [each.url for each in subscribers], "url")
        drill = self._drill(written.drill, written, [route for route in routes if route]) if written.drill else None
        mail = self._mail(written, programs, routes) if written.mail else None
        self._notices += [self._document.problem(where, why) for where, why in open_to_all(written)]
        redis = None if written.store == "sqlite" else self._redis(written.store.redis)
        if self._problems:
            raise BadFile(self._problems)
        return Config(
            self._folder / written.data_dir,
            self._keys(written.keys),
            redis,
            written.listen,
            self._tls(written.listen.tls),
            tuple(route for route in routes if route),
            programs,
            Classifier(rules, programs),
            self._folder / written.policies.folder,
            written.policies.packs,
            links,
            tuple(chain.from_iterable(written.callbacks.allow)),
            tuple(subscribers),
            written.replies.doubt == "suppress",
            drill,
            mail,
            written.limits.body,
            written.log.format,
            tuple(Client(Token(each.name, frozenset(), each.hash), each.rate) for each in written.clients),
            tuple(Token(each.name, frozenset(each.scopes), each.hash) for each in written.api.tokens),
            tuple(self._notices),
            tuple(self._warnings),
        )

    def _tls(self, written: ProxyTlsWritten | None) -> Tls | None:
        if written is None:
            return None
        signers = self._folder / written.client_ca if written.client_ca else None
        return Tls(self._folder / written.certificate, self._folder / written.key, signers)

    def _wrong(self, where: Where, message: str) -> None:
        self._problems.append(self._document.problem(where, message))

    def _unique(self, what: Where, names: Sequence[str], key: str = "name") -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                self._wrong((*what, index, key), f"`{name}` is given twice; give each its own {key}")

    def _subscriber(self, index: int, written: EventsWritten) -> Subscriber:
        where = ("events", index)
        if written.url.startswith("http:") and not is_near(urlsplit(written.url).hostname or ""):
            why = "numbers would travel in clear; write https://, or an address of this machine or of a private network"
            self._wrong((*where, "url"), why)
        secrets = [self._secret((*where, "secret"), each) for each in written.secret]
        for secret in filter(None, secrets):
            self._is_key((*where, "secret"), secret)
        return Subscriber(written.url, tuple(filter(None, secrets)), frozenset(written.types))

    def _drill(self, drill: DrillWritten, written: ConfigWritten, routes: Sequence[Route]) -> DrillConfig:
        number = read_number(drill.number)
        if number is None:
            self._wrong(("drill", "number"), "this is no number that can be texted; write it as +12125550100")
        self._known(("drill", "upstream"), [drill.upstream], [each.name for each in written.upstreams])
        for why in (_untriable(each) for each in routes if each.name == drill.upstream):
            if why:
                self._wrong(("drill", "upstream"), f"no STOP can be tried with `{drill.upstream}`: {why}")
        sender = drill.sender or next((each for program in written.programs for each in program.senders), None)
        if sender is None:
            self._wrong(("drill",), "name the `sender` that the STOP answers, or give a program `senders`")
        token = self._secret(("drill", "token"), drill.token)
        if written.clients and drill.token is None:
            self._wrong(("drill",), "needs a `token`, as your software does: `smsgate keys token drill --client`")
        return DrillConfig(number.e164 if number else "", drill.upstream, sender or "", token)

    def _mail(
        self, written: ConfigWritten, programs: Sequence[Program], routes: Sequence[Route | None]
    ) -> MailConfig | None:
        assert written.mail, "ask for it where it is written"  # noqa: S101
        self._unique(("mail", "senders"), [sender.name for sender in written.mail.senders])
        self._unique(("mail", "relays"), [relay.name for relay in written.mail.relays])
        around = Around(
            self._folder,
            {program.name: program for program in (DEFAULT_PROGRAM, *programs)},
            {route.name: route for route in routes if route},
            self._wrong,
            self._known,
            self._credentials,
        )
        return mail_config(written.mail, around)

    def _is_key(self, where: Where, secret: str) -> None:
        try:
            key_of(secret)
        except ValueError:
            why = "this is no secret of a webhook: whsec_ and 24 to 64 bytes in base64"
            self._wrong(where, f"{why}; `echo whsec_$(openssl rand -base64 32)` makes one")

    def _apart(self, written: ConfigWritten) -> None:
        """What must lead to one place only: a request, a webhook, a sender."""
        routes, hooks, owners = set[tuple[Listener, str, str]](), set[str](), dict[str, str]()
        for index, upstream in enumerate(written.upstreams):
            route = (upstream.listen or written.listen.proxy, upstream.host.lower(), upstream.prefix)
            if route in routes:
                why = "another upstream has this listener, host and prefix; requests can't tell them"
                self._wrong(("upstreams", index), why)
            routes.add(route)
            if upstream.listen and upstream.listen.port and upstream.listen in written.listen.others:
                self._wrong(("upstreams", index, "listen"), "operators and carriers have this address; take another")
            if upstream.webhook and upstream.webhook.path in hooks:
                where = ("upstreams", index, "webhook", "path")
                self._wrong(where, f"`{upstream.webhook.path}` is another upstream's webhook; give each its own path")
            hooks |= {upstream.webhook.path} if upstream.webhook else set()
        for index, program in enumerate(written.programs):
            for sender in program.senders:
                if owners.setdefault(sender, program.name) != program.name:
                    self._wrong(
                        ("programs", index, "senders"), f"one of them is a sender of `{owners[sender]}` already"
                    )

    def _route(self, index: int, written: UpstreamWritten) -> Route | None:
        where = ("upstreams", index)
        hook = written.webhook
        dialect = self._dialect(where, written)
        if dialect is None:
            return None
        webhook = self._webhook((*where, "webhook"), hook, dialect) if hook else None
        credentials = self._credentials((*where, "credentials"), written.credentials)
        self._notices += [self._document.problem(where, notice) for notice in notices(written, dialect)]
        return Route(
            written.name,
            dialect,
            written.url,
            written.prefix,
            written.host.lower(),
            written.country,
            written.connections,
            written.answer_within,
            webhook,
            written.deferred == "hold",
            credentials,
            written.release_rate,
            self._window((*where, "duplicates_within"), written.duplicates_within),
            self._signer((*where, "credentials"), dialect, credentials),
            written.listen,
            self._passing((*where, "pass"), written.passing, dialect),
        )

    def _passing(self, where: Where, named: Sequence[Passing], dialect: Dialect) -> tuple[Passing, ...]:
        for each in named:
            if dialect.sends(each.sample):
                self._wrong(where, f"`{each.said}` is read as a send, and never let through unread; take it out")
        return tuple(named)

    def _signer(self, where: Where, dialect: Dialect, credentials: Credentials | None) -> Signer | None:
        if credentials and not credentials.secret:  # it can't be read, and that is told already
            return None
        try:
            return dialect.signer(credentials)
        except Unreadable as error:
            self._wrong(where, str(error))
            return None

    def _window(self, where: Where, span: Span | None) -> timedelta:
        now = datetime.now(UTC)
        window = span.after(now) - now if span else timedelta()
        if window > LONGEST_WINDOW:
            self._wrong(where, f"`{span.said if span else window}` is too long; write 10 minutes, or up to 7 days")
        return window

    def _dialect(self, where: Where, written: UpstreamWritten) -> Dialect | None:
        secret = self._secret((*where, "signature_secret"), written.signature_secret)
        options: dict[str, Any] = {
            "path": written.path,
            "charset": written.charset,
            "scope": written.scope,
            "signature_secret": secret,
            "reply_fields": ReplyFields(**written.reply_fields.model_dump()) if written.reply_fields else None,
            "account": written.account,
            "application": written.application,
        }
        if written.description is not None:
            options["description"] = self._description((*where, "description"), written)
            if options["description"] is None:
                return None
        given = {name: value for name, value in options.items() if value is not None}
        try:
            return dialect_named(written.dialect, **given)
        except TypeError:
            self._wrong(where, f"the dialect {written.dialect} takes none of {', '.join(given)}")
            return None

    def _description(self, where: Where, written: UpstreamWritten) -> GenericDescription | None:
        named = {"name": written.name, **(written.description or {})}
        try:
            return parsed(self._document, GenericDescription, named, where)
        except BadFile as error:
            self._problems += error.problems
        return None

    def _webhook(self, where: Where, written: WebhookWritten, dialect: Dialect) -> WebhookConfig:
        checking = self._secret((*where, "auth_token"), written.auth_token)
        signing = self._secret((*where, "legacy_auth_token"), written.legacy_auth_token)
        if written.auth_token is None or checking:  # one that can't be read is told of already
            key, wrong = dialect.wrong_secret(checking, signing)
            if key:
                self._wrong(where, f"`{key}` {wrong}")
        return WebhookConfig(
            written.path,
            written.public_url.rstrip("/"),
            checking,
            written.legacy_url,
            signing,
            dialect.answers_keywords if written.answered_by is None else written.answered_by == "carrier",
        )

    def _credentials(self, where: Where, written: CredentialsWritten | None) -> Credentials | None:
        if written is None:
            return None
        return Credentials(written.user, self._secret((*where, "secret"), written.secret) or "")

    def _secret(self, where: Where, written: SecretWritten | None) -> str | None:
        if written is None:
            return None
        if written.env is not None:
            if not (value := os.environ.get(written.env)):
                self._wrong(where, f"the environment variable {written.env} is not set")
            return value
        return self._from_file(where, str(written.file))

    def _from_file(self, where: Where, file: str) -> str | None:
        try:
            secret = (self._folder / file).read_text().strip()
        except (OSError, ValueError) as error:
            self._wrong(where, f"{file} can't be read: {getattr(error, 'strerror', 'it is no text')}")
            return None
        if not secret:
            self._wrong(where, f"{file} is empty")
        return secret

    def _keys(self, written: KeysWritten) -> KeySource:
        if written.file is not None:
            return self._folder / written.file
        return KeysByCommand(written.command) if written.command else KeysInEnv(str(written.env))

    def _redis(self, written: SecretWritten | str) -> str:
        if isinstance(written, SecretWritten):
            return self._secret(("store", "redis"), written) or ""
        if "@" in written or "password" in written:
            self._wrong(("store", "redis"), "a URL with a password does not stand here; write {env: REDIS_URL}")
        elif not written.startswith(SCHEMES):
            known = "redis://HOST:PORT/DB, redis+sentinel://... or {env: REDIS_URL}"
            self._wrong(("store", "redis"), f"no URL of a Redis: {known}")
        return written

    def _rule(
        self, index: int, written: ClassifyWritten, programs: Sequence[Program], upstreams: Sequence[UpstreamWritten]
    ) -> Rule:
        where, when = ("classify", index), written.when
        self._known((*where, "when", "upstream"), when.upstream, [upstream.name for upstream in upstreams])
        named = [written.program] if written.program else []
        self._known((*where, "program"), named, [program.name for program in programs])
        category, subject = self._category((*where, "category"), written.category) if written.category else (None, "")
        return Rule(
            frozenset(when.sender),
            frozenset(when.upstream),
            frozenset(when.client),
            tuple((name.lower().encode("latin-1"), pattern) for name, pattern in when.header.items()),
            when.text,
            next((program for program in programs if program.name == written.program), None),
            category,
            written.subject or subject,
        )

    def _programs(
        self, written: Sequence[ProgramWritten], upstreams: Sequence[UpstreamWritten], links: str
    ) -> tuple[Program, ...]:
        """Where there are links, that of all other senders has them too."""
        programs = [replace(self._program(i, each, upstreams), links=links) for i, each in enumerate(written)]
        if links and DEFAULT_PROGRAM.name not in [program.name for program in programs]:
            programs.append(replace(DEFAULT_PROGRAM, links=links))
        return tuple(programs)

    def _program(self, index: int, written: ProgramWritten, upstreams: Sequence[UpstreamWritten]) -> Program:
        category, subject = self._category(("programs", index, "category"), written.category)
        program = Program(
            name=written.name,
            brand=written.brand,
            senders=written.senders,
            category=category,
            subject=subject,
            language=written.language,
            help=written.help,
            contact=written.contact,
            called=written.called,
            stop_number=written.stop_number,
            registered=written.registered,
            templates=written.templates,
            double_opt_in=self._double_opt_in(index, written, upstreams),
            replies=self._own_words(index, written.replies),
            observed=written.enforce == "observe",
        )
        taken = ("programs", index, "replies", "taken")
        self._warnings += [self._document.problem((*taken, place), why) for place, why in deaf(program)]
        return program

    def _own_words(self, index: int, written: OwnWordsWritten) -> OwnWords:
        never = [word for word in written.taken if "".join(word.upper().split()) in NEVER_TAKEN]
        if never:
            why = f"`{never[0]}` must always opt out; ask your recipients for another word"
            self._wrong(("programs", index, "replies", "taken"), why)
        return OwnWords(written.opt_out, written.opt_in, written.help, written.taken)

    def _double_opt_in(
        self, index: int, program: ProgramWritten, upstreams: Sequence[UpstreamWritten]
    ) -> DoubleOptIn | None:
        written, where = program.double_opt_in, ("programs", index, "double_opt_in")
        if written is None:
            return None
        sender = written.sender or next(iter(program.senders), None)
        if sender is None:
            self._wrong(where, "nobody asks: name the `sender`, or the program's `senders`")
        if not any(word in written.text for word in written.words):
            self._wrong((*where, "text"), f"the text asks for none of its words: {', '.join(written.words)}")
        upstream = self._asking(where, written.upstream, {each.name: each for each in upstreams})
        return DoubleOptIn(written.text, written.words, written.within, sender or "", upstream)

    def _asking(self, where: Where, named: str | None, upstreams: Mapping[str, UpstreamWritten]) -> str:
        """The upstream that carries a program's question."""
        if named is None and len(upstreams) > 1:
            self._wrong(where, f"name the `upstream` that carries the question: {', '.join(upstreams)}")
        self._known((*where, "upstream"), [named] if named else [], list(upstreams))
        upstream = upstreams.get(named or next(iter(upstreams)))
        if upstream and not upstream.credentials:
            self._wrong(where, f"`{upstream.name}` carries the question, and needs `credentials` for it")
        return upstream.name if upstream else ""

    def _category(self, where: Where, name: str) -> tuple[Category, str]:
        """The category that it is, or behaves as; and the site's own name of it, where it is one."""
        if name in self._categories:
            return self._categories[name]
        self._known(where, [name], [*Category, *self._categories])
        return (Category(name) if name in list(Category) else Category.MARKETING), ""

    def _known(self, where: Where, names: Sequence[str], known: Sequence[str]) -> None:
        for name in _strangers(names, known):
            near = get_close_matches(name, known, n=1)
            self._wrong(where, f"there is no `{name}`" + (f"; did you mean `{near[0]}`?" if near else ""))


def _untriable(route: Route) -> str:
    """Why the reply of a drill can't come from this carrier; empty: it can."""
    if route.webhook is None:
        return "it has no `webhook`"
    if route.dialect.holding is None:
        return "its dialect composes no texts"
    try:
        route.dialect.reply(Inbound("drill", "+12125550155", "+12125550100", "STOP"))
    except Unreadable as error:
        return str(error)
    return ""


def _links(written: LinksWritten) -> Links:
    return Links(written.url, tuple(chain.from_iterable(written.ingress)))


def _strangers(names: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name not in known)
