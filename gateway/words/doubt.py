"""What is known of an attempt in doubt by asking its carrier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Listed(StrEnum):
    """What a carrier's list of messages says of an attempt in doubt. Kept in stores by these words."""

    UNKNOWN = "unknown"  # it is being asked for the first time
    FOUND = "found"  # it is there: the attempt is about to be settled
    NOT_YET = "not yet"  # it isn't there, but lists lag behind
    ABSENT = "absent"  # it isn't there, long after it would have been sent
    ALIKE = "alike"  # several could be it, or it could be another one in doubt
    UNTOLD = "untold"  # there was no answer, or none that can tell
    UNASKABLE = "unaskable"  # its carrier tells nothing, or nothing is left to ask with


@dataclass(frozen=True, slots=True)
class Inquiry:
    """How far the asking has come."""

    listed: Listed
    at: datetime  # when that was known
    again: datetime | None = None  # when it is to be asked again, at the earliest; None: never
