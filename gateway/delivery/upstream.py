"""A configured carrier endpoint: its dialect, and the connections on which it is reached."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.dialects.base import Dialect
from gateway.http1.client import Pool


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where messages of one route leave."""

    name: str
    dialect: Dialect
    pool: Pool
    country: str | None = None  # of numbers spelled the national way; None: bare digits are international
