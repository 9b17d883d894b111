"""A request as JSON can carry it: every byte of it, for what waits in the outbox."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from gateway.words.wire import Request


def written(request: Request) -> dict[str, object]:
    """Its parts by name, to be put among others."""
    return {
        "request": [_coded(request.method), _coded(request.target), _coded(request.body)],
        "headers": [[_coded(name), _coded(value)] for name, value in request.headers],
    }


def read(told: Mapping[str, Any]) -> Request:
    """What `written` gave."""
    method, target, body = map(b64decode, told["request"])
    return Request(method, target, tuple((b64decode(name), b64decode(value)) for name, value in told["headers"]), body)


def _coded(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
