"""What tests of all rooms may use."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.redis_sentinel import RedisWithSentinel
from tests.redis_server import RedisServer

# How long something takes is for `bench/` to say: on a busy machine it would fail here for nothing.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


# Each of these starts several processes; the stores themselves have one contract suite, that always runs on both.
_FRONT = "api clock conversation drill duplicates errands events links listings own proof reconcile"
ON_ONE_STORE = {"front": frozenset(_FRONT.split()), "cli": frozenset(("consent", "import"))}


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """More than there are cores: for much of their time tests wait for what another process will have done."""
    cores = yield
    return cores + cores // 2


# What takes longest begins first, so that no worker is left with it alone at the end.
_SLOWEST = ("test_container", "torture", "front", "cli", "store")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _rank(item.path))
    for item in items:
        named = ON_ONE_STORE.get(item.path.parent.name, frozenset())
        on_sqlite = "sqlite" in item.name.rpartition("[")[2].rstrip("]").split("-")
        if on_sqlite and item.path.stem.removeprefix("test_") in named:
            item.add_marker(pytest.mark.slow)


def _rank(path: Path) -> int:
    """Its place among the slowest: the files and rooms not named there come last."""
    return next((rank for rank, name in enumerate(_SLOWEST) if name in {path.stem, path.parent.name}), len(_SLOWEST))


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_url(_shared_redis: RedisServer) -> str:
    """A Redis that runs and is empty. It is everybody's: leave it running."""
    _shared_redis.ask("FLUSHALL")
    return _shared_redis.url


@pytest.fixture
def redis_server(tmp_path) -> Iterator[RedisServer]:
    """A Redis of one's own, running: to be killed and started again."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_with_sentinel(tmp_path) -> Iterator[RedisWithSentinel]:
    """A primary, two replicas and three Sentinels, all of this test alone."""
    several = RedisWithSentinel(tmp_path / "redis")
    try:
        several.start()
        yield several
    finally:
        several.stop()
