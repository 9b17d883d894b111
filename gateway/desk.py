"""What operators look up and change; the console and the command line are skins over it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gateway.audit import record
from gateway.audit.log import AuditLog
from gateway.numbering.read import read_number
from gateway.store.base import Store
from gateway.words.errors import GatewayError
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number


class NoNumber(GatewayError):
    """What was given is no phone number."""


class Desk:
    """One operation a method. Whatever changes something is on record."""

    def __init__(
        self, store: Store, audit: AuditLog, clock: Callable[[], datetime], country: str | None = None
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._country = country

    async def suppress(
        self, spelled: str, kind: SuppressionKind, scope: str = SCOPE_ALL, reason: str = ""
    ) -> Suppression:
        """Nothing is sent to this number from now on. Raises NoNumber, StoreAway."""
        number = self._number(spelled)
        suppression = Suppression(kind, scope, "operator", self._clock(), reason)
        await self._store.suppress(number, suppression)
        self._audit.append(record.suppressed(number, suppression))
        return suppression

    async def lift(self, spelled: str, kind: SuppressionKind, scope: str = SCOPE_ALL) -> int:
        """How many suppressions of that kind and scope were lifted. Raises NoNumber, StoreAway."""
        number, now = self._number(spelled), self._clock()
        lifted = await self._store.lift(number, kind, scope, now)
        self._audit.append(record.lifted(number, kind, scope, now))
        return lifted

    async def suppressions(self, spelled: str) -> tuple[Suppression, ...]:
        """What stands against this number. Raises NoNumber, StoreAway."""
        return await self._store.suppressions(self._number(spelled))

    def _number(self, spelled: str) -> Number:
        number = read_number(spelled, self._country)
        if number is None:
            raise NoNumber("this is no phone number that can be texted; write it as +12125550100")
        return number
