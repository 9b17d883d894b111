"""Amazon's Signature Version 4, of whole requests: over method, path, query, named fields and the body's SHA-256.

By docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, for services other than S3.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote_from_bytes

from gateway.dialects.signer import AUTHORIZATION, unproven
from gateway.words.wire import Headers, Request

Fields = Mapping[bytes, Sequence[bytes]]  # each field's values, in order, by its name in lower case

_CLAIM = re.compile(
    rb"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request\s*,"
    rb"\s*SignedHeaders=([!#-:<-~]+(?:;[!#-:<-~]+)*)\s*,\s*Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a key is good for: a day (`20261124`), a region and a service."""

    day: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its signature."""

    user: str  # the access key's id
    scope: Scope
    names: tuple[bytes, ...]  # of the fields that it covers, in lower case
    signature: str

    @staticmethod
    def of(fields: Fields) -> Claim:
        """Raises Unreadable where there is none, or one that is not of this kind."""
        given = fields.get(AUTHORIZATION, ())
        found = _CLAIM.fullmatch(given[0]) if len(given) == 1 else None
        if found is None:
            raise unproven("the request is not signed in its Authorization field with AWS4-HMAC-SHA256")
        user, day, region, service, names, signature = (part.decode("latin-1") for part in found.groups())
        return Claim(user, Scope(day, region, service), tuple(names.encode().split(b";")), signature)

    def written(self) -> bytes:
        """As it stands in the Authorization field."""
        names = b";".join(self.names).decode("ascii")
        who = f"Credential={self.user}/{self.scope}"
        return f"AWS4-HMAC-SHA256 {who}, SignedHeaders={names}, Signature={self.signature}".encode()


def by_name(headers: Headers) -> dict[bytes, list[bytes]]:
    """What `Fields` are."""
    fields: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        fields.setdefault(name.lower(), []).append(value)
    return fields


def signature(request: Request, names: Sequence[bytes], stamp: str, scope: Scope, secret: str) -> str:
    """In hexadecimal digits. `names`: the fields that it covers, in lower case, sorted; `stamp`: 20261124T022528Z."""
    canonical = sha256(_canonical(request, names)).hexdigest()
    over = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{canonical}"
    return hmac.digest(_key(secret, scope), over.encode(), "sha256").hex()


def body_hash(request: Request) -> bytes:
    """As it stands in `x-amz-content-sha256`, where a client writes that."""
    return sha256(request.body).hexdigest().encode()


@lru_cache(maxsize=64)
def _key(secret: str, scope: Scope) -> bytes:
    """A day's key is asked for with each message of that day."""
    key = b"AWS4" + secret.encode()
    for part in str(scope).split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _canonical(request: Request, names: Sequence[bytes]) -> bytes:
    values = by_name(request.headers)
    lines = [name + b":" + b",".join([b" ".join(value.split()) for value in values.get(name, ())]) for name in names]
    covered = (request.method, _path(request.path), _query(request.query), *lines)
    return b"\n".join((*covered, b"", b";".join(names), body_hash(request)))


def _path(path: bytes) -> bytes:
    """Without dots and empty segments, and escaped once more than it came."""
    segments: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del segments[-1:]
        elif segment not in {b"", b"."}:
            segments.append(segment)
    end = b"/" if segments and path.endswith(b"/") else b""
    return quote_from_bytes(b"/" + b"/".join(segments) + end, safe="/~").encode("ascii")


def _query(query: bytes) -> bytes:
    """Sorted by names, then by values, as they are escaped."""
    pairs = (part.partition(b"=") for part in query.split(b"&")) if query else ()
    return b"&".join(name + b"=" + value for name, value in sorted((name, value) for name, _, value in pairs))
