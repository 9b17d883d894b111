"""A request's way through the house: ask, decide, reserve, send, settle, record. Start reading here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from time import monotonic
from typing import NamedTuple

from gateway.audit import record
from gateway.config.classify import Classifier
from gateway.delivery.together import Together
from gateway.delivery.upstream import Upstream
from gateway.dispatch import Dispatch
from gateway.later import Later
from gateway.means import Means
from gateway.policy.book import Book
from gateway.policy.explain import because
from gateway.policy.rules.suppressed import Suppressed
from gateway.ruling import ROUNDS, START_WITHIN, Ruling, ruled
from gateway.words.decision import Action, Finding, Reason, State
from gateway.words.errors import StoreAway, Unreadable
from gateway.words.facts import Facts
from gateway.words.kept import Kept
from gateway.words.message import Draft, Message, Send
from gateway.words.number import Number, Sender
from gateway.words.outcome import Fate, Outcome
from gateway.words.program import Category, Program
from gateway.words.wire import Request, Response

CLOSED = Finding("gateway/store", Action.BLOCK, "the store is away; nothing was sent", reason=Reason.TRY_AGAIN)
UNRECORDED = Finding(
    "gateway/audit", Action.BLOCK, "the audit can't be written; nothing was sent", reason=Reason.TRY_AGAIN
)
MOVED = Finding("gateway/store", Action.BLOCK, "the facts keep changing; nothing was sent", reason=Reason.TRY_AGAIN)


class Taken(NamedTuple):
    """What became of a request's messages, each in its place."""

    outcomes: Sequence[Outcome]
    kept: Sequence[Kept]  # those that wait
    carrier: Response | None  # its answer, or ours in its words; None: nothing was sent


