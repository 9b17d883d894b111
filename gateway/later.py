"""What is to leave later: put into the outbox, shown to its client, and taken out again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from secrets import token_bytes

from gateway.audit import record
from gateway.delivery.deferred import Deferred, Unpack, packed, redacted
from gateway.delivery.token import held_in
from gateway.delivery.twin import twin_of
from gateway.delivery.upstream import Upstream
from gateway.dialects.answers import uncompressed
from gateway.errands import Errands
from gateway.means import Means
from gateway.ruling import Ruling, ruled
from gateway.store.vault import Vault
from gateway.words.decision import Action, State
from gateway.words.errors import GatewayError, StoreAway, Unreadable
from gateway.words.facts import Facts
from gateway.words.held import End, Held, Tracked
from gateway.words.kept import Ended, Kept
from gateway.words.message import Message, Send
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Call, Request, Response

SETTLING = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)  # seconds between looks for the carrier's id of what is being sent
WITHIN = timedelta(days=7)  # how long a message waits at most, where nothing else is said


class Later:
    """The outbox, as the doors see it."""

    def __init__(self, means: Means, errands: Errands, unpack: Unpack, vault: Vault) -> None:
        self._means = means
        self._errands = errands
        self._unpack = unpack
        self._vault = vault

    @staticmethod
    def may_wait(send: Send, upstream: Upstream, ruling: Ruling) -> bool:
        """Whether it is to leave later, and can be composed anew then."""
        holding = upstream.dialect.holding if upstream.holds else None
        if holding is None or ruling.decision.action is not Action.DEFER or ruling.decision.not_before is None:
            return False
        return bool(send.mailed) or holding.can_hold(send, upstream.credentials)  # what we composed we can again

    async def hold(self, send: Send, upstream: Upstream, rulings: Mapping[int, Ruling], now: datetime) -> list[Kept]:
        """Durable in the outbox when it returns: as clients may see them. Raises StoreAway."""
        holding = upstream.dialect.holding
        assert holding is not None, "ask may_wait first"  # noqa: S101
        held, kept, twins = [], [], upstream.duplicates_within
        for place, ruling in rulings.items():
            minted = holding.tracking.mint(send, token_bytes(16)) if holding.tracking and not send.mailed else ""
            one = _held(send, place, upstream, ruling, minted, now)
            held.append(replace(one, twin=twin_of(self._vault, send, place, ruling.message)) if twins else one)
            kept.append(Kept(send, place, minted, State.WAITING, now, now, ruling.changed))
        try:
            known = await self._means.store.hold(held, twins)
        except StoreAway:  # it may hold them all the same, and the client is told that nothing will be sent
            for one in held:
                self._means.settler.owe(partial(self._means.store.drop, one.id, one.minted, None, one.twin))
            raise
        return [self._first(*each, now) for each in zip(kept, held, known, strict=True)]

    def _first(self, kept: Kept, held: Held, known: str, now: datetime) -> Kept:
        """As its client may see it: where it is the twin of one that waits already, that one."""
        if known == held.known:
            return kept
        self._means.audit.append(record.dropped(held.id, f"{Ended.DUPLICATE} of {known}", now))
        return replace(kept, minted=known if held.minted else "")

    async def cancel(self, tracked: Tracked, minted: str, *, keep: bool) -> Tracked | None:
        """Take a message out that waits, for its client to see as canceled (`keep`) or never more.

        None where it has moved on. Raises StoreAway, AuditAway. First it is on record, for good, that its sender asked:
        a worker that dies in between leaves a message that waits still, or one that is gone for a recorded reason.
        """
        now = self._means.clock()
        await self._means.audit.append_durably(record.cancel_asked(tracked.id, now))
        end = End(Ended.CANCELED, now) if keep else None
        held = await self._means.store.drop(tracked.id, minted, None, end=end)
        if held is None:
            return None
        self._means.audit.append(record.dropped(held.id, "canceled by its sender", now))
        return replace(tracked, state=State.DROPPED, held=held, end=end)

    async def redact(self, tracked: Tracked, minted: str) -> Tracked | None:
        """Forget the text of a message that is over and is kept; None where it is no longer. Raises StoreAway."""
        deferred = self._deferred(tracked.held) if tracked.held else None
        holding = deferred.upstream.dialect.holding if deferred else None
        if tracked.held is None or deferred is None or holding is None or holding.tracking is None:
            return None
        left = redacted(tracked.held, holding.tracking.redacted(deferred.send))
        return replace(tracked, held=left) if await self._means.store.overwrite(minted, left) else None

    async def forget(self, minted: str) -> None:
        """Keep nothing of a message that is over. Raises StoreAway."""
        await self._means.store.overwrite(minted, None)

    async def kept_of(self, owner: str, to: str, most: int) -> list[Kept]:
        """Those of an owner's that its client may see, the last first, as the store lists them. Raises StoreAway."""
        found = await self._means.store.kept_of(owner, to, most)
        return [kept for tracked in found if (kept := self.kept(tracked))]

    def kept(self, tracked: Tracked) -> Kept | None:
        """As its client may see it; None where nothing is held of it, or its request makes no sense any more."""
        deferred = self._deferred(tracked.held) if tracked.held else None
        if deferred is None:
            return None
        if tracked.end:
            return deferred.over(tracked.state, tracked.end, self._text(deferred))
        return deferred.kept(tracked.state, self._means.clock(), self._text(deferred))

    def _text(self, deferred: Deferred) -> str | None:
        """As the policies of now would have it leave."""
        return ruled(deferred.message, Facts.NONE, self._means.book(), self._means.clock(), self._means.linker).changed

    async def tell_withheld(
        self, send: Send, upstream: Upstream, outcomes: Sequence[Outcome], carrier: Response
    ) -> None:
        """The client is owed a receipt for each that was withheld, where the others left under one id for all of them.

        They have left: it is answered all the same where the store is away, and then hears of them in its answer only.
        """
        holding, now = upstream.dialect.holding, self._means.clock()
        id_ = holding.accepted_id(replace(carrier, body=uncompressed(carrier))) if holding else ""
        if holding is None or not id_:
            return
        for place, outcome in enumerate(outcomes):
            if outcome.fate is not Fate.WITHHELD:
                continue
            reason = outcome.decision.deciding.reason if outcome.decision.deciding else None
            kept = Kept(send, place, id_, State.DROPPED, now, now, outcome.message.text, reason)
            if call := holding.withheld(kept):
                await self._owed(call, upstream, outcome.message)

    async def _owed(self, call: Call, upstream: Upstream, message: Message) -> None:
        try:
            await self._errands.owe(call, upstream, message.recipient, f"withheld/{message.id}")
        except StoreAway:
            self._means.meter.store_away()

    async def receipt(self, token: str, called: Request) -> bool:
        """The client is owed, under the id that it knows, what the carrier told us; False: the token is none of ours.

        Raises StoreAway.
        """
        try:
            held = held_in(self._vault, token)
        except GatewayError:
            return False
        deferred = self._deferred(held)
        if deferred is None or deferred.upstream.dialect.holding is None:
            return False
        tracked = await self._sent(held.minted)
        names = {tracked.carrier_id: held.minted} if tracked and tracked.carrier_id else {}
        kept = deferred.kept(State.SENT, self._means.clock(), self._text(deferred))
        passed_on = deferred.upstream.dialect.holding.passed_on(kept, called, names)
        if passed_on:
            await self._errands.owe(passed_on, deferred.upstream, held.recipient)
        return True

    async def _sent(self, minted: str) -> Tracked | None:
        """What became of a message of which its carrier tells: that may be before its answer to the send is settled."""
        tracked = await self._means.store.track(minted)
        for pause in SETTLING:
            if tracked is None or tracked.carrier_id or tracked.state is not State.SENDING:
                break
            await asyncio.sleep(pause)
            tracked = await self._means.store.track(minted)
        return tracked

    def _deferred(self, held: Held) -> Deferred | None:
        try:
            return self._unpack(held)
        except Unreadable:
            return None


