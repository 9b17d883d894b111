"""A doubtful reply as the stores keep it: sealed, so that it opens only under its id."""

from __future__ import annotations

from datetime import datetime

import orjson

from gateway.store.vault import Vault
from gateway.words.doubtful import Doubtful
from gateway.words.number import Number, Place


def sealed(vault: Vault, one: Doubtful) -> bytes:
    place = one.recipient.place
    number = [one.recipient.e164, place.country, place.regions, place.zones]
    said = [one.text, one.at, one.upstream, one.to, one.program, one.guess, one.matched]
    return vault.seal(orjson.dumps([number, said]), context(one.id))


def opened(vault: Vault, id_: str, kept: bytes) -> Doubtful:
    """Raises Unopened."""
    number, said = orjson.loads(vault.open(kept, context(id_)))
    e164, country, regions, zones = number
    text, at, *others = said
    recipient = Number(e164, Place(country, tuple(regions), tuple(zones)))
    return Doubtful(id_, recipient, text, datetime.fromisoformat(at), *others)


def context(id_: str) -> bytes:
    return b"doubtful" + id_.encode()