class Gate:
    """Takes a request's messages all the way. All that it needs is handed in by `app.py`."""

    def __init__(self, means: Means, classifier: Classifier, later: Later) -> None:
        self._book = means.book
        self._classifier = classifier
        self._later = later
        self._store = means.store
        self._settler = means.settler
        self._audit = means.audit
        self._meter = means.meter
        self._linker = means.linker
        self._worker = means.worker
        self._clock = means.clock
        self._dispatch = Dispatch(means)
        self._rounds = Together(self._round)

    @property
    def open_attempts(self) -> int:
        return self._dispatch.open_attempts

    async def handle(self, send: Send, upstream: Upstream, clients: Sequence[str] = ()) -> Response:
        """Every message of the request: sent or withheld, settled and on record. The answer for the client.

        `clients`: who it is, by each of its names, beside the account whose credentials it bears.
        """
        taken = await self.take(send, upstream, tuple(filter(None, (*clients, send.account))))
        return _told(_answered(send, upstream, taken), taken.outcomes)

    async def take(self, send: Send, upstream: Upstream, clients: tuple[str, ...]) -> Taken:
        """The same, for whoever answers its client in words of its own. `clients`: who sends it, by all its names."""
        now = self._clock()
        messages = [self._message(draft, send, upstream, clients, now) for draft in send.drafts]
        rulings, kept = await self._put_off(send, upstream, await self._ruled(messages), now)
        response, fates = await self._dispatch.send(send, upstream, rulings)
        fates |= {each.place: Fate.HELD for each in kept}
        outcomes = [ruling.outcome(fates.get(i, Fate.WITHHELD)) for i, ruling in enumerate(rulings)]
        self._record(send.request, upstream, rulings, outcomes, now)
        if response is not None and Fate.SENT in fates.values() and len(fates) < len(rulings):
            await self._later.tell_withheld(send, upstream, outcomes, response)
        return Taken(outcomes, kept, response)

    async def barred(self, recipient: Number, sender: Sender, program: Program) -> Finding | None:
        """What keeps every text of this program's from a recipient, whatever it says; None: its text will tell.

        Raises StoreAway.
        """
        now, book = self._clock(), self._book()
        possible = [
            Message("", recipient, None, sender, program, category) for category in self._classifier.categories(program)
        ]
        [facts] = await self._store.look_up([book.needs(possible[0])])
        found = [Suppressed().find(message, facts, now) for message in possible]
        return found[0] if all(found) else None

    async def answered(self, drafts: Sequence[Draft], said: Response, upstream: Upstream) -> dict[int, str | None]:
        """Texts in an answer to a recipient's own: those that may leave, as they leave, by their places.

        The carrier sends them when it has the answer, and says nothing of it: they count as sent. What may leave later
        only does not leave.
        """
        now, asked = self._clock(), Request(b"", b"", said.headers, said.body)
        send = Send(asked, tuple(drafts))
        messages = [self._message(draft, send, upstream, (), now, Category.CONVERSATIONAL) for draft in drafts]
        rulings = await self._ruled(messages)
        self._settler.settle([(ruling.reservation, State.SENT) for ruling in rulings if ruling.reservation])
        self._record(asked, upstream, rulings, [ruling.outcome(Fate.SENT) for ruling in rulings], now)
        return {place: ruling.text for place, ruling in enumerate(rulings) if ruling.reservation}

    def refuse(self, request: Request, upstream: Upstream, error: Unreadable) -> Response:
        """The answer to a request that makes no sense as a send; it is on record too."""
        self._audit.append(record.unreadable(upstream.name, error.reason, str(error), request, self._clock()))
        self._meter.unreadable(upstream.name, error.reason)
        return upstream.dialect.refuse(request, error.reason, str(error), error.field)

    def _message(
        self,
        draft: Draft,
        send: Send,
        upstream: Upstream,
        clients: tuple[str, ...],
        now: datetime,
        otherwise: Category | None = None,
    ) -> Message:
        mailed = send.mailed
        own, headers = (mailed.program, mailed.fields) if mailed else (None, send.request.headers)
        program, category, subject = self._classifier.classify(draft, upstream.name, headers, clients, otherwise, own)
        return Message(
            id=mailed.id if mailed else token_hex(16),
            recipient=upstream.number(draft.to),
            text=draft.text,
            sender=draft.sender,
            program=program,
            category=category,
            send_at=now + draft.delay if draft.delay else draft.send_at,
            media=draft.media,
            subject=subject,
            upstream=upstream.name,
            clients=clients,
        )

    async def _ruled(self, messages: Sequence[Message]) -> Sequence[Ruling]:
        """Look up, decide and reserve, until every message is withheld or reserved. Closed when in doubt."""
        rulings = await self._rounds.ask(messages)
        for _ in range(ROUNDS - 1):
            moved = [ruling.message for ruling in rulings if ruling.decision.deciding is MOVED]
            if not moved:
                break
            again = {ruling.message.id: ruling for ruling in await self._rounds.ask(moved)}
            rulings = [again.get(ruling.message.id, ruling) for ruling in rulings]
        return rulings

    async def _round(self, messages: Sequence[Message]) -> list[Ruling]:
        """Once for all messages of a moment: at one instant, by one set of policies."""
        now, book, asked = self._clock(), self._book(), monotonic()
        rulings = await self._reserved(await self._decided(messages, book, now))
        if monotonic() - asked > START_WITHIN:  # this process was paused: what it was granted is stale
            return await self._given_back(rulings)
        return rulings

    async def _decided(self, messages: Sequence[Message], book: Book, now: datetime) -> list[Ruling]:
        facts = iter(await self._facts([message for message in messages if message.recipient], book))
        known = [(message, next(facts) if message.recipient else Facts.NONE) for message in messages]
        return [ruled(message, fact, book, now, self._linker) for message, fact in known]

    async def _facts(self, messages: Sequence[Message], book: Book) -> Sequence[Facts]:
        try:
            return await self._store.look_up([book.needs(message) for message in messages])
        except StoreAway:
            self._meter.store_away()
            return [Facts.UNKNOWN] * len(messages)

    async def _reserved(self, rulings: list[Ruling]) -> list[Ruling]:
        """Those that may leave are reserved now; where the facts have moved on or the store is away they are closed."""
        wanted = [ruling.reservation for ruling in rulings if ruling.reservation]
        if not wanted:
            return rulings
        if shut := self._shut:
            return [ruling.closed(shut) if ruling.reservation else ruling for ruling in rulings]
        try:
            granted = await self._store.reserve(wanted, self._worker)
        except StoreAway:
            self._meter.store_away()
            self._settler.settle([(reservation, State.REFUSED) for reservation in wanted])  # it may have been granted
            return [ruling.closed(CLOSED) if ruling.reservation else ruling for ruling in rulings]
        lost = {reservation.attempt for reservation, yes in zip(wanted, granted, strict=True) if not yes}
        return [ruling.closed(MOVED) if ruling.message.id in lost else ruling for ruling in rulings]

    @property
    def _shut(self) -> Finding | None:
        """Why nothing may leave or wait, whatever is decided: it could not be put on record, or not be settled."""
        if self._audit.full:
            return UNRECORDED
        return CLOSED if self._settler.full else None

    async def _given_back(self, rulings: list[Ruling]) -> list[Ruling]:
        held = [(ruling.reservation, State.REFUSED) for ruling in rulings if ruling.reservation]
        try:
            await self._store.settle(held)
        except StoreAway:
            self._settler.settle(held)
            return [ruling.closed(CLOSED) if ruling.reservation else ruling for ruling in rulings]
        return [ruling.closed(MOVED) if ruling.reservation else ruling for ruling in rulings]

    async def _put_off(
        self, send: Send, upstream: Upstream, rulings: Sequence[Ruling], now: datetime
    ) -> tuple[Sequence[Ruling], Sequence[Kept]]:
        """Those that are to leave later are in the outbox, or, where it can't be written, are refused after all."""
        wait = {i: ruling for i, ruling in enumerate(rulings) if self._later.may_wait(send, upstream, ruling)}
        if not wait:
            return rulings, ()
        shut = self._shut
        try:
            if not shut:
                return rulings, await self._later.hold(send, upstream, wait, now)
        except StoreAway:
            self._meter.store_away()
        return [ruling.closed(shut or CLOSED) if i in wait else ruling for i, ruling in enumerate(rulings)], ()

    def _record(
        self,
        request: Request,
        upstream: Upstream,
        rulings: Sequence[Ruling],
        outcomes: Sequence[Outcome],
        now: datetime,
    ) -> None:
        requests = (request, *[None] * (len(outcomes) - 1))  # it is kept once
        self._audit.append(
            *(
                record.record_of(outcome, upstream.name, ruling.told(), asked, now)
                for outcome, ruling, asked in zip(outcomes, rulings, requests, strict=True)
            )
        )
        for outcome in outcomes:
            self._meter.outcome(upstream.name, outcome)


