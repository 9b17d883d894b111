"""How messages of the outbox ended, as the stores keep it.

An end that clients may ask for is `MICROSECONDS|WHY`; Redis has `STATE|DUE` of every message that is over, and of one
with such an end, `|`, the end, `|` and its parcel after that. Only the parcel is personal, and it is sealed.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.record import instant, micros
from gateway.words.decision import State
from gateway.words.held import End


class Ending(NamedTuple):
    """What Redis has of a message that is over. `due` in microseconds since 1970."""

    state: State
    due: int
    end: End | None
    parcel: bytes | None


def end_written(end: End | None) -> str:
    """Empty where nobody may ask for it."""
    return f"{micros(end.at)}|{end.why}" if end else ""


def end_read(written: str) -> End | None:
    at, _, why = written.partition("|")
    return End(why, instant(int(at))) if at else None


def ending_read(written: bytes) -> Ending:
    state, due, *rest = written.split(b"|", 4)
    if not rest:
        return Ending(State(state.decode()), int(due), None, None)
    at, why, parcel = rest
    return Ending(State(state.decode()), int(due), End(why.decode(), instant(int(at))), parcel)
