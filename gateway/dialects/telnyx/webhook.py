"""Telnyx's calls to us: replies of recipients, and the Ed25519 signature over time and body.

The secret that checks it is the account's public key, in Base64. To sign anew takes a private key, which only Telnyx
has: so a legacy system that is to check what we tell on under a signature of ours must be given the public part of a
key of ours. Told on as it came, a call has Telnyx's own signature, which covers neither URL nor host.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.dialects.heads import watched, with_header
from gateway.dialects.json_posts import Fields
from gateway.dialects.told import told
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Request

TOLERANCE = timedelta(minutes=5)  # between Telnyx's clock and ours, as its SDKs allow

_SIGNATURE, _TIMESTAMP = b"telnyx-signature-ed25519", b"telnyx-timestamp"
_SIGNING = frozenset({_SIGNATURE, _TIMESTAMP})


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for any other event."""
    data = Fields.read(request.body).inside("data")
    if data is None or data.text("event_type") != "message.received":
        return None
    payload = data.inside("payload")
    if payload is None:
        raise Unreadable("a reply without payload", field="payload")
    return Inbound(
        id=told(payload.scalar("id"), "id"),
        recipient=told(_number(payload.inside("from")), "from"),
        to=told(_addressed(payload), "to"),
        text=payload.text("text") or "",
    )


def _number(address: Fields | None) -> str:
    return address.scalar("phone_number") if address else ""


def _addressed(payload: Fields) -> str:
    """The first of our numbers that it was sent to."""
    for node in payload.elements("to"):
        return _number(Fields.of(payload.document, node, "to"))
    return ""


def wrong_secret(checking: str, signing: str | None) -> tuple[str, str]:
    """Both are keys: which one is none, and what it must be."""
    try:
        _public(checking)
    except ValueError:
        return "auth_token", "is no Ed25519 public key; take it from Telnyx's portal, 32 bytes in Base64"
    try:
        _private(signing or checking)
    except ValueError:
        return "legacy_auth_token", "is no Ed25519 private key of your own: 32 bytes in Base64"
    return "", ""


def signed(request: Request, secret: str, now: datetime) -> bool:
    """Whether Telnyx signed this call, within the last minutes. `secret`: its public key."""
    try:
        found = watched(request.headers, _SIGNING)
        signature, stamp = b64decode(found.get(_SIGNATURE, b""), validate=True), found.get(_TIMESTAMP, b"")
        _public(secret).verify(signature, stamp + b"|" + request.body)
    except (Unreadable, ValueError, InvalidSignature):
        return False
    return stamp.isdigit() and abs(now.timestamp() - int(stamp[:15])) <= TOLERANCE.total_seconds()


def sign(request: Request, secret: str, now: datetime) -> Request:
    """The call signed with a key of ours: `secret` is its 32 private bytes in Base64. Raises Unreadable."""
    try:
        key = _private(secret)
    except ValueError:
        raise Unreadable("legacy_auth_token is no Ed25519 private key: 32 bytes in Base64") from None
    stamp = b"%d" % now.timestamp()
    signature = b64encode(key.sign(stamp + b"|" + request.body))
    headers = with_header(with_header(request.headers, _SIGNATURE, signature), _TIMESTAMP, stamp)
    return Request(request.method, request.target, headers, request.body)


def _public(secret: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(b64decode(secret, validate=True))


def _private(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b64decode(secret, validate=True))
