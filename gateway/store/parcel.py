"""A held message as the stores keep it: one sealed parcel that opens only under the message's id.

    a line of JSON: number, country, regions, zones, lane, minted id, expiry in microseconds or null, owner | the body

When it is due and whose it is changes while it waits, and stands beside it.
"""

from __future__ import annotations

import orjson

from gateway.store.record import instant, micros
from gateway.store.vault import Unopened, Vault
from gateway.telemetry import log
from gateway.words.held import Held
from gateway.words.number import Number, Place


def wrapped(vault: Vault, held: Held) -> bytes:
    """The parcel."""
    place = held.recipient.place
    expires = held.expires and micros(held.expires)
    label = [
        held.recipient.e164,
        place.country,
        place.regions,
        place.zones,
        held.lane,
        held.minted,
        expires,
        held.owner,
    ]
    return vault.seal(orjson.dumps(label) + b"\n" + held.body, held.id.encode())


def unwrapped(vault: Vault, id_: str, due: int, parcel: bytes) -> Held:
    """The message; `due` in microseconds since 1970. Raises Unopened."""
    label, _, body = vault.open(parcel, id_.encode()).partition(b"\n")
    e164, country, regions, zones, lane, minted, expires, *owner = orjson.loads(label)
    return Held(
        id=id_,
        recipient=Number(e164, Place(country, tuple(regions), tuple(zones))),
        lane=lane,
        due=instant(due),
        minted=minted,
        expires=None if expires is None else instant(expires),
        body=body,
        owner=owner[0] if owner else "",  # older parcels have none
    )


def opened(vault: Vault, id_: str, due: int, parcel: bytes) -> Held | None:
    """The message; None, and a line in the log, where its key is gone."""
    try:
        return unwrapped(vault, id_, due, parcel)
    except Unopened as error:
        log.error("a message in the outbox can't be opened", message=id_, why=str(error))
        return None
