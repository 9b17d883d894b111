"""What waits in the outbox until it may leave: a message, or a call that we owe somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.words.decision import State
from gateway.words.number import Number


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that leaves later.

    A message becomes an ordinary attempt, of the same id, when it is reserved. A call is never reserved: whoever has
    leased it makes it, and then drops it or puts it back.
    """

    id: str  # the message's, or the call's own
    recipient: Number  # or whom the call is about
    lane: str  # who shares a rate and takes turns: upstream, program and sender, or whom a call goes to
    due: datetime  # not before
    minted: str = ""  # the id, in the carrier's own format, that the client was told; empty: it was told none
    expires: datetime | None = None  # when it is dropped instead
    body: bytes = b""  # all that is needed to send it; sealed in the store
    owner: str = ""  # who may list it: upstream and account; empty: nobody
    twin: bytes = b""  # the same for all that say the same to the same; empty: it has no twins. Only `hold` is told

    @property
    def known(self) -> str:
        return known_as(self.id, self.minted)


def known_as(id_: str, minted: str) -> str:
    """The id by which a message is tracked: its own, where the client was told none."""
    return minted or id_


@dataclass(frozen=True, slots=True)
class End:
    """How a message ended that never left, for its client to be told."""

    why: str  # a Reason, an Ended, or the carrier's own code; holds no `|`
    at: datetime


@dataclass(frozen=True, slots=True)
class Tracked:
    """What became of a held message, by the id that the client was told, or its own where nobody was told one."""

    id: str
    state: State
    due: datetime
    carrier_id: str = ""  # the carrier's own, once it has accepted it
    held: Held | None = None  # until it is over; with an end as long as that is kept
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """What is in one lane: all that waits, is leased or is being sent. What is over is not, nor what is in doubt."""

    name: str
    waiting: int  # how many those are
    earliest: datetime  # when the oldest that waits is due, or a lease has run out, where that is earlier
