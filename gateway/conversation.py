"""What a recipient says: understood, acted on before anybody is answered, and answered once.

A carrier may call again with the same reply: what was done is not done twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.audit import record
from gateway.config.classify import Classifier
from gateway.delivery.ids import id_from
from gateway.delivery.upstream import Upstream
from gateway.means import Means
from gateway.numbering.read import read_number
from gateway.numbering.senders import sender_of
from gateway.optin import OptIn
from gateway.own import CannotSay, Said
from gateway.policy.hear import Hearing, heard
from gateway.policy.optout import WITHIN, Confirming
from gateway.policy.rules.wording import filled
from gateway.replies.keywords import Intent
from gateway.telemetry import log
from gateway.text.answers import can_ask, helped, opted_in, opted_out
from gateway.text.language import language_of
from gateway.words.doubtful import Doubtful
from gateway.words.errors import StoreAway
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, LastSent, Suppression, SuppressionKind
from gateway.words.ledger import Entry, Evidence, Happened
from gateway.words.message import Draft, Inbound
from gateway.words.number import Number
from gateway.words.program import Category, Program
from gateway.words.question import Question, QuestionKind

ANSWERS = 3  # texts of ours to one number in one day: two machines must not talk to each other for ever
ASKING = timedelta(days=1)  # how long "reply 1 to keep ..." can be answered
KEEP = "1"

Say = Callable[[Said], Awaitable[None]]  # raises CannotSay, StoreAway


@dataclass(frozen=True, slots=True)
class Turn:
    """One reply, and all that it is judged by."""

    inbound: Inbound
    upstream: Upstream
    number: Number
    program: Program  # of the sender that it answers
    hearing: Hearing
    now: datetime
    answers: LastSent | None = None  # the last message that its program has sent

    @property
    def language(self) -> str:
        return language_of(self.inbound.text, self.program.language or "en")

    @property
    def name(self) -> str:
        """The same for the same reply, whoever calls with it."""
        return f"{self.upstream.name}\n{self.mark}"

    @property
    def mark(self) -> str:
        """Which reply it is. One that its carrier gives no id is always another: whoever says STOP twice means it."""
        return self.inbound.id or self.now.isoformat()

    @property
    def carrier_answers(self) -> bool:
        """The carrier has acted on it, or does so by itself."""
        return bool(self.inbound.carrier_acted) or (self.upstream.carrier_answers and self.hearing.is_keyword)


class Conversation:
    """Takes one reply all the way."""

    def __init__(
        self,
        means: Means,
        say: Say,
        opt_in: OptIn,
        classifier: Classifier,
        programs: Mapping[str, Program],
        *,
        doubt_suppresses: bool = False,
    ) -> None:
        """`doubt_suppresses`: no person is asked."""
        self._store = means.store
        self._last_sent = means.last_sent
        self._audit = means.audit
        self._meter = means.meter
        self._clock = means.clock
        self._say = say
        self._opt_in = opt_in
        self._classifier = classifier
        self._programs = programs
        self._topics = frozenset().union(*(each.topics for each in programs.values()))
        self._book = means.book
        self._doubt_suppresses = doubt_suppresses

    async def hear(self, inbound: Inbound, upstream: Upstream) -> bool:
        """Act on a reply before its carrier has an answer; True where nothing may be sent back with that.

        Raises StoreAway where an opt-out is in the journal but not in the store yet.
        """
        number = read_number(inbound.recipient, upstream.country)
        if number is None:
            return False
        turn = self._turn(inbound, upstream, number)
        asked = self._is_done(turn), self._last_sent(number, turn.program.name)
        done, answers = await asyncio.gather(*asked)  # in one round trip
        if done:
            return bool(await self._store.suppressions(number))
        answered = await self._acted(replace(turn, answers=answers))
        if inbound.id:
            await self._store.once(turn.name, "done")
        return answered or bool(await self._store.suppressions(number))

    def _turn(self, inbound: Inbound, upstream: Upstream, number: Number) -> Turn:
        draft = Draft(inbound.recipient, sender_of(inbound.to), inbound.text)
        program, _, _ = self._classifier.classify(draft, upstream.name, (), ())
        hearing = heard(inbound, number.place.country, program.replies, self._topics)
        return Turn(inbound, upstream, number, program, hearing, self._clock())

    async def _is_done(self, turn: Turn) -> bool:
        """A store that can't tell must not keep an opt-out from being heard."""
        if not turn.inbound.id:
            return False
        with suppress(StoreAway):
            return await self._store.known(turn.name)
        return False

    async def _acted(self, turn: Turn) -> bool:
        """Whether a text of ours answers it."""
        hearing = turn.hearing
        if hearing.intent is not Intent.OPT_OUT and await self._agreed(turn):
            self._heard(turn, Intent.OPT_IN)
            return False
        answered = await self._answer_of(turn)(turn)
        self._heard(turn, hearing.intent)
        return answered

    def _answer_of(self, turn: Turn) -> Callable[[Turn], Awaitable[bool]]:
        """Who sees to it. A doubtful opt-in (a bare YES) lifts nothing."""
        hearing = turn.hearing
        if hearing.doubt and hearing.intent in {Intent.OPT_OUT, Intent.OTHER}:
            return self._opted_out if self._doubt_suppresses else self._wondered
        if hearing.doubt:
            return _nothing
        return {Intent.OPT_OUT: self._opted_out, Intent.OPT_IN: self._opted_in, Intent.HELP: self._helped}.get(
            hearing.intent, _nothing
        )

    def _heard(self, turn: Turn, intent: Intent) -> None:
        self._audit.append(record.heard(turn.upstream.name, turn.inbound, turn.number, intent, turn.now))
        self._meter.heard(turn.upstream.name, intent)

    async def _agreed(self, turn: Turn) -> bool:
        """Whether it answers an open question: the YES of a double opt-in, the 1 that keeps a program."""
        if await self._opt_in.confirmed(turn.number, turn.inbound, turn.now):
            await self._lifted(turn)
            return True
        return turn.inbound.text.strip() == KEEP and await self._kept(turn)

    async def _opted_out(self, turn: Turn) -> bool:
        """Suppressed before all else. Whether it is confirmed."""
        opt_out = self._book().opt_out(turn.number.place.country)
        scope = self._named(turn) or opt_out.scope(turn.program, sender_of(turn.inbound.to))
        await self._suppressed(turn, SuppressionKind.OPT_OUT, scope, "keyword", turn.inbound.text)
        self._meter.suppressed("keyword")
        if opt_out.confirm is Confirming.NEVER or turn.carrier_answers:
            return False
        in_force = [one for one in await self._store.suppressions(turn.number) if one.kind is SuppressionKind.OPT_OUT]
        since = min((one.at for one in in_force), default=turn.now)
        if turn.now - since > WITHIN:  # it was confirmed when it was said first
            return False
        kept = self._keepable(turn) if opt_out.asks and scope == SCOPE_ALL and can_ask(turn.language) else None
        if kept:
            await self._store.ask(turn.number, Question(QuestionKind.SCOPE, kept.name, turn.now, turn.now + ASKING))
        text = opted_out(turn.language, turn.program.brand, kept.called if kept else "")
        return await self._answered(turn, f"opted out {since.isoformat()}", text, Category.OPTOUT_CONFIRMATION)

    def _named(self, turn: Turn) -> str:
        """The scope of the program that the reply names; empty where it names none."""
        topic = turn.hearing.topic.casefold()
        named = (each.name for each in self._programs.values() if topic in map(str.casefold, each.topics))
        return next((f"program:{name}" for name in named), "")

    def _keepable(self, turn: Turn) -> Program | None:
        """What the recipient may want to keep: the first other program of this brand that says what it is called."""
        others = (each for each in self._programs.values() if each.called and each.name != turn.program.name)
        return next((each for each in others if each.brand == turn.program.brand), None)

    async def _kept(self, turn: Turn) -> bool:
        """All other programs stay ended, each by itself."""
        questions = await self._store.questions(turn.number, turn.now)
        question = next((each for each in questions if each.kind is QuestionKind.SCOPE), None)
        if question is None:
            return False
        for name in self._programs.keys() - {question.program}:
            await self._suppressed(turn, SuppressionKind.OPT_OUT, f"program:{name}", "keyword")
        await self._lift(turn, SuppressionKind.OPT_OUT, SCOPE_ALL)
        await self._store.answered(turn.number, question)
        return True

    async def _opted_in(self, turn: Turn) -> bool:
        """START takes back the writer's own STOP, and is a consent of its own."""
        await self._lifted(turn)
        agreed = Consent(ConsentKind.EXPRESS, turn.now, "keyword", turn.program.name, (turn.program.category,))
        entry = Entry(
            Happened.GIVEN, agreed, "recipient", turn.now, Evidence(words=turn.inbound.text, inbound=turn.inbound.id)
        )
        if await self._store.enter(turn.number, entry, turn.name if turn.inbound.id else ""):
            self._audit.append(record.entered(turn.number, entry, turn.now))
        if turn.carrier_answers:
            return False
        text = opted_in(turn.language, turn.program.brand)
        return await self._answered(turn, f"opted in {turn.mark}", text, Category.SERVICE)

    async def _lifted(self, turn: Turn) -> None:
        """Opt-outs that cover this sender, and doubts; what others put on the number is not its owner's to lift."""
        program, sender = turn.program, sender_of(turn.inbound.to)
        scopes = [SCOPE_ALL, f"program:{program.name}", f"sender:{sender.value}"]
        scopes += [f"brand:{program.brand}"] if program.brand else []
        for scope in scopes:
            await self._lift(turn, SuppressionKind.OPT_OUT, scope)
        await self._lift(turn, SuppressionKind.DOUBT, SCOPE_ALL)

    async def _suppressed(self, turn: Turn, kind: SuppressionKind, scope: str, source: str, words: str = "") -> None:
        said = Suppression(kind, scope, source, turn.now, words, turn.answers)
        await self._store.suppress(turn.number, said)
        self._audit.append(record.suppressed(turn.number, said))

    async def _lift(self, turn: Turn, kind: SuppressionKind, scope: str) -> None:
        if await self._store.lift(turn.number, kind, scope, turn.now):
            self._audit.append(record.lifted(turn.number, kind, scope, turn.now))

    async def _wondered(self, turn: Turn) -> bool:
        """Advertising waits at once, and then a person is asked."""
        await self._suppressed(turn, SuppressionKind.DOUBT, SCOPE_ALL, "reply", turn.inbound.text)
        reply = Doubtful(
            id_from(turn.name),
            turn.number,
            turn.inbound.text,
            turn.now,
            turn.upstream.name,
            turn.inbound.to,
            turn.program.name,
            turn.hearing.intent,
            turn.hearing.matched,
        )
        await self._store.wonder(reply)
        return False

    async def _helped(self, turn: Turn) -> bool:
        program = turn.program
        text = next(iter(filled((program.help,), program)), "") or helped(turn.language, program.brand, program.contact)
        if turn.carrier_answers or not (program.help or program.contact):
            return False
        return await self._answered(turn, f"helped {turn.mark}", text, Category.HELP_REPLY)

    async def _answered(self, turn: Turn, key: str, text: str, category: Category) -> bool:
        """Whether the answer is in the outbox."""
        if not await self._may_answer(turn):
            return False
        said = Said(
            f"{turn.upstream.name}\n{turn.program.name}\n{key}",
            turn.number,
            sender_of(turn.inbound.to),
            text.removeprefix(": "),  # a program that has no brand says whose it is no more than its sender does
            turn.program,
            category,
            turn.upstream,
            WITHIN,
        )
        try:
            await self._say(said)
        except CannotSay as error:
            log.warning("a reply is not answered", upstream=turn.upstream.name, why=str(error))
            return False
        return True

    async def _may_answer(self, turn: Turn) -> bool:
        """The number has one of the day's answers left; the same reply again takes none anew."""
        day = f"{turn.number.e164}\n{turn.now:%Y-%m-%d}"
        for count in range(ANSWERS):
            if await self._store.once(f"answer\n{day}\n{count}", turn.name):
                return True
        return False


async def _nothing(_: Turn) -> bool:
    return False