def _answered(send: Send, upstream: Upstream, taken: Taken) -> Response:
    """The carrier's own answer, with the withheld messages joined to it; or our refusal, where all were withheld.

    What was put off is accepted.
    """
    outcomes, kept, carrier = taken
    if kept and upstream.dialect.holding:
        return upstream.dialect.holding.held(kept, outcomes, carrier)
    if carrier is not None:
        return upstream.dialect.answer(send, outcomes, carrier)
    reason, why = _refusal(outcomes)
    return upstream.dialect.refuse(send.request, reason, why)


def _refusal(outcomes: Sequence[Outcome]) -> tuple[Reason, str]:
    """One reason for all: "try again" if that may help, and opted out only if all of them are."""
    findings = [finding for outcome in outcomes if (finding := outcome.decision.deciding)]
    chosen = next(
        (f for f in findings if f.reason is Reason.TRY_AGAIN),
        next((f for f in findings if f.reason is not Reason.SUPPRESSED), findings[0]),
    )
    decision = next(outcome.decision for outcome in outcomes if outcome.decision.deciding is chosen)
    return chosen.reason or Reason.BAD_REQUEST, because(decision)


def _told(response: Response, outcomes: Sequence[Outcome]) -> Response:
    """The answer with the headers that say what was decided, one value for each message."""
    decisions = [outcome.decision for outcome in outcomes]
    words = ", ".join([decision.word for decision in decisions])
    ids = ", ".join([outcome.message.id for outcome in outcomes])
    rules = ", ".join([decision.deciding.rule if decision.deciding else "-" for decision in decisions])
    added = (
        (b"X-Gateway-Decision", words.encode()),
        (b"X-Gateway-Message-Id", ids.encode()),
        (b"X-Gateway-Rule", rules.encode()),
        (b"X-Gateway-Revision", ", ".join(dict.fromkeys([decision.revision for decision in decisions])).encode()),
    )
    return Response(response.status, (*response.headers, *added), response.body, response.reason)
