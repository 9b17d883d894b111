"""Tokens that sign a webhook (RFC 7519), under a secret that both sides have."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from gateway.words.errors import Unreadable

HS256 = {"HS256": "sha256"}
ANY_HS = {**HS256, "HS384": "sha384", "HS512": "sha512"}

Claims = Mapping[str, Any]


def genuine(token: bytes, secret: str, algorithms: Mapping[str, str] = HS256) -> bool:
    """Whether it was made with this secret, in one of these ways. Raises Unreadable where it is no token."""
    over, _, given = token.rpartition(b".")
    digest = algorithms.get(str(_part(over.partition(b".")[0]).get("alg")))
    return digest is not None and hmac.compare_digest(_mac(over, secret, digest), given)


def claims_of(token: bytes) -> Claims:
    """What it says, whoever made it. Raises Unreadable where it is no token."""
    return _part(token.split(b".")[1]) if token.count(b".") == 2 else {}  # noqa: PLR2004 head, claims, signature


def made(claims: Claims, secret: str) -> bytes:
    over = b".".join(_encoded(orjson.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return over + b"." + _mac(over, secret, HS256["HS256"])


def covers(claims: Claims, name: str, content: bytes) -> bool:
    """Whether a claim is the hash of this content, as those that are called `..._hash` are."""
    return hmac.compare_digest(str(claims.get(name)).encode(), hash_of(content).encode())


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _part(encoded: bytes) -> dict[str, Any]:
    """Raises Unreadable where it is no JSON object."""
    try:
        part = orjson.loads(urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except ValueError:
        part = None
    if not isinstance(part, dict):
        raise Unreadable("the token can't be read")
    return part


def _mac(over: bytes, secret: str, digest: str) -> bytes:
    return _encoded(hmac.digest(secret.encode(), over, digest))


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")
