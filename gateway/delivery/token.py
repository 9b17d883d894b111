"""A held message as part of a URL: sealed, so that a receipt that comes back tells by itself whose it is."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime
from zlib import compress, decompress
from zlib import error as zlib_error

import orjson

from gateway.store.vault import Vault
from gateway.words.errors import GatewayError
from gateway.words.held import Held
from gateway.words.number import Number, Place

_CONTEXT = b"receipt"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadToken(GatewayError):
    """None that we made, or made with keys that are gone."""


def token_of(vault: Vault, held: Held) -> str:
    label = [held.id, held.recipient.e164, held.recipient.place.country, held.lane, held.minted]
    sealed = vault.seal(compress(orjson.dumps(label) + b"\n" + held.body, 9), _CONTEXT)
    return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def held_in(vault: Vault, token: str) -> Held:
    """Raises BadToken, Unopened."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        label, _, body = decompress(vault.open(sealed, _CONTEXT)).partition(b"\n")
    except (Error, ValueError, zlib_error) as error:
        raise BadToken("this is no token of a receipt") from error
    id_, e164, country, lane, minted = orjson.loads(label)
    return Held(id_, Number(e164, Place(country)), lane, _EPOCH, minted, body=body)
