"""The last message that a program has sent to a number, as it is kept: 7 bytes of time, and the message's id."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.store.compact import Reader, time_bytes
from gateway.store.record import instant, micros
from gateway.words.facts import LastSent, Reservation


def last_written(reservation: Reservation) -> bytes:
    """Of one that was sent."""
    return time_bytes(micros(reservation.at)) + reservation.attempt.encode()


def latest(found: Iterable[bytes | None]) -> LastSent | None:
    """What is kept under several hashes of one number: the last of all."""
    return max((_read(kept) for kept in found if kept), key=lambda one: one.at, default=None)


def _read(kept: bytes) -> LastSent:
    reader = Reader(kept, 0)
    at = instant(reader.time())
    return LastSent(kept[reader.at :].decode(), at)