def _held(send: Send, place: int, upstream: Upstream, ruling: Ruling, minted: str, now: datetime) -> Held:
    message, due = ruling.message, ruling.decision.not_before
    assert message.recipient is not None, "without a number nothing is put off"  # noqa: S101
    assert due is not None, "it is known when it may leave"  # noqa: S101
    holding = upstream.dialect.holding
    valid = holding.valid_for(send) if holding else None
    ends = (now + WITHIN, valid and now + valid, ruling.decision.expires)
    return Held(
        id=message.id,
        recipient=message.recipient,
        lane=lane_of(upstream.name, message),
        due=due,
        minted=minted,
        expires=min(end for end in ends if end),
        body=packed(message, send, place, upstream, now),
        owner=owner_of(upstream, send.request) if minted else "",
    )


def owner_of(upstream: Upstream, request: Request) -> str:
    """Whose the messages are that it sends or asks about; empty: nobody's."""
    tracking = upstream.dialect.holding.tracking if upstream.dialect.holding else None
    account = tracking.account(request) if tracking else ""
    return f"{upstream.name}/{account}" if account else ""


def lane_of(upstream: str, message: Message) -> str:
    """Who shares a rate. A sender that is a number of a person's is not told: it is the site's own."""
    return f"{upstream}/{message.program.name}/{message.sender.value}"


def upstream_of(lane: str) -> str:
    """By its name, which holds no slash."""
    return lane.partition("/")[0]
