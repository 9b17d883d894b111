"""The `sig` parameter of Vonage's older APIs: over all other parameters, by their names.

Each is `&name=value`, with `_` for `&` and `=` in the value; then the MD5 of that and the secret behind it, or an HMAC
under the secret, as the account is set. Which, only its length tells, and for MD5 not even that.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

Pairs = Sequence[tuple[str, str]]

MD5_HASH = "md5-hash"
SHA256_DIGITS = 64
_BY_LENGTH = {32: ("md5", MD5_HASH), 40: ("sha1",), SHA256_DIGITS: ("sha256",), 128: ("sha512",)}  # hexadecimal
_PLAIN = str.maketrans("&=", "__")

# Vonage's Python SDK 4 signs "None" for each of its message's fields that the client left out, and sends none of them.
_UNSENT = (
    *("account-ref", "body", "callback", "client-ref", "content-id", "entity-id", "message-class", "protocol-id"),
    *("sig", "status-report-req", "trusted-number", "ttl", "type", "udh"),
)


def method_of(pairs: Pairs, secret: str) -> str:
    """How these parameters were signed with this secret; empty: they were not."""
    return _matching(_covered(pairs), _given(pairs), secret)


def method_of_send(pairs: Pairs, secret: str) -> str:
    """The same for a client's request: by the rule, or as the SDK that breaks it does."""
    covered = _covered(pairs)
    unsent = [(name, "None") for name in _UNSENT if name not in dict(covered)]
    return _matching(covered, _given(pairs), secret) or _matching([*covered, *unsent], _given(pairs), secret)


def likely_method(pairs: Pairs) -> str:
    """By the signature's length alone; for MD5 an HMAC, which is what current SDKs check."""
    return next(iter(_BY_LENGTH.get(len(_given(pairs)), ())), "")


def signature(pairs: Pairs, secret: str, method: str) -> str:
    """In lower case."""
    return _digest(_covered(pairs), secret, method)


def _given(pairs: Pairs) -> str:
    return dict(pairs).get("sig", "").lower()


def _covered(pairs: Pairs) -> list[tuple[str, str]]:
    return [pair for pair in pairs if pair[0] != "sig"]


def _matching(covered: Pairs, given: str, secret: str) -> str:
    # Every one is compared, so that the time taken tells nothing.
    methods = _BY_LENGTH.get(len(given), ())
    matching = [each for each in methods if hmac.compare_digest(_digest(covered, secret, each), given)]
    return matching[0] if matching else ""


def _digest(covered: Pairs, secret: str, method: str) -> str:
    over = "".join(f"&{name}={value.translate(_PLAIN)}" for name, value in sorted(covered))
    if method == MD5_HASH:
        return hashlib.md5((over + secret).encode(), usedforsecurity=False).hexdigest()
    return hmac.new(secret.encode(), over.encode(), method).hexdigest()
