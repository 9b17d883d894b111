"""Who may call the management API, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token opens."""

    CONSENT_READ = "consent:read"
    CONSENT_WRITE = "consent:write"
    SUPPRESSION_READ = "suppression:read"
    SUPPRESSION_WRITE = "suppression:write"
    REPLY_READ = "reply:read"
    REPLY_WRITE = "reply:write"


@dataclass(frozen=True, slots=True)
class Token:
    """One caller. `hashed` is all that is kept of the token itself (scrypt, as doors/api/tokens.py writes it)."""

    name: str
    scopes: frozenset[Scope]
    hashed: str
