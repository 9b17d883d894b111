"""Our opt-outs put on a carrier's own list of them: those that it lacks, as far as it lets that be known."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from gateway.bulk import Bulk
from gateway.carrier_list import CarrierList, NoList, Sleep, answered, credentials_of, is_opt_out
from gateway.delivery.upstream import Upstream
from gateway.dialects.optout_list import OptOutWriter, TheirOptOut
from gateway.numbering.read import read_number
from gateway.store.base import Remembered
from gateway.words.facts import SCOPE_ALL
from gateway.words.program import Program

Blocked = tuple[str, str]  # a number in E.164, and the sender that is blocked; empty: all


@dataclass(slots=True)
class Pushed:
    """How many entries the carrier took, and how many it did not."""

    taken: int = 0
    refused: int = 0


class Pushing:
    """To the carrier of one upstream."""

    def __init__(
        self, bulk: Bulk, upstream: Upstream, programs: Mapping[str, Program], sleep: Sleep = asyncio.sleep
    ) -> None:
        """`programs`: whose senders an opt-out from more than one sender blocks. Raises NoList where the carrier takes
        no opt-outs, or the upstream has no credentials."""
        if upstream.dialect.opt_out_writer is None:
            why = f"{upstream.dialect.name} takes no opt-outs from others; whom you hold is refused here already"
            raise NoList(f"upstream `{upstream.name}`: {why}")
        self._writer: OptOutWriter = upstream.dialect.opt_out_writer
        self._credentials = credentials_of(upstream)
        self._upstream = upstream
        self._bulk = bulk
        self._programs = programs
        self._sleep = sleep

    async def push(self) -> Pushed:
        """Whatever the carrier lacks; where its list can't be read, all of ours. Running it again is harmless.

        Raises what CarrierList.pages does, StoreAway, AuditAway.
        """
        what, pushed, theirs = f"push of opt-outs to {self._upstream.name}", Pushed(), await self._theirs()
        await self._bulk.begun(what)
        waiting: list[TheirOptOut] = []
        async for people in self._bulk.everybody():
            waiting += [one for each in people for one in self._of(each) if not _holds(theirs, one)]
            while len(waiting) >= self._writer.most:
                await self._put(waiting[: self._writer.most], pushed)
                del waiting[: self._writer.most]
        if waiting:
            await self._put(waiting, pushed)
        await self._bulk.done(what, {"taken": pushed.taken, "refused": pushed.refused})
        return pushed

    async def _theirs(self) -> AbstractSet[Blocked]:
        if self._upstream.dialect.opt_outs is None:
            return frozenset()
        held, country = set[Blocked](), self._upstream.country
        async for page in CarrierList(self._upstream, self._sleep).pages():
            read = ((read_number(each.number, country), each.sender) for each in page)
            held |= {(number.e164, sender) for number, sender in read if number}
        return held

    def _of(self, person: Remembered) -> Iterator[TheirOptOut]:
        """One entry for each sender that is blocked, since the first opt-out that blocks it."""
        since: dict[str, datetime] = {}
        for one in sorted(filter(is_opt_out, person.suppressions), key=lambda one: one.at, reverse=True):
            since |= dict.fromkeys(self._blocked(one.scope), one.at)
        return (TheirOptOut(person.number, sender, at) for sender, at in since.items())

    def _blocked(self, scope: str) -> Sequence[str]:
        """What the carrier can be told of a scope, and no more: what it blocks too much nobody could send any more."""
        if not self._writer.by_sender:
            return [""] if scope == SCOPE_ALL else []
        what, _, name = scope.partition(":")
        if what == "sender":
            return [name]
        covered = (each for each in self._programs.values() if _covers(scope, each))
        return [sender for program in covered for sender in program.senders]

    async def _put(self, opt_outs: Sequence[TheirOptOut], pushed: Pushed) -> None:
        request = self._writer.put(opt_outs, self._credentials)
        response = await answered(self._upstream, self._writer, request, self._sleep)
        taken = sum(self._writer.taken(opt_outs, response))
        pushed.taken += taken
        pushed.refused += len(opt_outs) - taken


def _covers(scope: str, program: Program) -> bool:
    return scope in {SCOPE_ALL, f"program:{program.name}", f"brand:{program.brand}"}


def _holds(theirs: AbstractSet[Blocked], one: TheirOptOut) -> bool:
    return not theirs.isdisjoint({(one.number, one.sender), (one.number, "")})
