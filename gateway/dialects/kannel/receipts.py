"""Kannel's delivery reports: a `dlr-url` whose escape codes are filled in, fetched by GET.

The codes are those of Kannel's own source (gw/urltrans.c). In a report the handset is the sender (`%p`) and we are the
receiver (`%P`). What is not known of a message that never left is empty, as it is in Kannel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote_plus

from gateway.words.decision import State
from gateway.words.kept import Kept

# Of the mask's bits, those that we can tell: the SMS centre's others are for the carrier to say.
_QUEUED, _REJECTED = 4, 16
_TYPES = {
    State.WAITING: _QUEUED,
    State.LEASED: _QUEUED,
    State.REFUSED: _REJECTED,
    State.DROPPED: _REJECTED,
}

_ESCAPE = re.compile(r"%(#[^#]*#[^#]*#|.)")
_EMPTY = frozenset("aAbBcCDfFiIkmMnoOrRsSuvV")  # the text, coding, ids and the like
_MASK = re.compile(r"[0-9]{1,3}")


def report(kept: Kept, mask: str, url: str) -> str:
    """The URL that tells how the message stands; "" where the client does not want to be told that."""
    type_ = _TYPES.get(kept.state, 0)
    wanted = int(mask) if _MASK.fullmatch(mask) else 0
    return _filled(url, _values(kept, type_)) if type_ & wanted else ""


def _values(kept: Kept, type_: int) -> Mapping[str, str]:
    handset, sender, at = kept.draft.to, kept.draft.sender.value, kept.changed.astimezone(UTC)
    return {
        "%": "%",
        "d": str(type_),
        "A": quote_plus(f"NACK/{kept.ended or kept.code or 'refused'}") if type_ == _REJECTED else "",
        "p": quote_plus(handset),
        "P": quote_plus(sender),
        "q": quote_plus(_international(handset)),
        "Q": quote_plus(_international(sender)),
        "t": f"{at:%Y-%m-%d+%H:%M:%S}",
        "T": str(_seconds(at)),
    }


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    """All codes at once; what is no code of Kannel's stays."""

    def value(match: re.Match[str]) -> str:
        code = match[1]
        return values.get(code, "" if code in _EMPTY or code.startswith("#") else match[0])

    return _ESCAPE.sub(value, pattern)


def _international(number: str) -> str:
    return "+" + number[2:] if number.startswith("00") else number


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
