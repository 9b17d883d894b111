"""What Kannel says of a request that it took, in whole or in part."""

from __future__ import annotations

from collections.abc import Sequence

QUEUED = b"3: Queued for later delivery"

_DENIED = b"Denied receivers are:"
_ALL_TAKEN = (b"0:", b"3:")  # `0: Accepted for delivery`, `3: Queued for later delivery`


def with_denied(body: bytes, receivers: Sequence[str]) -> bytes:
    """An acceptance with our denied receivers in it, so that it still begins as a client expects an acceptance to."""
    denied = _DENIED + b" " + " ".join(receivers).encode()
    if _DENIED in body:
        return body.replace(_DENIED, denied, 1)
    if body.startswith(_ALL_TAKEN):  # which would not be true
        return b"Sent. " + denied
    if body.startswith(b"Sent."):
        return b"Sent. " + denied + body.removeprefix(b"Sent.")
    return body + b" " + denied  # a copy's own words, and perhaps its message id
