"""What a request does, whatever it says that it does."""

from __future__ import annotations

import re

from gateway.dialects.forms import Form
from gateway.dialects.heads import OVERRIDES
from gateway.dialects.paths import settled
from gateway.words.errors import Unreadable
from gateway.words.wire import Request

READING = frozenset({b"GET", b"HEAD", b"OPTIONS"})
METHOD = frozenset({b"_method"})  # a field by which some servers let themselves be told another method

_HARMLESS = READING | {b"DELETE"}  # a scheduled message is canceled by it


def may_send(request: Request, send: re.Pattern[bytes], disguised: re.Pattern[bytes], making: frozenset[bytes]) -> bool:
    """Whether the carrier might take it for a send: by its path, or by what `settled` makes of that."""
    if not send.fullmatch(request.path) and not disguised.fullmatch(settled(request.path)):
        return False
    return request.method not in _HARMLESS or writes(request, making)


def writes(request: Request, making: frozenset[bytes] = frozenset()) -> bool:
    """Whether a request that claims to read tells the server otherwise, or bears one of these (folded) names in its
    query."""
    if any(name.lower() in OVERRIDES for name, _ in request.headers):
        return True
    return bool(request.query) and _query_holds(request, METHOD | making)


def _query_holds(request: Request, names: frozenset[bytes]) -> bool:
    try:
        return bool(Form.read(request.query).holding(names))
    except Unreadable:
        return True
