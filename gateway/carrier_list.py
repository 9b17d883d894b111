"""Our opt-outs beside a carrier's own list of them: where they differ, and what the carrier knows that we don't."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.bulk import Bulk
from gateway.delivery.upstream import Upstream
from gateway.dialects.optout_list import KeptThere, OptOutList, TheirOptOut
from gateway.numbering.read import read_number
from gateway.taught import SOURCE
from gateway.words.errors import GatewayError
from gateway.words.event import EventType
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number
from gateway.words.wire import Credentials, Request, Response

TRIES = 6  # of one page, while the carrier wants to be left in peace
PULLED = 2000  # that are written together
TOO_MANY = 429
GOOD = frozenset({200, 201})

Said = tuple[Number, Suppression]
Sleep = Callable[[float], Awaitable[None]]


class NoList(GatewayError):
    """There is no such list, or it can't be read."""


@dataclass(slots=True)
class Difference:
    """What one list has and the other hasn't. Of ours only some are named."""

    theirs: int = 0
    unreadable: int = 0  # of theirs: no number can be made of them
    only_theirs: list[Said] = field(default_factory=list)
    ours: int = 0
    only_ours: int = 0
    some_of_ours: list[str] = field(default_factory=list)


class CarrierList:
    """Reads the list of one upstream, page by page."""

    def __init__(self, upstream: Upstream, sleep: Sleep = asyncio.sleep) -> None:
        """Raises NoList where its carrier has none, or it has no credentials."""
        if upstream.dialect.opt_outs is None:
            why = f"{upstream.dialect.name} has no list of opt-outs that can be read; its refusals are learnt from"
            raise NoList(f"upstream `{upstream.name}`: {why}")
        self._upstream = upstream
        self._list: OptOutList = upstream.dialect.opt_outs
        self._credentials = credentials_of(upstream)
        self._sleep = sleep

    async def pages(self) -> AsyncIterator[Sequence[TheirOptOut]]:
        """Raises NoList, Unreadable, UpstreamAway."""
        which, more = "", True
        while more:
            page = self._list.read(await answered(self._upstream, self._list, self._page(which), self._sleep))
            yield page.opt_outs
            which, more = page.following, bool(page.following)

    def _page(self, which: str) -> Request:
        return self._list.page(which, self._credentials)


async def answered(upstream: Upstream, kept: KeptThere, request: Request, sleep: Sleep) -> Response:
    """The carrier's answer, once it may be asked. Raises NoList where it does not want to, UpstreamAway."""
    for _ in range(TRIES):
        response = await upstream.pool.exchange(request)
        if response.status != TOO_MANY:
            break
        await sleep(kept.wait(response))
    if response.status not in GOOD:
        raise NoList(f"upstream `{upstream.name}`: its carrier answers {response.status} for its opt-outs")
    return response


def credentials_of(upstream: Upstream) -> Credentials:
    """Raises NoList where it has none."""
    if upstream.credentials is None:
        raise NoList(f"upstream `{upstream.name}` has no credentials for its carrier's list; give it some")
    return upstream.credentials


class Comparison:
    """Compares, and pulls."""

    def __init__(self, bulk: Bulk, theirs: CarrierList, country: str | None) -> None:
        """`country`: of numbers that the carrier spells without a plus."""
        self._bulk = bulk
        self._theirs = theirs
        self._country = country

    async def compared(self, show: int) -> Difference:
        """Reads both lists whole; holds the carrier's numbers meanwhile. `show`: how many of ours are told.

        Raises what CarrierList.pages does, and StoreAway.
        """
        found, known, now = Difference(), set[str](), self._bulk.clock()
        async for page in self._theirs.pages():
            said = [one for entry in page if (one := self._said(entry, now))]
            found.theirs += len(page)
            found.unreadable += len(page) - len(said)
            known.update(number.e164 for number, _ in said)
            found.only_theirs += await self._missing(said)
        await self._ours(found, known, show)
        return found

    async def pull(self, said: Sequence[Said]) -> None:
        """Suppress them here. Raises StoreAway, AuditAway."""
        began, new = self._bulk.clock(), 0
        await self._bulk.begun("pull of the carrier's opt-outs")
        for start in range(0, len(said), PULLED):
            new += await self._bulk.suppress(said[start : start + PULLED])
        counts = {"taken": len(said), "new": new}
        await self._bulk.tell(EventType.SUPPRESSIONS_IMPORTED, SOURCE, counts, began)
        await self._bulk.done("pull of the carrier's opt-outs", counts)

    def _said(self, entry: TheirOptOut, now: datetime) -> Said | None:
        number = read_number(entry.number, self._country)
        scope = f"sender:{entry.sender}" if entry.sender else SCOPE_ALL
        at = min(entry.at or now, now)
        return (number, Suppression(SuppressionKind.OPT_OUT, scope, SOURCE, at)) if number else None

    async def _missing(self, said: Sequence[Said]) -> list[Said]:
        """Those that nothing of ours stands for: neither of that sender nor of everything."""
        kept = await asyncio.gather(*(self._bulk.suppressions(number) for number, _ in said))
        return [one for one, ours in zip(said, kept, strict=True) if not _stands(one[1], ours)]

    async def _ours(self, found: Difference, known: set[str], show: int) -> None:
        async for people in self._bulk.everybody():
            numbers = [one.number for one in people if any(map(is_opt_out, one.suppressions))]
            lacking = [number for number in numbers if number not in known]
            found.ours += len(numbers)
            found.only_ours += len(lacking)
            found.some_of_ours += lacking[: show - len(found.some_of_ours)]


def _stands(theirs: Suppression, ours: Sequence[Suppression]) -> bool:
    return any(is_opt_out(one) and one.scope in {SCOPE_ALL, theirs.scope} for one in ours)


def is_opt_out(one: Suppression) -> bool:
    return one.kind is SuppressionKind.OPT_OUT
