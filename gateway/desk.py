"""What operators look up and change; the console and the command line are skins over it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import orjson

from gateway.audit import record
from gateway.audit.about import lines_about, standing
from gateway.audit.chain import Kind, Opener
from gateway.audit.log import AuditLog
from gateway.audit.read import Recorded, Wanted, lines_recorded, text_sent
from gateway.numbering.read import read_number
from gateway.optin import OptIn
from gateway.policy.book import Book
from gateway.policy.optout import last_moment
from gateway.proof.gathered import Proof
from gateway.store.base import OpenAttempt, Store
from gateway.words.decision import State
from gateway.words.doubtful import Doubtful
from gateway.words.errors import GatewayError
from gateway.words.facts import SCOPE_ALL, Consent, LastSent, Reservation, Stop, Suppression, SuppressionKind
from gateway.words.held import Lane
from gateway.words.ledger import Entry, Evidence
from gateway.words.number import Number
from gateway.words.question import Question

Waiting = TypeVar("Waiting", Doubtful, OpenAttempt)


class NoNumber(GatewayError):
    """What was given is no phone number."""


class NoAttempt(GatewayError):
    """No attempt in doubt has that id."""


class NoDoubt(GatewayError):
    """No reply that waits for a verdict has that id."""


class NoProgram(GatewayError):
    """What was given is the name of no program."""


class Desk:
    """One operation a method. Whatever changes something is on record."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        clock: Callable[[], datetime],
        programs: Collection[str],
        record: Path,
        vault: Opener,
        opt_in: OptIn,
        book: Callable[[], Book],
    ) -> None:
        """`programs`: the names of those that there are. `record`: the folder in which all audits are.

        `book`: the policies that are in force whenever it is asked; it may raise BadFile.
        """
        self._store = store
        self._audit = audit
        self._record = record
        self._vault = vault
        self._opt_in = opt_in
        self._book = book
        self._clock = clock
        self._programs = {*programs, SCOPE_ALL}

    async def suppress(
        self,
        spelled: str,
        kind: SuppressionKind,
        scope: str = SCOPE_ALL,
        reason: str = "",
        source: str = "operator",
    ) -> Suppression:
        """Nothing is sent to this number from now on. Raises NoNumber, StoreAway."""
        number = self._number(spelled)
        suppression = Suppression(kind, scope, source, self._clock(), reason)
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

    async def text_of(self, sent: LastSent) -> str:
        """As it left; empty where this host's record doesn't have it. Raises OSError, Damaged."""
        return await asyncio.to_thread(text_sent, self._record, self._vault, sent)

    async def enter(self, spelled: str, entry: Entry, key: str = "") -> bool:
        """Add to the ledger that its owner agreed, or took it back; whether it is new: the same `key` again is not.

        Raises NoNumber, NoProgram, StoreAway.
        """
        number, now = self._number(spelled), self._clock()
        if entry.what.program not in self._programs - {SCOPE_ALL}:
            raise NoProgram(f"there is no program `{entry.what.program}`, nothing was recorded; {self._known}")
        entry = replace(entry, recorded=now)
        is_new = await self._store.enter(number, entry, key)
        if is_new:
            self._audit.append(record.entered(number, entry, now))
        return is_new

    async def ask(
        self, spelled: str, consent: Consent, actor: str, evidence: Evidence, key: str = ""
    ) -> Question | None:
        """Ask the number itself whether its owner agreed, as OptIn.ask does.

        Raises NoNumber, NotAsked, CannotSay, StoreAway.
        """
        return await self._opt_in.ask(self._number(spelled), consent, actor, evidence, key)

    async def asked(self, spelled: str) -> tuple[Question, ...]:
        """The double opt-ins that wait for this number's answer. Raises NoNumber, StoreAway."""
        return await self._opt_in.questions(self._number(spelled))

    async def ledger(self, spelled: str) -> tuple[Entry, ...]:
        """All entries of its owner's consent. Raises NoNumber, StoreAway."""
        return await self._store.ledger(self._number(spelled))

    async def proof(self, spelled: str) -> Proof:
        """All that can be proved of this number; reads the whole record.

        Raises NoNumber, StoreAway, OSError, Damaged.
        """
        number = self._number(spelled)
        return Proof(
            number.e164,
            self._clock(),
            await self._store.ledger(number),
            await self._store.suppressions(number),
            tuple(await asyncio.to_thread(lines_about, self._record, self._vault, number)),
            tuple(standing(self._record)),
        )

    def recorded(self, kind: Kind, since: datetime, wanted: Wanted) -> list[Recorded]:
        """The lines of a kind whose clear part is wanted. Raises OSError, Damaged."""
        return list(lines_recorded(self._record, self._vault, kind, since, wanted))

    async def once(self, key: str, digest: str) -> bool:
        """Whether `key` is new, or came with this very digest within a day. Raises StoreAway."""
        return await self._store.once(key, digest)

    def api_used(self, operation: str, token: str | None, status: int) -> None:
        """Somebody called the API, whatever came of it. `token`: its name; None: it was none of ours."""
        self._audit.append(record.api_used(operation, token, status, self._clock()))

    async def doubtful(self) -> list[tuple[Doubtful, datetime]]:
        """Replies that wait for a verdict, the oldest first: by when each must be honoured, if it is an opt-out.

        Raises StoreAway, BadFile.
        """
        waiting, book = await self._store.doubtful(), self._book()
        return [(each, last_moment(each, book.opt_out(each.recipient.place.country))) for each in waiting]

    async def judge(self, id_: str, *, opts_out: bool, by: str) -> Doubtful:
        """A person has read a doubtful reply: it is an opt-out, from when it was said, or it is none.

        Advertising waits on while another reply of the same writer is doubtful. Raises NoDoubt, StoreAway.
        """
        waiting, now = await self._store.doubtful(), self._clock()
        reply = _only(waiting, id_, NoDoubt, "reply that waits")
        if opts_out:
            answers = await self._answered(reply)
            said = Suppression(SuppressionKind.OPT_OUT, SCOPE_ALL, "verdict", reply.at, reply.text, answers)
            await self._store.suppress(reply.recipient, said, heard=now)
            self._audit.append(record.suppressed(reply.recipient, said))
        if not any(each.recipient.e164 == reply.recipient.e164 for each in waiting if each.id != reply.id):
            await self._store.lift(reply.recipient, SuppressionKind.DOUBT, SCOPE_ALL, now)
        await self._audit.append_durably(record.judged(reply, "opt_out" if opts_out else "other", by, now))
        await self._store.judged(reply.id)
        return reply

    async def _answered(self, reply: Doubtful) -> LastSent | None:
        """The message that it answers, as it was known when it came."""
        standing = await self._store.suppressions(reply.recipient)
        return next((one.answers for one in standing if one.kind is SuppressionKind.DOUBT), None)

    async def outbox(self) -> list[Lane]:
        """What waits, by lane. Raises StoreAway."""
        return await self._store.outbox()

    async def in_doubt(self) -> list[OpenAttempt]:
        """The oldest first. Raises StoreAway."""
        return await self._store.in_doubt()

    async def doubt_ended(self, id_: str, *, sent: bool) -> OpenAttempt:
        """A person knows better: it was sent, or it was not. One from the outbox, that was not, waits there again.

        Raises NoAttempt, StoreAway.
        """
        attempt = _only(await self._store.in_doubt(), id_, NoAttempt, "attempt in doubt")
        if attempt.held and not sent:
            await self._store.put_back(attempt.held, attempt.worker, attempt.held.due)
            self._audit.append(record.doubt_ended(attempt.id, "not sent, and waits again", self._clock()))
            return attempt
        number = self._number(orjson.loads(attempt.detail)[0])
        ended = Reservation(attempt.id, number, "", 0, self._clock(), held=True)  # it may come from the outbox
        await self._store.settle([(ended, State.SENT if sent else State.REFUSED)])
        self._audit.append(record.doubt_ended(attempt.id, "sent" if sent else "not sent", self._clock()))
        return attempt

    async def stop(self, program: str, reason: str) -> Stop:
        """Nothing of this program, or of SCOPE_ALL, is sent until it is resumed. Raises NoProgram, StoreAway."""
        if program not in self._programs:
            raise NoProgram(f"there is no program `{program}`, nothing was stopped; {self._known}")
        stop = Stop(program, reason, self._clock())
        await self._store.stop(stop)
        self._audit.append(record.stopped(stop))
        return stop

    async def resume(self, program: str) -> bool:
        """Whether it was stopped. Also one that is in the configuration no more. Raises StoreAway."""
        resumed = await self._store.resume(program)
        if resumed:
            self._audit.append(record.resumed(program, self._clock()))
        return resumed

    async def stops(self) -> tuple[Stop, ...]:
        """What is stopped now, the oldest stop first. Raises StoreAway."""
        return await self._store.stops()

    @property
    def _known(self) -> str:
        return f"the configuration has {', '.join(sorted(self._programs - {SCOPE_ALL}))}"

    def _number(self, spelled: str) -> Number:
        number = read_number(spelled)
        if number is None:
            raise NoNumber("this is no phone number that can be texted; write it as +12125550100")
        return number


def _only(among: Iterable[Waiting], id_: str, missing: type[GatewayError], what: str) -> Waiting:
    """The one whose id begins so. Raises `missing` where there is none, or more than one."""
    found = [each for each in among if id_ and each.id.startswith(id_)]
    if len(found) != 1:
        raise missing(f"{'more than one' if found else 'no'} {what} begins with `{id_}`")
    return found[0]
