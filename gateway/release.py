"""A message of the outbox whose hour has come: decided anew, then sent, put back, or dropped."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from gateway.audit import record
from gateway.audit.chain import Entry
from gateway.audit.log import AuditAway
from gateway.delivery.deferred import Deferred, Unpack, doomed
from gateway.delivery.settler import Write
from gateway.delivery.token import token_of
from gateway.delivery.upstream import Upstream
from gateway.errands import Errands
from gateway.means import Means
from gateway.ruling import FATES, ROUNDS, START_WITHIN, STATES, Ruling, ruled
from gateway.store.base import NO_ENDS
from gateway.store.vault import Vault
from gateway.taught import Taught
from gateway.telemetry import log
from gateway.words.decision import Action, Finding, Reason, State
from gateway.words.errors import StoreAway, Unreadable, UpstreamAway
from gateway.words.facts import Reservation
from gateway.words.held import End, Held
from gateway.words.kept import Ended, Kept
from gateway.words.message import Message
from gateway.words.outcome import Fate, Outcome, Verdict
from gateway.words.question import QuestionKind
from gateway.words.wire import Response

RETRY = 1.0  # seconds between tries to tell the store that a message was not sent
AGAIN = timedelta(seconds=30)  # until a message is tried again that was certainly not sent

DOOMED = Finding("gateway/dropped", Action.BLOCK, "whoever was dropping it did not come to the end of that")
EXPIRED = Finding("gateway/expired", Action.BLOCK, "it waited longer than it was good for", reason=Reason.HOURS)

ANSWERED = Finding(
    "gateway/answered", Action.BLOCK, "the question that it asks is not open any more", reason=Reason.NO_CONSENT
)


class Release:
    """Whoever calls `release` has leased the message to this worker."""

    def __init__(self, means: Means, errands: Errands, unpack: Unpack, vault: Vault) -> None:
        self._means = means
        self._errands = errands
        self._unpack = unpack
        self._vault = vault
        self._taught = Taught(means)

    async def release(self, held: Held) -> timedelta | None:
        """Send it, or see to it that it waits or is dropped. How long its lane is to be left in peace, if it is.

        Raises StoreAway: its lease runs out then, and another worker has its turn. So it does, without being sent or
        dropped, while neither could be put on record.
        """
        try:
            return await self._released(held)
        except AuditAway as error:
            log.warning("the outbox has to wait for the audit", why=str(error))
            return AGAIN

    async def _released(self, held: Held) -> timedelta | None:
        if self._means.audit.full:
            raise AuditAway("the audit takes no more lines")
        try:
            deferred = self._unpack(held)
        except Unreadable as error:
            log.error("a message in the outbox can't be sent any more", message=held.id, why=str(error))
            await self._means.audit.append_durably(record.dropped(held.id, str(error), self._means.clock()))
            await self._means.store.drop(held.id, held.minted, self._means.worker)
            return None
        now = self._means.clock()
        if ended := await self._ended(held, deferred, now):
            finding, why = ended
            await self._dropped(held, deferred, (await self._judged(deferred.message)).closed(finding), why)
            return None
        if at := _scheduled(deferred, now):
            await self._means.store.put_back(held, self._means.worker, at)
            return None
        decided = await self._ruled(held, deferred.message)
        if decided is None:  # somebody else has it, or its recipient's facts keep moving
            return None
        decision = decided.decision
        if decision.action is Action.DEFER and decision.not_before:
            await self._means.store.put_back(held, self._means.worker, decision.not_before)
        elif decision.deciding and decision.deciding.reason in {Reason.TRY_AGAIN, Reason.STOPPED}:
            await self._means.store.put_back(held, self._means.worker, self._means.clock() + AGAIN)
        elif decided.reservation is None:
            reason = decision.deciding.reason if decision.deciding else None
            await self._dropped(held, deferred, decided, reason)
        else:
            return await self._sent(held, deferred, decided)
        return None

    async def _ended(
        self, held: Held, deferred: Deferred, now: datetime
    ) -> tuple[Finding, Reason | Ended | State | None] | None:
        """Why it is over whatever would be decided; None: it isn't."""
        if deferred.doomed:
            return DOOMED, deferred.doomed
        if held.expires and held.expires <= now:
            return EXPIRED, Ended.EXPIRED
        if deferred.question and not await self._is_open(deferred.message, deferred.question):
            return ANSWERED, ANSWERED.reason
        return None

    async def _is_open(self, message: Message, asked: datetime) -> bool:
        """Whether its recipient was asked then, and may still answer."""
        assert message.recipient is not None, "somebody was asked"  # noqa: S101
        questions = await self._means.store.questions(message.recipient, self._means.clock())
        return any(
            (each.kind, each.program, each.asked) == (QuestionKind.DOUBLE_OPT_IN, message.program.name, asked)
            for each in questions
        )

    async def _judged(self, message: Message) -> Ruling:
        """Decided by the policies and the facts of now; nothing is reserved yet."""
        book, now = self._means.book(), self._means.clock()
        [facts] = await self._means.store.look_up([book.needs(message)])
        return ruled(message, facts, book, now, self._means.linker, held=True)

    async def _ruled(self, held: Held, message: Message) -> Ruling | None:
        """Decided anew; where it may leave it is `sending` now. None: the lease has gone, or the facts keep moving."""
        for _ in range(ROUNDS):
            ruling = await self._judged(message)
            if ruling.reservation is None:
                return ruling
            granted = await self._granted(ruling.reservation)
            if granted:
                return ruling
            if granted is None:
                await self._put_back(held, ruling.now)
                return None
        return None

    async def _granted(self, reservation: Reservation) -> bool | None:
        """None: it may be `sending` now, and must not leave: the store's answer came too late, or not at all."""
        asked = monotonic()
        try:
            [granted] = await self._means.store.reserve([reservation], self._means.worker)
        except StoreAway:
            self._means.meter.store_away()
            return None
        return None if granted and monotonic() - asked > START_WITHIN else granted

    async def _put_back(self, held: Held, due: datetime) -> None:
        """It may be `sending` and was not sent: it waits again, however long it takes until the store hears of it."""
        while True:
            try:
                await self._means.store.put_back(held, self._means.worker, due)
            except StoreAway:
                self._means.meter.store_away()
                await asyncio.sleep(RETRY)
            else:
                return

    async def _sent(self, held: Held, deferred: Deferred, ruling: Ruling) -> timedelta | None:
        upstream, now = deferred.upstream, self._means.clock()
        holding = upstream.dialect.holding
        assert holding is not None, "it was put off by it"  # noqa: S101
        assert ruling.reservation is not None, "it may leave"  # noqa: S101
        kept = deferred.kept(State.SENDING, now, ruling.text)
        verdict, pause, response = Verdict.REFUSED, None, Response(0, ())
        try:
            request = holding.composed(kept, upstream.credentials, now)
            if upstream.receipts and held.minted:
                request = holding.with_callback(request, f"{upstream.receipts}/{token_of(self._vault, held)}")
            verdict, began = Verdict.UNKNOWN, monotonic()
            response = await upstream.pool.exchange(request, start_within=START_WITHIN)
            self._means.meter.latency(upstream.name, monotonic() - began)
            verdict = upstream.dialect.verdict(response)
            pause = holding.retry_after(response, now)
        except Unreadable as error:
            log.error("a message in the outbox can't be composed", message=held.id, why=str(error))
        except UpstreamAway as error:
            self._means.meter.upstream_away(upstream.name, error.status)
            verdict = Verdict.UNKNOWN if error.maybe_sent else Verdict.REFUSED
            pause = None if error.maybe_sent else AGAIN
        except BaseException:  # this worker is stopped in the middle of it
            self._means.settler.settle([(ruling.reservation, State.IN_DOUBT)])
            raise
        if verdict is Verdict.REFUSED and pause is not None:  # certainly not sent, and welcome later
            await self._put_back(held, self._means.clock() + pause)
            return pause
        await self._over(held, deferred, ruling, verdict, response)
        return pause

    async def _over(self, held: Held, deferred: Deferred, ruling: Ruling, verdict: Verdict, response: Response) -> None:
        """Settled, told and recorded by what the carrier said.

        To tell it is owed first: a worker that dies in between leaves it in doubt, and its client knows better.
        """
        assert ruling.reservation is not None, "it was sent"  # noqa: S101
        holding = deferred.upstream.dialect.holding
        assert holding is not None, "it was put off by it"  # noqa: S101
        carrier_id = holding.accepted_id(response) if verdict is Verdict.ACCEPTED else ""
        if held.minted and carrier_id:
            await self._sure(partial(self._means.store.accepted_as, held.minted, carrier_id))
        state, ends = STATES[verdict], NO_ENDS
        if verdict is Verdict.REFUSED:
            end = End(holding.refusal_code(response) or Ended.REFUSED, self._means.clock())
            await self._sure(partial(self._tell, held, deferred, deferred.over(state, end, ruling.text)))
            ends = {held.id: end} if held.minted else NO_ENDS
            await self._taught.learn(deferred.upstream, ruling.message, response)
        await self._sure(partial(self._means.store.settle, [(ruling.reservation, state)], ends))
        self._record(deferred.upstream, ruling, ruling.outcome(FATES[verdict]))

    async def _sure(self, write: Write) -> None:
        """Now, or once the store takes it."""
        try:
            await write()
        except StoreAway:
            self._means.meter.store_away()
            self._means.settler.owe(write)

    async def _dropped(
        self, held: Held, deferred: Deferred, ruling: Ruling, ended: Reason | Ended | State | None
    ) -> None:
        """Doomed, then on record, then out: whoever dies in between leaves it to be recorded and dropped once more.

        So what is on record is final, whatever might be decided of it a moment later.

        Raises StoreAway where it is not doomed yet.
        """
        why = ended or State.DROPPED
        if not deferred.doomed and not await self._means.store.amend(doomed(held, why), self._means.worker):
            return  # the lease has gone: it is another's to decide
        outcome = replace(ruling.outcome(Fate.WITHHELD), fate=Fate.DROPPED)
        await self._means.audit.append_durably(self._entry(deferred.upstream, ruling, outcome))
        end = End(why, self._means.clock())
        kept = deferred.over(State.DROPPED, end, ruling.message.text)
        await self._sure(partial(self._gone, held, deferred, kept, outcome, end if held.minted else None))

    async def _gone(self, held: Held, deferred: Deferred, kept: Kept, outcome: Outcome, end: End | None) -> None:
        """Owed and taken out. Raises StoreAway; doing it again is harmless."""
        await self._tell(held, deferred, kept)
        for holder in (self._means.worker, None):  # its lease may have run out meanwhile
            if await self._means.store.drop(held.id, held.minted, holder, end=end):
                self._means.meter.outcome(deferred.upstream.name, outcome)
                return

    async def _tell(self, held: Held, deferred: Deferred, kept: Kept) -> None:
        """The client's status callback is owed, once, where it asked for one. Raises StoreAway."""
        holding = deferred.upstream.dialect.holding
        if holding and (call := holding.callback(kept)):
            await self._errands.owe(call, deferred.upstream, held.recipient, f"{held.id}/{kept.state}")

    def _record(self, upstream: Upstream, ruling: Ruling, outcome: Outcome) -> None:
        self._means.audit.append(self._entry(upstream, ruling, outcome))
        self._means.meter.outcome(upstream.name, outcome)

    def _entry(self, upstream: Upstream, ruling: Ruling, outcome: Outcome) -> Entry:
        return record.record_of(outcome, upstream.name, ruling.told(), None, self._means.clock())


def _scheduled(deferred: Deferred, now: datetime) -> datetime | None:
    """Until when it waits here though it may leave, since its carrier would not take its schedule any more."""
    holding = deferred.upstream.dialect.holding
    return holding.waits_for(deferred.message.send_at, now) if holding else None
