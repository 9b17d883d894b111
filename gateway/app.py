"""Builds the rooms from a Config, opens them, and closes them in reverse."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from secrets import token_hex

from gateway import listeners
from gateway.audit import record
from gateway.audit.log import AuditLog
from gateway.config import Config, Listener, MailConfig
from gateway.conversation import Conversation
from gateway.delivery.deferred import unpacked
from gateway.delivery.errand import is_errand, is_of_calls
from gateway.delivery.legacy import Legacy
from gateway.delivery.reach import Reach
from gateway.delivery.recall import Recall
from gateway.delivery.releaser import CALLS_RATE, RATE, Releaser
from gateway.delivery.releaser import Release as Leaving
from gateway.delivery.settler import Settler
from gateway.delivery.smarthost import Smarthost
from gateway.delivery.upstream import Upstream
from gateway.doors.public import PublicDoor
from gateway.editions import Editions
from gateway.errands import Errands
from gateway.gate import Gate
from gateway.later import Later, upstream_of
from gateway.letters import Letters
from gateway.living import living
from gateway.locksmith import Locksmith
from gateway.mailroom import Mailroom
from gateway.means import Means
from gateway.numbering.zones import TZDATA_VERSION
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
from gateway.renewal import Renewal
from gateway.replies.likeness import weights_read
from gateway.replies.spoken import spoken
from gateway.store.base import Store, utc_now
from gateway.store.links import Linker
from gateway.store.vault import Vault
from gateway.telemetry import Meter, log, log_to
from gateway.tracker import Tracker
from gateway.words.errors import StoreAway
from gateway.words.held import Held

WARMS = 10.0  # seconds after the start


@dataclass(frozen=True, slots=True)
class Sockets:
    """The listening sockets, bound once, before any worker starts."""

    proxies: Mapping[Listener, socket.socket]  # that of listen.proxy first, then those of upstreams with their own
    public: socket.socket
    admin: socket.socket
    mail: socket.socket | None = None  # where mails are taken

    @property
    def all(self) -> tuple[socket.socket, ...]:
        """That of the proxy, of public and admin, of mails where they are taken, and of upstreams with their own."""
        proxy, *others = self.proxies.values()
        return (proxy, self.public, self.admin, *([self.mail] if self.mail else []), *others)

    @classmethod
    def bound(cls, config: Config) -> Sockets:
        """Raises CannotStart."""
        listen = config.listen
        names = {listen.proxy: "listen.proxy"}
        proxies = {each: _bound(names.get(each, "its upstream's `listen`"), each) for each in config.listeners}
        mail = _bound("mail.listen", config.mail.listen) if config.mail else None
        return cls(proxies, _bound("listen.public", listen.public), _bound("listen.admin", listen.admin), mail)

    @property
    def proxy(self) -> socket.socket:
        """That of all upstreams without one of their own."""
        return next(iter(self.proxies.values()))


def _bound(name: str, listener: Listener) -> socket.socket:
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    try:
        return socket.create_server(listener, family=family, backlog=1024)
    except OSError as error:
        where = f"{listener.host}:{listener.port}"
        raise CannotStart(
            f"{where}: {os.strerror(error.errno or 0)}; free it, or set {name} to another address"
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
    async with AsyncExitStack() as house:
        vault = Vault.load(config.keys)
        means, reloader = await _means(house, config, vault, clock)
        store, audit, meter, settler, worker = means.store, means.audit, means.meter, means.settler, means.worker
        legacy = Legacy()
        upstreams = open_upstreams(house, config, clock)
        unpack = partial(unpacked, upstreams=upstreams, programs=config.by_name)
        named_by_clients = Legacy(Reach(config.callbacks, frozenset({config.listen.admin.port})))
        smarthost = _smarthost(config.mail) if config.mail else None
        errands = Errands(
            means, upstreams, legacy, named_by_clients, subscribers=config.subscribers, smarthost=smarthost
        )
        letters = Letters(store, clock, config.mail.host if config.mail else "localhost")
        later, release = Later(means, errands, unpack, vault), Release(means, errands, letters, unpack, vault)
        gate = Gate(means, config.classifier, later)
        releaser = Releaser(store, _leaving(release, errands), worker, clock, lambda lane: _rate(upstreams, lane))
        recall = Recall(store, worker, clock)
        house.push_async_callback(_left, store, settler, worker)
        for each in (legacy, named_by_clients):
            await each.open()
            house.push_async_callback(each.close)
        house.push_async_callback(releaser.close)
        lives = living(means, gate, config.data_dir / DRILLED)
        locksmith, renewal = Locksmith(config.keys, vault, meter), Renewal(store, vault, meter, config.data_dir)
        reconciler = Reconciler(means, unpack, letters)
        lasting = settler, reloader, releaser, recall, reconciler, locksmith, renewal
        for task in (lives, meter.keep_saving(), *(each.run() for each in lasting)):
            house.push_async_callback(_ended, asyncio.create_task(task))
        await listeners.proxy(house, config, sockets.proxies, gate, Tracker(means, later), upstreams)
        if config.mail and sockets.mail:
            room = Mailroom(means, gate, letters, upstreams, vault)
            await listeners.mail(house, config.mail, sockets.mail, room, meter)
        hooks, conversation = listeners.webhooks(config, upstreams), _conversation(config, means, upstreams, letters)
        public = PublicDoor(conversation, gate, later, errands, hooks, legacy, meter, clock)
        await listeners.public(house, config, sockets.public, public, means)
        desk = desk_of(config, store, audit, vault, upstreams, clock, means.book)
        await listeners.admin(house, config, sockets.admin, desk, means, reloader)
        for warning in config.warnings:
            log.warning("the configuration", at=f"{warning.path}:{warning.line}", why=warning.message)
        for notice in config.notices:
            log.info("the configuration", at=f"{notice.path}:{notice.line}", why=notice.message)
        log.info("serving", revision=reloader.book.revision, zones=TZDATA_VERSION)
        _settle_memory()
        house.push_async_callback(_ended, asyncio.create_task(_warmed()))
        yield App(gate, store, audit)


def _smarthost(mail: MailConfig) -> Smarthost:
    there = mail.smarthost
    return Smarthost(there.host, there.port, there.tls, there.credentials)


async def _means(house: AsyncExitStack, config: Config, vault: Vault, clock: Clock) -> tuple[Means, Reloader]:
    """What all work is done with, and what keeps its policies those of the folder. Raises BadFile."""
    worker = f"{socket.gethostname()}-{os.getpid()}-{token_hex(4)}"
    meter = Meter(config.data_dir / "metrics")
    house.callback(meter.close)
    audit = await open_audit(house, config, vault, worker, clock)
    store = await open_store(house, config, vault, clock)
    folder, editions = PolicyFolder(config.policies, config.packs), Editions(config.data_dir / "policies")
    reloader = Reloader(folder, editions, meter, lambda book: _enforced(audit, book, clock()))
    reloader.start()
    settler = Settler(store, meter.store_away)
    return Means(store, settler, audit, meter, worker, clock, Linker(vault), lambda: reloader.book), reloader


def _conversation(config: Config, means: Means, upstreams: Mapping[str, Upstream], letters: Letters) -> Conversation:
    return Conversation(
        means,
        Own(means.store, means.clock).say,
        opt_in_of(config, means.store, means.audit, upstreams, means.clock, means.book),
        config.classifier,
        config.by_name,
        letters,
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
    await asyncio.to_thread(weights_read)


async def _left(store: Store, settler: Settler, worker: str) -> None:
    await settler.close()
    with suppress(StoreAway):
        await store.leave(worker)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])


def _leaving(release: Release, errands: Errands) -> Leaving:
    async def leave(held: Held) -> timedelta | None:
        return await (errands.make(held) if is_errand(held) else release.release(held))

    return leave


def _rate(upstreams: Mapping[str, Upstream], lane: str) -> float:
    if is_of_calls(lane):
        return CALLS_RATE
    upstream = upstreams.get(upstream_of(lane))
    return upstream.rate if upstream else RATE
