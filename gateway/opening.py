"""The store and the record, opened by a configuration: for a gateway that serves, and for an operator's desk."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

from gateway.audit.log import AuditLog
from gateway.bulk import Bulk
from gateway.carrier_list import CarrierList, Comparison, NoList
from gateway.carrier_push import Pushing
from gateway.config import Config, Route
from gateway.config.mailing import RelayConfig
from gateway.delivery.relay import Relay
from gateway.delivery.signing import Signing
from gateway.delivery.upstream import Upstream
from gateway.desk import Desk
from gateway.events import Telling
from gateway.http1.client import Pool
from gateway.http1.stream import Timeouts
from gateway.optin import OptIn
from gateway.own import Own
from gateway.policy.book import Book
from gateway.policy.parse import PolicyFolder
from gateway.store.base import Store, utc_now
from gateway.store.journal import Journal
from gateway.store.optouts import OptOuts
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault
from gateway.words.errors import GatewayError

AUDIT = "audit"  # the record's folder in data_dir
JOURNAL = "journal"  # that of opt-outs, beside it
DRILLED = "drilled"  # beside it: when a drill passed last, in seconds since 1970

Clock = Callable[[], datetime]


class CannotStart(GatewayError):
    """An address, a certificate or a folder can't be had."""


@asynccontextmanager
async def desk(config: Config) -> AsyncIterator[Desk]:
    """What operators do from the command line, beside a gateway that may be running."""
    async with AsyncExitStack() as house:
        vault, audit, store = await _at_hand(house, config)
        upstreams = open_upstreams(house, config, utc_now)
        folder = PolicyFolder(config.policies, config.packs)
        yield desk_of(config, store, audit, vault, upstreams, utc_now, folder.load)


@asynccontextmanager
async def kept(config: Config) -> AsyncIterator[Store]:
    """What the store has, beside a gateway that may be running; nothing is recorded."""
    make_folder(config.data_dir)
    async with AsyncExitStack() as house:
        yield await open_store(house, config, Vault.load(config.keys), utc_now)


@asynccontextmanager
async def bulk(config: Config) -> AsyncIterator[Bulk]:
    """Imports and exports, beside a gateway that may be running."""
    async with AsyncExitStack() as house:
        yield await _bulk(house, config)


@asynccontextmanager
async def comparison(config: Config, name: str) -> AsyncIterator[Comparison]:
    """With the list of opt-outs of the carrier of one upstream. Raises NoList."""
    async with AsyncExitStack() as house:
        upstream = _upstream_named(house, config, name)
        theirs = CarrierList(upstream)
        yield Comparison(await _bulk(house, config), theirs, upstream.country)


@asynccontextmanager
async def pushing(config: Config, name: str) -> AsyncIterator[Pushing]:
    """To the list of the carrier of one upstream. Raises NoList."""
    async with AsyncExitStack() as house:
        upstream = _upstream_named(house, config, name)
        yield Pushing(await _bulk(house, config), upstream, config.by_name)


def _upstream_named(house: AsyncExitStack, config: Config, name: str) -> Upstream:
    upstreams = open_upstreams(house, config, utc_now)
    if name not in upstreams:
        raise NoList(f"there is no upstream `{name}`; the configuration has {', '.join(upstreams)}")
    return upstreams[name]


async def _bulk(house: AsyncExitStack, config: Config) -> Bulk:
    vault, audit, store = await _at_hand(house, config)
    return Bulk(store, audit, utc_now, Telling(store, vault, config.subscribers, utc_now))


async def _at_hand(house: AsyncExitStack, config: Config) -> tuple[Vault, AuditLog, Store]:
    """What commands work with."""
    make_folder(config.data_dir)
    vault = Vault.load(config.keys)
    audit = await open_audit(house, config, vault, "desk", utc_now)
    return vault, audit, await open_store(house, config, vault, utc_now)


def desk_of(
    config: Config,
    store: Store,
    audit: AuditLog,
    vault: Vault,
    upstreams: Mapping[str, Upstream],
    clock: Clock,
    book: Callable[[], Book],
) -> Desk:
    """A desk at what is open already."""
    opt_in = opt_in_of(config, store, audit, upstreams, clock, book)
    return Desk(store, audit, clock, config.by_name, config.data_dir / AUDIT, vault, opt_in, book)


def opt_in_of(
    config: Config,
    store: Store,
    audit: AuditLog,
    upstreams: Mapping[str, Upstream],
    clock: Clock,
    book: Callable[[], Book],
) -> OptIn:
    """Asks in the name of the configuration's programs."""
    return OptIn(store, audit, Own(store, clock).say, config.by_name, upstreams, clock, book)


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotStart(f"{folder} can't be written: {error.strerror}; see to data_dir and its rights") from error


async def open_audit(house: AsyncExitStack, config: Config, vault: Vault, worker: str, clock: Clock) -> AuditLog:
    audit = AuditLog(config.data_dir / AUDIT, vault, clock, worker, signer=vault)
    await audit.open()
    house.push_async_callback(audit.close)
    return audit


async def open_store(house: AsyncExitStack, config: Config, vault: Vault, clock: Clock) -> Store:
    """With this host's journal in front of it."""
    kept: Store
    if config.redis:
        from gateway.store.redis import RedisStore  # noqa: PLC0415 - who has no Redis needn't load its client

        kept = RedisStore(config.redis, vault, clock=clock)
    else:
        kept = SqliteStore(config.data_dir / "store.sqlite", vault, clock=clock)
    telling = Telling(kept, vault, config.subscribers, clock) if config.subscribers else None
    store = OptOuts(kept, Journal(config.data_dir / JOURNAL, vault), clock, telling)
    await store.open()
    house.push_async_callback(store.close)
    return store


def open_upstreams(house: AsyncExitStack, config: Config, clock: Clock) -> dict[str, Upstream]:
    """By their names. Nothing is connected until something is sent."""
    relays = config.mail.relays if config.mail else ()
    ours = config.mail.host if config.mail else ""
    opened = {route.name: _upstream(house, route, clock) for route in config.routes}
    return opened | {relay.name: _relayed(house, relay, ours, clock) for relay in relays}


def _relayed(house: AsyncExitStack, config: RelayConfig, ours: str, clock: Clock) -> Upstream:
    relay = Relay(config.host, config.port, config.credentials, ours, clock, implicit=config.implicit)
    house.push_async_callback(relay.close)
    return Upstream(config.name, config.dialect, None, credentials=config.credentials, relay=relay)


def _upstream(house: AsyncExitStack, route: Route, clock: Clock) -> Upstream:
    signing = Signing(route.signer, clock) if route.signer else None
    sign = signing.sign if signing else None
    pool = Pool(route.url, timeouts=Timeouts(answer=route.answer_within), size=route.connections, sign=sign)
    house.callback(pool.close)
    hook = route.webhook
    return Upstream(
        route.name,
        route.dialect,
        pool,
        route.country,
        route.holds,
        route.credentials,
        hook.legacy_auth_token if hook else None,
        (hook.legacy_url if hook else None) or "",
        f"{hook.public_url}{hook.path}/receipts" if hook else "",
        route.release_rate,
        bool(hook and hook.carrier_answers),
        route.duplicates_within,
        signing,
        passing=route.passing,
    )
