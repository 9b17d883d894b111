"""A message that was put off, as its client may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.words.decision import Reason, State
from gateway.words.message import Draft, Send


class Ended(StrEnum):
    """Why a message was dropped where no rule forbade it."""

    CANCELED = "canceled"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    REFUSED = "refused"  # by the carrier, which gave no code


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a dialect needs to show a message that was put off, to tell of it, and to send it."""

    send: Send  # the request in which it came
    place: int  # which of its drafts
    minted: str  # the id that the client was told; empty: it was told none
    state: State
    created: datetime  # when the client was answered
    changed: datetime
    text: str | None = None  # as it leaves; None: kept at the carrier, or binary
    ended: Reason | Ended | None = None  # with DROPPED
    code: str = ""  # with REFUSED: the carrier's own

    @property
    def draft(self) -> Draft:
        return self.send.drafts[self.place]
