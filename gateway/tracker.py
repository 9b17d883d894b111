"""What clients ask about messages that were put off: answered by us while they wait, by the carrier afterwards.

What never leaves stays ours to tell, as long as the store keeps it. A list is the carrier's, with ours in it.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.delivery.upstream import Upstream
from gateway.dialects.holding import Tracking
from gateway.later import Later, owner_of
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.telemetry import Meter
from gateway.words.asked import PAGE, Asked, Wish
from gateway.words.decision import State
from gateway.words.errors import StoreAway, UpstreamAway
from gateway.words.held import Tracked
from gateway.words.kept import Kept
from gateway.words.wire import Request, Response

_WAITS = frozenset({State.WAITING, State.LEASED})
_CHANGES = frozenset({Wish.CHANGE, Wish.CANCEL, Wish.REDACT, Wish.DELETE})


class Concern(NamedTuple):
    """What a request asks, and what is known of the message that it asks about; None: it asks for a list."""

    asked: Asked
    tracked: Tracked | None = None


class Tracker:
    """Asked by the door for every request that is no send and that its dialect says to be about messages."""

    def __init__(self, means: Means, later: Later) -> None:
        self.meter: Meter = means.meter
        self._store = means.store
        self._later = later

    async def concerns(self, request: Request, upstream: Upstream) -> Concern | None:
        """What this head asks about messages that may have ids of ours; None: it passes through as it is."""
        tracking = _tracking(upstream)
        asked = tracking.asks(request) if tracking else None
        if asked is None or asked.wish is Wish.LIST:
            return Concern(asked) if asked else None
        try:
            tracked = await self._store.track(asked.id)
        except StoreAway:  # most ids are the carrier's own
            self.meter.store_away()
            return None
        return Concern(asked, tracked) if tracked else None

    async def answer(self, request: Request, concern: Concern, upstream: Upstream) -> Response:
        """To a request that was read whole. Raises StoreAway."""
        tracking = _tracking(upstream)
        assert tracking is not None, "ask concerns first"  # noqa: S101
        asked, tracked = concern
        if asked.wish is Wish.LIST:
            return await self._listed(request, asked, upstream, tracking)
        if tracked is None:  # it has been forgotten just now
            return await self._from_carrier(request, {}, upstream, tracking)
        if tracked.carrier_id:
            return await self._from_carrier(request, {asked.id: tracked.carrier_id}, upstream, tracking)
        kept = self._later.kept(tracked)
        if kept is None:
            return tracking.missing(request)
        if not tracking.same_client(request, kept):  # whose credentials these are, only the carrier can tell
            return await self._from_carrier(request, {}, upstream, tracking)
        if asked.wish in _CHANGES:
            return await self._changed(request, asked, tracked, upstream, tracking)
        return tracking.resource(request, kept)

    async def _changed(
        self, request: Request, asked: Asked, tracked: Tracked, upstream: Upstream, tracking: Tracking
    ) -> Response:
        wish = tracking.change(request) if asked.wish is Wish.CHANGE else asked.wish
        if tracked.end:
            return await self._changed_after(request, wish, Concern(asked, tracked), tracking)
        if wish not in {Wish.CANCEL, Wish.DELETE} or tracked.state not in _WAITS:
            return tracking.cannot(request, wish)
        gone = await self._later.cancel(tracked, asked.id, keep=wish is Wish.CANCEL)
        if gone is None:  # it has moved on just now
            moved = Concern(Asked(Wish.FETCH, asked.id), await self._store.track(asked.id))
            return await self.answer(request, moved, upstream)
        return tracking.deleted(request) if wish is Wish.DELETE else self._shown(request, gone, tracking)

    async def _changed_after(self, request: Request, wish: Wish, concern: Concern, tracking: Tracking) -> Response:
        """Of a message that is over: it can be redacted and deleted."""
        asked, tracked = concern
        if wish is Wish.DELETE:
            await self._later.forget(asked.id)
            return tracking.deleted(request)
        if wish is not Wish.REDACT or tracked is None:
            return tracking.cannot(request, wish)
        return self._shown(request, await self._later.redact(tracked, asked.id), tracking)

    def _shown(self, request: Request, tracked: Tracked | None, tracking: Tracking) -> Response:
        kept = self._later.kept(tracked) if tracked else None
        return tracking.resource(request, kept) if kept else tracking.missing(request)

    async def _listed(self, request: Request, asked: Asked, upstream: Upstream, tracking: Tracking) -> Response:
        """Ours are looked up first: what leaves meanwhile is in the carrier's answer under the same id."""
        ours = await self._ours(request, asked, upstream, tracking) if asked.unsent else []
        response, known = await self._exchanged(request, {}, upstream, tracking)
        return tracking.merged(request, [one for one in ours if one.minted not in known], response)

    async def _ours(self, request: Request, asked: Asked, upstream: Upstream, tracking: Tracking) -> list[Kept]:
        number = read_number(asked.to, upstream.country) if asked.to else None
        if asked.to and number is None:
            return []
        most = min(asked.most, PAGE)
        found = await self._later.kept_of(owner_of(upstream, request), number.e164 if number else "", most)
        return [one for one in found if asked.lists(one) and tracking.same_client(request, one)]

    async def _from_carrier(
        self, request: Request, names: dict[str, str], upstream: Upstream, tracking: Tracking
    ) -> Response:
        response, _ = await self._exchanged(request, names, upstream, tracking)
        return response

    async def _exchanged(
        self, request: Request, names: dict[str, str], upstream: Upstream, tracking: Tracking
    ) -> tuple[Response, frozenset[str]]:
        """The carrier's answer, with our ids for those of its that clients know by ours; and those of ours."""
        try:
            response = await upstream.exchange(tracking.for_carrier(request, names))
        except UpstreamAway as error:
            return upstream.dialect.away(request, error.status, str(error)), frozenset()
        known = await self._store.minted_of(tracking.ids_in(response))
        return tracking.for_client(response, known) if known else response, frozenset(known.values())


def _tracking(upstream: Upstream) -> Tracking | None:
    return upstream.dialect.holding.tracking if upstream.dialect.holding else None
