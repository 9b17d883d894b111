"""Webhooks that are known by a secret in the URL that is called: `?code=...`."""

from __future__ import annotations

import hmac

from gateway.dialects.forms import Form, without
from gateway.dialects.heads import with_query
from gateway.words.errors import Unreadable
from gateway.words.wire import Request

CODE = b"code"


def knows(request: Request, secret: str) -> bool:
    """Whether the URL that was called bears the secret."""
    try:
        given = Form.read(request.query).bytes_of(CODE) or b""
    except Unreadable:
        return False
    return hmac.compare_digest(given, secret.encode())


def without_secret(request: Request, secret: str) -> Request:
    """The same call without it, for whoever is told of it: their own URL has a secret of their own."""
    return with_query(request, without(request.query, frozenset({CODE}))) if knows(request, secret) else request
