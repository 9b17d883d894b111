"""Who may call the management API, and for what; and who may send."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SHOWN_IN = b"x-gateway-token"  # the header, in lower case, in which a client of the proxy shows its token


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
    """One caller. `hashed` is all that is kept of the token itself (scrypt, as doors/tokens.py writes it)."""

    name: str
    scopes: frozenset[Scope]
    hashed: str


@dataclass(frozen=True, slots=True)
class Client:
    """Software that may send through the proxy, by a token that opens nothing else."""

    token: Token
    rate: float | None = None  # requests a second that are taken; None: any

    @property
    def name(self) -> str:
        return self.token.name
