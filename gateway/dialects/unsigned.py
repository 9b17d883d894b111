"""Carriers that sign no webhook. They call a path that nobody guesses, or with a user and a password (RFC 7617)."""

from __future__ import annotations

import hmac
from abc import ABC
from datetime import datetime

from gateway.dialects.base import Dialect
from gateway.dialects.heads import authorized, watched
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request

_AUTHORIZATION = b"authorization"


class Unsigned(Dialect, ABC):
    """A webhook's secrets are a user and a password, `user:password`, as they stand in the URL that is called."""

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        """Whether it is called with this user and password."""
        try:
            given = watched(request.headers, {_AUTHORIZATION}).get(_AUTHORIZATION, b"")
        except Unreadable:
            return False
        scheme, _, pair = given.partition(b" ")
        _, _, expected = (_called_with(request, secret).header(_AUTHORIZATION) or b"").partition(b" ")
        return hmac.compare_digest(pair.strip(), expected) and scheme.lower() == b"basic"

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        """The call as one with the legacy system's own user and password."""
        return _called_with(request, secret)

    def wrong_secret(self, checking: str | None, signing: str | None) -> tuple[str, str]:
        for key, secret in (("auth_token", checking), ("legacy_auth_token", signing)):
            if secret and ":" not in secret:
                return key, f"is no `user:password`; {self.name} signs nothing, and can only be known by those"
        return "", ""


def _called_with(request: Request, secret: str) -> Request:
    user, _, password = secret.partition(":")
    return authorized(request, Credentials(user, password))
