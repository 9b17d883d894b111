"""Azure Communication Services' HMAC: over method, path and query, and the date, the host and the body's SHA-256.

By learn.microsoft.com/azure/communication-services/tutorials/hmac-header-tutorial. A bearer token of Entra ID covers
none of these, and goes on as it came.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from gateway.dialects.heads import watched, with_header
from gateway.dialects.signer import AUTHORIZATION, Signer, authorized_by, unproven
from gateway.words.wire import Credentials, Request

TOLERANCE = timedelta(minutes=15)  # between a client's clock and ours; what Azure allows is not documented

_DATE, _BODY_HASH = b"x-ms-date", b"x-ms-content-sha256"
_WATCHED = frozenset({AUTHORIZATION, b"host", _DATE, _BODY_HASH})
_NAMES = b"x-ms-date;host;x-ms-content-sha256"
_CLAIM = re.compile(rb"HMAC-SHA256 SignedHeaders=%b&Signature=([A-Za-z0-9+/]{43}=)" % _NAMES, re.IGNORECASE)
_BEARER = re.compile(rb"Bearer +[!-~]+", re.IGNORECASE)


class AzureSigner(Signer):
    """A resource's access key: the credentials' secret, in Base64."""

    def __init__(self, credentials: Credentials | None) -> None:
        """Raises Unreadable for a secret that is no access key."""
        self._key = _key(credentials.secret) if credentials else None

    def check(self, request: Request, now: datetime) -> None:
        found = watched(request.headers, _WATCHED)
        given = found.get(AUTHORIZATION, b"").strip()
        if _BEARER.fullmatch(given):
            return
        claim = _CLAIM.fullmatch(given)
        if claim is None:
            raise unproven("the request is signed neither with HMAC-SHA256 nor by a bearer token")
        _is_new(found.get(_DATE, b""), now)
        if not hmac.compare_digest(found.get(_BODY_HASH, b""), _body_hash(request)):
            raise unproven("x-ms-content-sha256 is not the hash of this body")
        if not hmac.compare_digest(signature(request, self._held()), claim[1]):
            raise unproven("the signature is not one of this request with the upstream's `credentials`")

    def sign(self, request: Request, now: datetime) -> Request:
        if _BEARER.fullmatch((request.header(AUTHORIZATION) or b"").strip()):
            return request
        headers = with_header(request.headers, b"x-ms-date", format_datetime(now.astimezone(UTC), usegmt=True).encode())
        headers = with_header(headers, b"x-ms-content-sha256", _body_hash(request))
        leaving = Request(request.method, request.target, headers, request.body)
        made = signature(leaving, self._held())
        return authorized_by(leaving, b"HMAC-SHA256 SignedHeaders=%b&Signature=%b" % (_NAMES, made))

    def _held(self) -> bytes:
        if self._key is None:
            raise unproven("signed for this gateway, Azure would not take it; give the upstream `credentials`")
        return self._key


def signature(request: Request, key: bytes) -> bytes:
    """In Base64, over the date and the hash that stand in the request."""
    covered = b";".join(request.header(name) or b"" for name in _NAMES.split(b";"))
    over = b"\n".join((request.method, request.target, covered))
    return b64encode(hmac.digest(key, over, "sha256"))


def _body_hash(request: Request) -> bytes:
    return b64encode(sha256(request.body).digest())


def _is_new(given: bytes, now: datetime) -> None:
    """Raises Unreadable where it was not signed now: what was seen once must not be sent again."""
    try:
        at = parsedate_to_datetime(given.decode("latin-1"))
        is_new = abs(now - at) <= TOLERANCE
    except (ValueError, TypeError):  # TypeError: it names no time zone
        raise unproven("x-ms-date is missing, or not written as Tue, 24 Nov 2026 02:25:28 GMT") from None
    if not is_new:
        raise unproven("it was signed more than 15 minutes ago, or in the future; is the client's clock right?")


def _key(secret: str) -> bytes:
    try:
        key = b64decode(secret, validate=True)
    except (Error, ValueError):
        key = b""
    if not key:
        raise unproven("the `secret` is no access key of Azure's, which is in Base64")
    return key
