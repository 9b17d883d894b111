"""What commands share that look something up or change it: the configuration's place, and a desk for one operation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from gateway.bulk import Bulk
from gateway.config import Config
from gateway.desk import Desk
from gateway.opening import bulk, desk

Answer = TypeVar("Answer")

CONFIG = click.option(
    "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("config/gateway.yaml"), show_default=True
)


def in_bulk(config: Config, do: Callable[[Bulk], Awaitable[Answer]]) -> Answer:
    """Its answer, from the store of this configuration."""

    async def done() -> Answer:
        async with bulk(config) as it:
            return await do(it)

    return asyncio.run(done())


def at_desk(path: Path, ask: Callable[[Desk], Awaitable[Answer]]) -> Answer:
    """Its answer, from the store of the configuration at `path`."""

    async def asked() -> Answer:
        async with desk(Config.load(path)) as it:
            return await ask(it)

    return asyncio.run(asked())
