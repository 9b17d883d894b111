"""Attempts in doubt, of which the carrier itself may know what became: it is asked, and never sent anything.

Any number of workers do the same without a leader: who is about to ask about an attempt notes that in the store first,
and only one of them can. Whatever one of them does twice, if it dies in the middle of it, is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import orjson

from gateway.audit import record
from gateway.delivery.deferred import Unpack
from gateway.delivery.upstream import Upstream
from gateway.dialects.holding import Holding, Search
from gateway.letters import Letters
from gateway.means import Means
from gateway.store.base import OpenAttempt
from gateway.telemetry import log
from gateway.words.decision import State
from gateway.words.doubt import Inquiry, Listed
from gateway.words.errors import StoreAway, Unreadable, UpstreamAway
from gateway.words.facts import Reservation
from gateway.words.held import Held
from gateway.words.kept import Kept
from gateway.words.wire import Response

LOOK = 5.0  # seconds between two looks
MOST = 5  # questions a look, one after the other: 60 a minute and worker at most, few beside what is sent

# Since the attempt. A carrier's list lags behind its answers by seconds, on a bad day by minutes; after an hour what
# isn't there was not taken.
WAITS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=60))
AGAIN = timedelta(minutes=15)  # until it is asked again where it gave no answer that can tell
GIVES_UP = timedelta(days=1)  # after the attempt: no answer that comes still tells it from others
CLAIM = timedelta(minutes=6)  # for which an attempt is one worker's to ask about: longer than an answer may take
SKEW = timedelta(minutes=5)  # by which clocks may differ: what would be overlooked for it might be sent once more


@dataclass(frozen=True, slots=True)
class Sought:
    """An attempt in doubt, with all that is needed to ask its carrier."""

    attempt: OpenAttempt
    held: Held
    upstream: Upstream
    holding: Holding
    search: Search
    kept: Kept  # with the text as it left


class Reconciler:
    """One worker's share."""

    def __init__(self, means: Means, unpack: Unpack, letters: Letters, now: Callable[[], float] = monotonic) -> None:
        """`now`: seconds that only ever go forward."""
        self._means = means
        self._unpack = unpack
        self._letters = letters
        self._now = now
        self._not_before: dict[str, float] = {}  # of upstreams whose carriers want to be left in peace until then

    async def run(self) -> None:
        """For a task of its own, until it is cancelled."""
        while True:
            try:
                await self.look()
            except StoreAway as error:
                log.warning("attempts in doubt can't be read", why=str(error))
            except Exception as error:  # noqa: BLE001 whatever it was, the others are looked into next time
                log.error("an attempt in doubt could not be looked into", exc_info=error)
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Ask about those whose time has come, the one that waits longest first."""
        doubts = await self._means.store.in_doubt()
        now, asked = self._means.clock(), 0
        for attempt in sorted(doubts, key=_due):
            if asked == MOST or _due(attempt) > now:
                return
            asked += await self._look_into(attempt, doubts)

    async def _look_into(self, attempt: OpenAttempt, doubts: Sequence[OpenAttempt]) -> bool:
        """Whether its carrier was asked."""
        if attempt.inquiry is None and attempt.held:
            await self._mailed(attempt.held)
        sought, now = self._sought(attempt), self._means.clock()
        if sought is None:
            await self._means.store.inquired(attempt, Inquiry(Listed.UNASKABLE, now))
            return False
        if self._not_before.get(sought.upstream.name, 0.0) > self._now():
            return False
        claim = replace(attempt.inquiry or Inquiry(Listed.UNKNOWN, now), again=now + CLAIM)
        if not await self._means.store.inquired(attempt, claim):
            return False
        claimed = replace(sought, attempt=replace(attempt, inquiry=claim))
        await self._judge(claimed, await self._found(claimed), doubts)
        return True

    async def _mailed(self, held: Held) -> None:
        """Whoever mailed it hears of the doubt, also where the worker that should have told has died over it."""
        try:
            mailed = self._unpack(held).send.mailed
        except Unreadable:
            return
        if mailed:
            await self._letters.doubted(mailed, held.id, held.recipient)

    def _sought(self, attempt: OpenAttempt) -> Sought | None:
        """None: there is nobody to ask, or nothing to ask with."""
        if attempt.held is None:  # it was live: what is kept of it names no account at the carrier
            return None
        try:
            deferred = self._unpack(attempt.held)
        except Unreadable:
            return None
        holding = deferred.upstream.dialect.holding
        kept = deferred.kept(State.IN_DOUBT, attempt.at, _said(attempt)[1])
        if holding is None or holding.search is None or not holding.search.can_tell(kept):
            return None
        return Sought(attempt, attempt.held, deferred.upstream, holding, holding.search, kept)

    async def _found(self, sought: Sought) -> Sequence[str] | None:
        """The carrier's ids of messages that may be this one and are no other of ours; None: it can't be told."""
        upstream, kept = sought.upstream, sought.kept
        try:
            response = await upstream.exchange(sought.search.asked(kept, upstream.credentials))
        except UpstreamAway as error:
            self._means.meter.upstream_away(upstream.name, error.status)
            return None
        self._leave_in_peace(sought, response)
        listed = sought.search.found(kept, response, sought.attempt.at - SKEW)
        if listed is None:
            return None
        known = await self._means.store.minted_of(listed)
        return [each for each in listed if known.get(each, kept.minted) == kept.minted]

    def _leave_in_peace(self, sought: Sought, response: Response) -> None:
        pause = sought.holding.retry_after(response, self._means.clock())
        if pause is not None:
            self._not_before[sought.upstream.name] = self._now() + pause.total_seconds()

    async def _judge(self, sought: Sought, found: Sequence[str] | None, doubts: Sequence[OpenAttempt]) -> None:
        """Settle it, or note what is known now: unless somebody has decided about it since it was claimed."""
        inquiry = judged(sought.attempt, found, doubts, self._means.clock())
        if not await self._means.store.inquired(sought.attempt, inquiry):
            return
        self._means.meter.doubt_asked(sought.upstream.name, inquiry.listed)
        if found and inquiry.listed is Listed.FOUND:
            await self._settle(sought, found[0])

    async def _settle(self, sought: Sought, carrier_id: str) -> None:
        """Its end is the last step: who dies before it leaves it to be asked about, and found, once more."""
        store, held, now = self._means.store, sought.held, self._means.clock()
        entry = record.reconciled(held.id, sought.upstream.name, carrier_id, now)
        await self._means.audit.append_durably(entry)
        if held.minted:
            await store.accepted_as(held.minted, carrier_id)
        ended = Reservation(held.id, held.recipient, "", 0, now, held=True)
        await store.settle([(ended, State.SENT)])


def judged(attempt: OpenAttempt, found: Sequence[str] | None, doubts: Sequence[OpenAttempt], now: datetime) -> Inquiry:
    """What an attempt's inquiry comes to, by the ids that were found and all attempts in doubt."""
    if found is None:
        return Inquiry(Listed.UNTOLD, now, _once_more(attempt, now))
    if not found:
        again = next((attempt.at + wait for wait in WAITS if attempt.at + wait > now), None)
        return Inquiry(Listed.NOT_YET if again else Listed.ABSENT, now, again)
    if len(found) > 1 or any(_said(each) == _said(attempt) and each.id != attempt.id for each in doubts):
        return Inquiry(Listed.ALIKE, now, _once_more(attempt, now))
    return Inquiry(Listed.FOUND, now, now + CLAIM)


def _once_more(attempt: OpenAttempt, now: datetime) -> datetime | None:
    return now + AGAIN if now + AGAIN < attempt.at + GIVES_UP else None


def _due(attempt: OpenAttempt) -> datetime:
    """When it is to be asked about."""
    if attempt.inquiry is None:
        return attempt.at + WAITS[0]
    return attempt.inquiry.again or NEVER


def _said(attempt: OpenAttempt) -> tuple[str, str | None]:
    """To whom, and what."""
    to, _, text = orjson.loads(attempt.detail)
    return to, text


NEVER = datetime.max.replace(tzinfo=UTC)
