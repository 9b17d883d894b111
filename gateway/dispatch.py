"""A request's messages on their way out: in one call of the carrier, or in several where one can't hold their texts."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from time import monotonic
from typing import NamedTuple

from gateway.delivery.upstream import Upstream
from gateway.dialects.base import Dialect
from gateway.means import Means
from gateway.ruling import FATES, START_WITHIN, STATES, Ruling
from gateway.taught import Taught
from gateway.words.errors import TextsDiffer, Unreadable, UpstreamAway
from gateway.words.message import Send
from gateway.words.outcome import Fate, Verdict
from gateway.words.wire import Request, Response

# Which answer is the client's, where those of several calls can't be joined: never one that asks it to send again what
# has left, or may have.
_TOLD_FIRST = (Fate.SENT, Fate.IN_DOUBT, Fate.REFUSED, Fate.UNSENT)


class Called(NamedTuple):
    """One call of the carrier: which of the request's messages were in it, its answer, and what became of them."""

    places: Sequence[int]
    response: Response
    fate: Fate


class Dispatch:
    """Whoever asks has reserved the messages."""

    def __init__(self, means: Means) -> None:
        self._settler = means.settler
        self._meter = means.meter
        self._taught = Taught(means)
        self.open_attempts = 0  # reserved, and not settled yet

    async def send(
        self, send: Send, upstream: Upstream, rulings: Sequence[Ruling]
    ) -> tuple[Response | None, dict[int, Fate]]:
        """Send those that are reserved, and settle them by the carrier's answer.

        What the client may be told of them (None: none is reserved), and what became of each.
        """
        texts = {place: ruling.text for place, ruling in enumerate(rulings) if ruling.reservation}
        if not texts:
            return None, {}
        try:
            requests = _requests(upstream.dialect, send, texts)
        except Unreadable as error:  # the carrier could read it in another way once it is changed
            self._settle(rulings, texts, Verdict.REFUSED)
            refusal = upstream.dialect.refuse(send.request, error.reason, str(error), error.field)
            return refusal, dict.fromkeys(texts, Fate.UNSENT)
        if len(requests) == 1:
            [(places, request)] = requests
            called = await self._called(send, upstream, rulings, places, request)
            return called.response, dict.fromkeys(places, called.fate)
        # All at once: what is reserved must begin soon.
        calls = await asyncio.gather(*(self._called(send, upstream, rulings, *each) for each in requests))
        fates = {place: called.fate for called in calls for place in called.places}
        return _told(upstream.dialect, calls), fates

    async def _called(
        self, send: Send, upstream: Upstream, rulings: Sequence[Ruling], places: Sequence[int], request: Request
    ) -> Called:
        verdict, began = Verdict.UNKNOWN, monotonic()
        self.open_attempts += len(places)
        try:
            response = await upstream.exchange(request, start_within=START_WITHIN)
            self._meter.latency(upstream.name, monotonic() - began)
            verdict = upstream.dialect.verdict(response)
        except UpstreamAway as error:
            self._meter.upstream_away(upstream.name, error.status)
            verdict = Verdict.UNKNOWN if error.maybe_sent else Verdict.REFUSED
            fate = Fate.IN_DOUBT if error.maybe_sent else Fate.UNSENT
            return Called(places, upstream.dialect.away(send.request, error.status, str(error)), fate)
        finally:  # also when this worker is stopped in the middle: then it is in doubt
            self.open_attempts -= len(places)
            self._settle(rulings, places, verdict)
        if verdict is Verdict.REFUSED and len(places) == 1:  # of several, who knows whom it means
            await self._taught.learn(upstream, rulings[places[0]].message, response)
        return Called(places, response, FATES[verdict])

    def _settle(self, rulings: Sequence[Ruling], places: Iterable[int], verdict: Verdict) -> None:
        held = [(reservation, STATES[verdict]) for place in places if (reservation := rulings[place].reservation)]
        self._settler.settle(held)


def _requests(dialect: Dialect, send: Send, texts: Mapping[int, str | None]) -> list[tuple[Sequence[int], Request]]:
    """One request for all where one can hold their texts; else one for each text."""
    try:
        return [(tuple(texts), dialect.write(send, texts))]
    except TextsDiffer:
        alike: defaultdict[str | None, dict[int, str | None]] = defaultdict(dict)
        for place, text in texts.items():
            alike[text][place] = text
        return [(tuple(some), dialect.write(send, some)) for some in alike.values()]


def _told(dialect: Dialect, calls: Sequence[Called]) -> Response:
    """One answer for several calls: all that were accepted are in it, where the carrier's answers name messages."""
    first = min(calls, key=lambda called: _TOLD_FIRST.index(called.fate))
    taken = [(called.places, called.response) for called in calls if called.fate is Fate.SENT]
    return dialect.joined(taken) if len(taken) > 1 else first.response
