"""Other systems are told of opt-outs, opt-ins and consents, whichever door they came through.

It stands between a host's journal and its store, where all doors meet. What it owes is in the outbox, sealed, and is
called by whoever releases that. What takes something away is owed before it counts: whoever is killed in between tells
of it once more, under the same id, when the journal is brought to the store. What gives something is owed once it
counts; killed in between, nobody is told that somebody may be texted again. An import is told as one event, when it
is through and before it is on record as done: one that broke off is run again, and told then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from gateway.delivery.errand import Errand, waiting
from gateway.delivery.ids import id_from
from gateway.dialects.standard_webhooks import request_of
from gateway.store.base import Store
from gateway.store.vault import Vault
from gateway.words.event import Event, EventType, Subscriber
from gateway.words.facts import Consent, Suppression, SuppressionKind
from gateway.words.ledger import Entry, Happened
from gateway.words.number import Number


class Telling:
    """The store's three changes of what somebody wants, and what subscribers are told of them."""

    def __init__(
        self, store: Store, vault: Vault, subscribers: Sequence[Subscriber], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._vault = vault
        self._subscribers = subscribers
        self._clock = clock

    async def suppress(
        self, number: Number, suppression: Suppression, *, heard: datetime | None = None, replayed: bool = False
    ) -> None:
        """Told where nothing of that kind and scope stood. From a journal: where it stands now, and didn't before."""
        is_new = not await self._stands(number, suppression)
        if is_new and not replayed:
            await self._tell_suppressed(number, suppression)
        await self._store.suppress(number, suppression, heard=heard, replayed=replayed)
        if is_new and replayed and await self._stands(number, suppression):
            await self._tell_suppressed(number, suppression)

    async def lift(self, number: Number, kind: SuppressionKind, scope: str, before: datetime) -> int:
        lifted = await self._store.lift(number, kind, scope, before)
        if lifted:
            await self._tell(number, EventType.LIFTED, before, {"kind": kind, **_scope(scope)})
        return lifted

    async def enter(self, number: Number, entry: Entry, key: str = "") -> bool:
        takes = entry.happened is Happened.WITHDRAWN
        if takes:
            await self._tell_entered(number, entry)
        is_new = await self._store.enter(number, entry, key)
        if is_new and not takes:
            await self._tell_entered(number, entry)
        return is_new

    async def imported(
        self, type_: EventType, source: str, counts: Mapping[str, int], began: datetime, digest: str = ""
    ) -> None:
        """Owed when it returns. `digest`: SHA-256 of the file, in hex; empty: it was none. Raises StoreAway."""
        now = self._clock()
        data = {"source": source, **counts, "sha256": digest or None, "began": began, "at": now}
        await self._owe(Event(self._id(type_, began.isoformat(), source, digest), type_, now, data), None)

    async def _stands(self, number: Number, suppression: Suppression) -> bool:
        standing = await self._store.suppressions(number)
        return any((one.kind, one.scope) == (suppression.kind, suppression.scope) for one in standing)

    async def _tell_suppressed(self, number: Number, one: Suppression) -> None:
        data = {"kind": one.kind, **_scope(one.scope), "source": one.source}
        await self._tell(number, EventType.SUPPRESSED, one.at, data)

    async def _tell_entered(self, number: Number, entry: Entry) -> None:
        await self._tell(number, _ENTERED[entry.happened], entry.what.at, _entered(entry))

    async def _tell(self, number: Number, type_: EventType, at: datetime, data: Mapping[str, object]) -> None:
        """Raises StoreAway."""
        id_ = self._id(type_, number.e164, at.isoformat(), *data.values())
        await self._owe(Event(id_, type_, self._clock(), {"number": number.e164, **data, "at": at}), number)

    async def _owe(self, event: Event, about: Number | None) -> None:
        owed = [self._owed(event, each.url) for each in self._subscribers if event.type in each.types]
        if owed:
            await self._store.hold([waiting(errand, id_from(f"{event.id}\n{errand.url}"), about) for errand in owed])

    def _id(self, *what: object) -> str:
        """The same for the same. Keyed: the times are on record, and numbers are few."""
        return self._vault.hashes("\n".join(map(str, what)))[0].digest.hex()

    @staticmethod
    def _owed(event: Event, url: str) -> Errand:
        return Errand("", request_of(event), event.at, url, event.id)


_ENTERED = {
    Happened.REQUESTED: EventType.REQUESTED,
    Happened.GIVEN: EventType.GIVEN,
    Happened.CONFIRMED: EventType.CONFIRMED,
    Happened.WITHDRAWN: EventType.WITHDRAWN,
}


def _scope(scope: str) -> dict[str, object]:
    what, _, name = scope.partition(":")
    return {"scope": scope, "program": name if what == "program" else None}


def _entered(entry: Entry) -> dict[str, object]:
    what = entry.what
    told: dict[str, object] = {"program": what.program, "source": entry.actor, "method": what.method}
    told["categories"] = what.categories
    if isinstance(what, Consent):
        told |= {"kind": what.kind, "confirmed": what.confirmed, "night": what.night, "expires": what.expires}
    return told
