"""Mails of the gateway's own: what became of a text, and what its recipient answered. They are owed, and then leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from secrets import token_hex

import orjson

from gateway.delivery import mailed_json
from gateway.delivery.errand import waiting
from gateway.delivery.ids import id_from
from gateway.delivery.letter import Letter
from gateway.mail import dsn
from gateway.mail.composed import Stamp
from gateway.mail.dsn import Fate, Told, compose_dsn
from gateway.mail.model import Envelope
from gateway.mail.reply import Replied, compose_reply
from gateway.numbering.senders import sender_of
from gateway.store.base import Store
from gateway.words.decision import Action, Finding, Reason, State
from gateway.words.mailed import Mailed
from gateway.words.message import Inbound, Message
from gateway.words.number import Number, Sender, SenderKind
from gateway.words.program import DEFAULT_PROGRAM
from gateway.words.question import Question, QuestionKind

ANSWERABLE = timedelta(days=30)  # how long a reply finds its way back to whoever mailed last

_STATUS = {Reason.BAD_NUMBER: "5.1.3", Reason.TRY_AGAIN: "4.3.0"}  # RFC 3463; all else is policy


def status_of(reason: Reason | None) -> str:
    return _STATUS.get(reason or Reason.BAD_REQUEST, "5.7.1")


def refused_by_carrier(code: str) -> Finding:
    """`code`: the carrier's own, or a word for that it gave none."""
    return Finding("gateway/carrier", Action.BLOCK, f"the carrier refused it ({code})", reason=Reason.BAD_REQUEST)


def not_sent(mailed: Mailed, why: Finding | None) -> Told:
    """A text that waited and never left."""
    if why is None:
        return Told(mailed.address, Fate.FAILED, "5.0.0", "it was dropped")
    return Told(mailed.address, Fate.FAILED, status_of(why.reason), why.why, why.rule)


def in_doubt(mailed: Mailed) -> Told:
    """A text that the carrier may have: the machine never sends it again."""
    why = "the carrier gave no answer; it is not sent again by itself, so look before you mail it again"
    return Told(mailed.address, Fate.DELAYED, "4.4.7", why, doubtful=True)


class Letters:
    """Every method raises StoreAway."""

    def __init__(self, store: Store, clock: Callable[[], datetime], host: str) -> None:
        """`host`: what the gateway calls itself in mails."""
        self._store = store
        self._clock = clock
        self._host = host

    async def notify(self, told: Sequence[Told], mailed: Mailed, about: Number | None, key: str) -> None:
        """What became of some of a mail's texts. The same `key` (no number, no text) again is the same notification."""
        stamp = self._stamp(key)
        content = compose_dsn(told, mailed.head, Envelope(mailed.sender, ()), stamp)
        await self._owe(Letter(dsn.SENDER, mailed.sender, content, stamp.now), about, key)

    async def doubted(self, mailed: Mailed, message: str, about: Number | None) -> None:
        """The carrier may have a text: told once, whoever finds it out. `message`: its id."""
        await self.notify([in_doubt(mailed)], mailed, about, f"{message}/{State.IN_DOUBT}")

    async def left(self, mailed: Mailed, message: Message) -> None:
        """A text has left: what its recipient answers goes to whoever mailed it, until another mails from there."""
        assert message.recipient is not None, "nobody else is texted"  # noqa: S101
        now, detail = self._clock(), orjson.dumps(mailed_json.written(mailed)).decode()
        last = Question(QuestionKind.MAIL, message.sender.value, now, now + ANSWERABLE, detail)
        await self._store.ask(message.recipient, last)

    async def answer(self, inbound: Inbound, number: Number, sender: Sender, notice: str, key: str) -> None:
        """A reply is mailed to whoever mailed its writer last from this sender, if anybody has.

        `notice`: what the gateway adds to it. The same `key` again is the same letter.
        """
        last = _last(await self._store.questions(number, self._clock()), sender)
        if last is None:
            return
        mailed = mailed_json.read(orjson.loads(last.detail), DEFAULT_PROGRAM)
        stamp = self._stamp(key)
        replied = Replied(
            number.e164,
            inbound.text,
            mailed.sender,
            mailed.domain,
            mailed.subject,
            mailed.message_id,
            mailed.references,
            notice,
        )
        letter = Letter(f"{number.digits}@{mailed.domain}", mailed.sender, compose_reply(replied, stamp), stamp.now)
        await self._owe(letter, number, key)

    def _stamp(self, key: str) -> Stamp:
        return Stamp(f"<{id_from(key) if key else token_hex(16)}@{self._host}>", self._clock(), self._host)

    async def _owe(self, letter: Letter, about: Number | None, key: str) -> None:
        await self._store.hold([waiting(letter, id_from(key) if key else token_hex(16), about)])


def _last(questions: Iterable[Question], sender: Sender) -> Question | None:
    """Of the mails that were texted last, each from another sender, the one that a reply to this sender answers.

    Which of its numbers a pool takes only the carrier knows: one from which nobody is known to have texted is a pool's.
    """
    mailed = [each for each in questions if each.kind is QuestionKind.MAIL]
    exact = [each for each in mailed if each.program == sender.value]
    pools = [each for each in mailed if sender_of(each.program).kind is SenderKind.POOL]
    return max(exact or pools, key=lambda each: each.asked, default=None)
