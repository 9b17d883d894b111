"""What kind of sender a value names."""

from __future__ import annotations

import re
from functools import lru_cache

from gateway.words.number import NO_SENDER, Sender, SenderKind

LONGEST_KNOWN = 64  # characters of a sender that is worth remembering

_SHORT_CODE = re.compile(r"\d{3,8}", re.ASCII)
_NUMBER = re.compile(r"\+?[\d ().-]{7,}", re.ASCII)
_BARE = re.compile(r"[1-9]\d{8,14}", re.ASCII)
# Twilio's messaging services, and the UUIDs by which other carriers name a pool, a profile or a campaign.
_POOL = re.compile(r"MG[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def sender_of(value: str) -> Sender:
    """A number, a short code (3 to 8 digits), a carrier's pool id, else an alphanumeric sender; nothing: no sender."""
    value = plus_restored(value).strip()
    if not value:
        return NO_SENDER
    return _known(value) if len(value) <= LONGEST_KNOWN else Sender(SenderKind.ALPHANUMERIC, value)


@lru_cache(maxsize=1024)
def _known(value: str) -> Sender:
    return Sender(_kind(value), value)


def _kind(value: str) -> SenderKind:
    if _SHORT_CODE.fullmatch(value):
        return SenderKind.SHORT_CODE
    if _NUMBER.fullmatch(value):
        return SenderKind.NUMBER
    return SenderKind.POOL if _POOL.fullmatch(value) else SenderKind.ALPHANUMERIC


def international(value: str) -> str:
    """`12025550100` as `+12025550100`, where a carrier spells E.164 without the plus; short codes and names stay."""
    return f"+{value}" if _BARE.fullmatch(value) else value


def plus_restored(value: str) -> str:
    """` 1202...` as `+1202...`: a plus that was left unescaped in a form or query arrives as a space."""
    if value.startswith(" ") and value[1:2].isdigit():
        return "+" + value[1:]
    return value
