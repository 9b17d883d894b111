"""Double opt-in: the number itself is asked, and only its own YES in time makes the consent a confirmed one."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex

from pydantic import TypeAdapter

from gateway.audit import record
from gateway.audit.log import AuditLog
from gateway.delivery.upstream import Upstream
from gateway.numbering.senders import sender_of
from gateway.own import Said
from gateway.policy.book import Book
from gateway.store.base import Store
from gateway.text.letters import plain
from gateway.words.errors import GatewayError
from gateway.words.facts import Consent
from gateway.words.ledger import Entry, Evidence, Happened
from gateway.words.message import Inbound
from gateway.words.number import Number, SenderKind
from gateway.words.program import Category, DoubleOptIn, Program
from gateway.words.question import Question, QuestionKind

METHOD = "double-opt-in"
RECIPIENT = "recipient"

Say = Callable[[Said], Awaitable[None]]  # raises CannotSay, StoreAway


class NotAsked(GatewayError):
    """The program has no question to ask."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What is kept with the question until it is answered."""

    key: str  # of the text that asks
    sender: str
    consent: Consent
    evidence: Evidence


_ASKINGS = TypeAdapter(Asking)


class OptIn:
    """Asks, and understands the answer."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        say: Say,
        programs: Mapping[str, Program],
        upstreams: Mapping[str, Upstream],
        clock: Callable[[], datetime],
        book: Callable[[], Book],
    ) -> None:
        """`book`: the policies that are in force whenever it is asked; it may raise BadFile."""
        self._store = store
        self._audit = audit
        self._say = say
        self._programs = programs
        self._upstreams = upstreams
        self._clock = clock
        self._book = book

    async def ask(
        self, number: Number, consent: Consent, actor: str, evidence: Evidence, key: str = ""
    ) -> Question | None:
        """The open question. What was shown is on record first: then the request leaves, if the rules let it.

        None: it is the same `key` once more, and was answered since. While a question of this program is open no other
        is sent: whoever types somebody's number into a form again and again can't have him texted again and again.
        One reminder waits in the outbox from now on, where the policies say so. Raises NotAsked, CannotSay, StoreAway.
        """
        how, now = self._how(consent.program), self._clock()
        requested = Entry(Happened.REQUESTED, replace(consent, confirmed=False), actor, now, evidence)
        is_new = await self._store.enter(number, requested, key)
        if is_new:
            self._audit.append(record.entered(number, requested, now))
        question = await self._open(number, consent.program, now)
        if question is None and not is_new and await self._answered(number, consent.program, now - how.within):
            return None
        if question is None:
            asking = Asking(token_hex(16), how.sender, consent, evidence)
            detail = _ASKINGS.dump_json(asking).decode()
            question = Question(QuestionKind.DOUBLE_OPT_IN, consent.program, now, now + how.within, detail)
            await self._store.ask(number, question)
        request = self._request(number, how, question, now)
        await self._say(request)  # once more is harmless: it has a key
        if reminder := self._reminder(request, question, now):
            await self._say(reminder)
        return question

    async def confirmed(self, number: Number, inbound: Inbound, now: datetime) -> Entry | None:
        """The entry that this reply makes, where it says yes to a question that is open; else None.

        Raises StoreAway, and then nothing is lost by calling it again.
        """
        for question in await self._store.questions(number, now):
            if question.kind is QuestionKind.DOUBLE_OPT_IN and self._is_yes(question, inbound):
                return await self._confirm(number, question, inbound, now)
        return None

    async def questions(self, number: Number) -> tuple[Question, ...]:
        """Those of this kind that are open now. Raises StoreAway."""
        found = await self._store.questions(number, self._clock())
        return tuple(one for one in found if one.kind is QuestionKind.DOUBLE_OPT_IN)

    async def _confirm(self, number: Number, question: Question, inbound: Inbound, now: datetime) -> Entry:
        """On record before the question is closed: whoever dies between does it again, with the same key."""
        asking = _ASKINGS.validate_json(question.detail)
        agreed = replace(asking.consent, at=now, method=METHOD, confirmed=True)
        shown = replace(asking.evidence, words=inbound.text, inbound=inbound.id)
        entry = Entry(Happened.CONFIRMED, agreed, RECIPIENT, now, shown)
        if await self._store.enter(number, entry, f"{METHOD}\n{asking.key}"):
            self._audit.append(record.entered(number, entry, now))
        await self._store.answered(number, question)
        return entry

    def _is_yes(self, question: Question, inbound: Inbound) -> bool:
        """One of the program's words and nothing else, sent to whoever asked, where that can be told."""
        program = self._programs.get(question.program)
        if program is None or program.double_opt_in is None:
            return False
        asked_by = sender_of(_ASKINGS.validate_json(question.detail).sender)
        can_be_told = asked_by.kind in {SenderKind.NUMBER, SenderKind.SHORT_CODE}
        to_asker = not can_be_told or sender_of(inbound.to) == asked_by
        return to_asker and _bare(inbound.text) in map(_bare, program.double_opt_in.words)

    async def _answered(self, number: Number, program: str, since: datetime) -> bool:
        """Whether the number has confirmed its consent to this program since then."""
        entries = await self._store.ledger(number)
        confirmed = [one for one in entries if one.happened is Happened.CONFIRMED and one.what.program == program]
        return any(one.what.at > since for one in confirmed)

    async def _open(self, number: Number, program: str, now: datetime) -> Question | None:
        questions = await self._store.questions(number, now)
        return next((q for q in questions if (q.kind, q.program) == (QuestionKind.DOUBLE_OPT_IN, program)), None)

    def _request(self, number: Number, how: DoubleOptIn, question: Question, now: datetime) -> Said:
        asking = _ASKINGS.validate_json(question.detail)
        program = self._programs[question.program]
        return Said(
            asking.key,
            number,
            sender_of(asking.sender),
            how.text,
            program,
            Category.CONSENT_REQUEST,
            self._upstreams[how.upstream],
            question.until - now,
            question=question.asked,
        )

    def _reminder(self, request: Said, question: Question, now: datetime) -> Said | None:
        """The same once more, at the hour that the policies of the number's country say. None: they say none."""
        span = self._book().reminding(request.recipient.place.country).after
        due = span.after(question.asked) if span else question.until
        if due >= question.until:
            return None
        return replace(request, key=f"{request.key}\nreminder", after=due - now)

    def _how(self, name: str) -> DoubleOptIn:
        program = self._programs.get(name)
        if program is None or program.double_opt_in is None:
            raise NotAsked(f"the program `{name}` asks nobody: give it a `double_opt_in` in the configuration")
        return program.double_opt_in


def _bare(text: str) -> str:
    """Its words alone: no case, accents or punctuation."""
    return " ".join(re.findall(r"\w+", plain(text)))
