"""Waiting for what a process that runs beside the test will have done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

PATIENCE = 20.0  # seconds; nothing depends on how long it really takes


def until(wanted: Callable[[], Any], what: str) -> Any:
    """What `wanted` gives, once it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := wanted():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never: {what}")
