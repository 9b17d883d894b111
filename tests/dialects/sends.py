"""A dialect of each name, with sends that are known to be good: captured ones, and one of a house that is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.dialects import dialect_named
from gateway.dialects.base import Dialect
from gateway.dialects.generic.description import GenericDescription
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.wire import Request
from tests import captures

# Where captures don't begin with the dialect's name.
CAPTURED_AS: Mapping[str, tuple[str, ...]] = {"aws": ("aws", "sns"), "azure": ("acs",)}
OPTIONS: Mapping[str, dict[str, Any]] = {
    "generic": {
        "description": GenericDescription.model_validate(
            {"name": "house", "send": {"path": "/sms"}, "fields": {"to": "to[]", "text": "text"}}
        )
    }
}
_HOUSE = Request(
    b"POST",
    b"/sms",
    ((b"Content-Type", b"application/json"),),
    b'{"to": ["+12025550123", "+12025550124"], "text": "Hi"}',
)


def made(name: str) -> Dialect:
    return dialect_named(name, **OPTIONS.get(name, {}))


def sends_of(name: str) -> dict[str, Request]:
    """The captured requests that are sends, by their names."""
    if name == "generic":
        return {"house": _HOUSE}
    found = [each for prefix in CAPTURED_AS.get(name, (name,)) for each in captures.names(f"{prefix}-*")]
    dialect, requests = made(name), {each: captures.request(each) for each in found if not each.endswith(".response")}
    return {each: request for each, request in requests.items() if _is_send(dialect, request)}


def _is_send(dialect: Dialect, request: Request) -> bool:
    try:
        return dialect.claims(request) and isinstance(dialect.read(request), Send)
    except Unreadable:  # to whom it goes can't be known: a topic, a group
        return False
