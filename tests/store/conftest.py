"""Both stores, behind one fixture."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gateway.store.base import LEASE, Store
from gateway.store.keyring import KeyRing
from gateway.store.redis import RedisStore
from gateway.store.sqlite import SqliteStore
from gateway.store.vault import Vault

OpenStore = Callable[..., Store]


@pytest.fixture
def vault() -> Vault:
    return Vault(KeyRing.fresh())


@pytest.fixture(params=["sqlite", "redis"])
def a_store(request: pytest.FixtureRequest, tmp_path: Path, vault: Vault) -> OpenStore:
    """Another store on the same data, each time that it is called: another worker's. It is not open yet."""
    url = request.getfixturevalue("redis_url") if request.param == "redis" else ""

    def made(*, vault: Vault = vault, lease: float = LEASE) -> Store:
        return RedisStore(url, vault, lease=lease) if url else SqliteStore(tmp_path / "store.db", vault, lease=lease)

    return made


@pytest.fixture
async def store(a_store: OpenStore) -> AsyncIterator[Store]:
    store = a_store()
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def other(a_store: OpenStore) -> AsyncIterator[Store]:
    """Another worker's store, for which every worker that does not beat at once is dead."""
    store = a_store(lease=0.0)
    await store.open()
    yield store
    await store.close()
