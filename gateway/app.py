"""Builds the rooms from a Config, opens them, and closes them in reverse."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from secrets import token_hex

from aiohttp import web

from gateway.audit import record
from gateway.audit.log import AuditLog
from gateway.config import Config, Listener
from gateway.config import Route as RouteConfig
from gateway.conversation import Conversation
from gateway.delivery.beats import Beats
from gateway.delivery.deferred import unpacked
from gateway.delivery.errand import is_errand, is_of_calls
from gateway.delivery.legacy import Legacy
from gateway.delivery.reach import Reach
from gateway.delivery.recall import Recall
from gateway.delivery.releaser import CALLS_RATE, RATE, Releaser
from gateway.delivery.releaser import Release as Leaving
from gateway.delivery.settler import Settler
from gateway.delivery.upstream import Upstream
from gateway.doors.admin import AdminDoor
from gateway.doors.api.door import Api
from gateway.doors.links import LinkDoor
from gateway.doors.proxy import ProxyDoor, Route
from gateway.doors.public import PublicDoor, Webhook
from gateway.editions import Editions
from gateway.errands import Errands
from gateway.gate import Gate
from gateway.http1.server import Server
from gateway.later import Later, upstream_of
from gateway.links import Links
from gateway.means import Means
from gateway.numbering.zones import TZDATA_VERSION, standing
from gateway.opening import (
    DRILLED,
    CannotStart,
    Clock,
    desk_of,
    make_folder,
    open_audit,
    open_store,
    open_upstreams,
    opt_in_of,
)
from gateway.own import Own
from gateway.policy.book import Book
from gateway.policy.parse import PolicyFolder
from gateway.reconcile import Reconciler
from gateway.release import Release
from gateway.reload import Reloader
from gateway.replies.spoken import spoken
from gateway.store.base import Check, Store, utc_now
from gateway.store.links import Linker
from gateway.store.vault import Vault
from gateway.telemetry import Meter, log, log_to
from gateway.tracker import Tracker
from gateway.words.errors import StoreAway
from gateway.words.held import Held, Lane
from gateway.yamlfile import Problem

BEAT = 5.0  # seconds between a worker's signs of life
WARMS = 10.0  # seconds after the start
GRACE = 10.0  # seconds that requests in progress have to end


@dataclass(frozen=True, slots=True)
class Sockets:
    """The three listening sockets, bound once, before any worker starts."""

    proxy: socket.socket
    public: socket.socket
    admin: socket.socket

    @classmethod
    def bound(cls, config: Config) -> Sockets:
        """Raises CannotStart."""
        listen = config.listen
        return cls(_bound("proxy", listen.proxy), _bound("public", listen.public), _bound("admin", listen.admin))


def _bound(name: str, listener: Listener) -> socket.socket:
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        return socket.create_server(listener, family=family, backlog=1024)
    except OSError as error:
        where = f"{listener.host}:{listener.port}"
        raise CannotStart(
            f"{where}: {os.strerror(error.errno or 0)}; free it, or set listen.{name} to another address"
        ) from error


@dataclass(frozen=True, slots=True)
class App:
    """What an open gateway is made of, for those that run it."""

    gate: Gate
    store: Store
    audit: AuditLog


@asynccontextmanager
async def serving(config: Config, sockets: Sockets, clock: Clock = utc_now) -> AsyncIterator[App]:
    """The whole gateway, open; on leaving, what came in first ends last."""
    log_to(sys.stderr, "console" if config.log_format == "console" else "json")
    make_folder(config.data_dir)
    worker = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
    async with AsyncExitStack() as house:
        meter = Meter(config.data_dir / "metrics")
        house.callback(meter.close)
        vault = Vault.load(config.keys)
        audit = await open_audit(house, config, vault, worker, clock)
        store = await open_store(house, config, vault, clock)
        settler = Settler(store, meter.store_away)
        folder, editions = PolicyFolder(config.policies, config.packs), Editions(config.data_dir / "policies")
        reloader = Reloader(folder, editions, meter, lambda book: _enforced(audit, book, clock()))
        means = Means(store, settler, audit, meter, worker, clock, Linker(vault), lambda: reloader.book)
        reloader.start()
        legacy = Legacy()
        upstreams = open_upstreams(house, config)
        unpack = partial(unpacked, upstreams=upstreams, programs=config.by_name)
        named_by_clients = Legacy(Reach(config.callbacks, frozenset({config.listen.admin.port})))
        errands = Errands(means, upstreams, legacy, named_by_clients, subscribers=config.subscribers)
        later, release = Later(means, errands, unpack, vault), Release(means, errands, unpack, vault)
        gate = Gate(means, config.classifier, later)
        releaser = Releaser(store, _leaving(release, errands), worker, clock, lambda lane: _rate(upstreams, lane))
        recall = Recall(store, worker, clock)
        house.push_async_callback(_left, store, settler, worker)
        for each in (legacy, named_by_clients):
            await each.open()
            house.push_async_callback(each.close)
        house.push_async_callback(releaser.close)
        living = _living(store, meter, gate, Beats(store, worker), clock, config.data_dir / DRILLED)
        reconciler = Reconciler(means, unpack)
        lasting = settler, reloader, releaser, recall, reconciler
        for task in (living, meter.keep_saving(), *(each.run() for each in lasting)):
            house.push_async_callback(_ended, asyncio.create_task(task))
        await _proxy(house, config, sockets, gate, Tracker(means, later), upstreams)
        webhooks = [webhook for route in config.routes if (webhook := _webhook(route, upstreams))]
        conversation = _conversation(config, means, upstreams)
        public = PublicDoor(conversation, later, errands, webhooks, legacy, meter, clock).app()
        if config.links:
            LinkDoor(Links(means, config.by_name), means.linker, meter, config.links.ingress).add_to(public)
        await _listen(house, public, sockets.public)
        api = Api(desk_of(config, store, audit, vault, upstreams, clock, means.book), config.tokens, clock)
        admin = AdminDoor(_checks(store, audit, reloader, config.notices), meter, api)
        await _listen(house, admin.app(), sockets.admin)
        for notice in config.notices:
            log.info("the configuration", at=f"{notice.path}:{notice.line}", why=notice.message)
        log.info("serving", revision=reloader.book.revision, zones=TZDATA_VERSION)
        _settle_memory()
        house.push_async_callback(_ended, asyncio.create_task(_warmed()))
        yield App(gate, store, audit)


def _conversation(config: Config, means: Means, upstreams: Mapping[str, Upstream]) -> Conversation:
    return Conversation(
        means,
        Own(means.store, means.clock).say,
        opt_in_of(config, means.store, means.audit, upstreams, means.clock),
        config.classifier,
        config.by_name,
        doubt_suppresses=config.doubt_suppresses,
    )


def _enforced(audit: AuditLog, book: Book, now: datetime) -> None:
    """From the next message on; those on their way keep the set that they began with."""
    audit.append(record.policy_loaded(book.revision, now))


def _settle_memory() -> None:
    """What is loaded by now stays: the collector need not walk it again and again (an eighth of a message's CPU)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


async def _warmed() -> None:
    """What the first reply would wait for is read before it comes, once those that wait for this start are served."""
    await asyncio.sleep(WARMS)
    await asyncio.to_thread(spoken)


async def _left(store: Store, settler: Settler, worker: str) -> None:
    await settler.close()
    with suppress(StoreAway):
        await store.leave(worker)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


async def _living(store: Store, meter: Meter, gate: Gate, beats: Beats, clock: Clock, drilled: Path) -> None:
    """Say that this worker lives, find what dead ones left open, and measure."""
    while True:
        try:
            await beats.beat()
            meter.in_doubt(len(await store.in_doubt()))
            _measured(meter, await store.outbox(), clock())
            meter.open_attempts(gate.open_attempts)
            _drilled(meter, drilled)
        except StoreAway as error:
            log.warning("the store is away", why=str(error))
            meter.store_away()
        except Exception as error:  # noqa: BLE001 whatever it was, a worker that lives must go on saying so
            log.error("a beat failed", exc_info=error)
        await asyncio.sleep(BEAT)


def _drilled(meter: Meter, when: Path) -> None:
    """A command has left it there."""
    if when.exists():
        meter.drilled(float(when.read_text()))


def _measured(meter: Meter, lanes: Sequence[Lane], now: datetime) -> None:
    for what, calls in (("messages", False), ("calls", True)):
        some = [lane for lane in lanes if is_of_calls(lane.name) is calls]
        overdue = max((now - lane.earliest for lane in some), default=timedelta(0))
        meter.outbox(what, sum(lane.waiting for lane in some), max(0.0, overdue.total_seconds()))


def _leaving(release: Release, errands: Errands) -> Leaving:
    async def leave(held: Held) -> timedelta | None:
        return await (errands.make(held) if is_errand(held) else release.release(held))

    return leave


def _rate(upstreams: Mapping[str, Upstream], lane: str) -> float:
    if is_of_calls(lane):
        return CALLS_RATE
    upstream = upstreams.get(upstream_of(lane))
    return upstream.rate if upstream else RATE


async def _proxy(
    house: AsyncExitStack,
    config: Config,
    sockets: Sockets,
    gate: Gate,
    tracker: Tracker,
    upstreams: Mapping[str, Upstream],
) -> None:
    routes = [Route(upstreams[each.name], each.prefix.encode(), each.host.encode()) for each in config.routes]
    meter = tracker.meter
    door = ProxyDoor(gate, tracker, routes, meter, config.body_limit)
    server = Server(
        door.serve,
        tls=_tls(config),
        on_refused=lambda error: meter.http_refused(str(error.status)),
        on_error=lambda error: log.error("a request failed", exc_info=error),
    )
    await server.start(sockets.proxy)
    house.push_async_callback(server.close, GRACE)


def _webhook(route: RouteConfig, upstreams: Mapping[str, Upstream]) -> Webhook | None:
    hook = route.webhook
    return Webhook(upstreams[route.name], hook.path, hook.public_url, hook.auth_token) if hook else None


def _tls(config: Config) -> ssl.SSLContext | None:
    if config.tls is None:
        return None
    certificate, key = config.tls
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise CannotStart(f"{certificate} and {key} can't be used for TLS: {error}") from error
    return context


async def _listen(house: AsyncExitStack, app: web.Application, sock: socket.socket) -> None:
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=GRACE)
    await runner.setup()
    house.push_async_callback(runner.cleanup)
    await web.SockSite(runner, sock).start()


def _checks(
    store: Store, audit: AuditLog, reloader: Reloader, notices: Sequence[Problem]
) -> Callable[[], Awaitable[Sequence[Check]]]:
    told = "; ".join(notice.message for notice in notices) or "every upstream has what it needs"

    async def checks() -> Sequence[Check]:
        policies = Check("policies", good=True, why=str(reloader.standing))
        zones = Check("time zones", good=True, why=standing())
        upstreams = Check("upstreams", good=True, why=told)
        return [*await store.checks(), Check(*audit.check()), policies, zones, upstreams]

    return checks
