"""A mail's way through the house: answered once the carrier or the outbox has each text, or a notification is owed.

A mail that comes again, since its answer was lost or the gateway died over it, is known by its Message-ID: what was
taken is not texted twice, and what may have been sent is told to be in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from secrets import token_hex

from gateway.audit import record
from gateway.config import MailSender
from gateway.delivery.ids import begun
from gateway.delivery.settler import Write
from gateway.delivery.upstream import Upstream
from gateway.gate import Gate
from gateway.letters import Letters, status_of
from gateway.mail.answer import TAKEN_BEFORE, TRY_AGAIN, UNDER_WAY, Answer
from gateway.mail.model import BadMail, Envelope, Mail, NotForTexting, Recipient
from gateway.mail.read import read
from gateway.mailroom.results import Result, doubtful, for_all, refused, result_of, unread
from gateway.mailroom.sends import sends_of
from gateway.means import Means
from gateway.store.vault import Vault
from gateway.words.errors import StoreAway, Unreadable
from gateway.words.mailed import Mailed
from gateway.words.message import Message, Send
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Request

SMALL = 32 * 1024  # bytes of a mail that is read in a millisecond or two

_LEFT = frozenset({Fate.SENT, Fate.IN_DOUBT})


class Mailroom:
    """Asked by the mail door."""

    def __init__(
        self, means: Means, gate: Gate, letters: Letters, upstreams: Mapping[str, Upstream], vault: Vault
    ) -> None:
        self._means = means
        self._gate = gate
        self._letters = letters
        self._upstreams = upstreams
        self._vault = vault
        self._under_way: set[str] = set()  # ids of messages

    async def foreseen(self, recipient: Recipient, client: MailSender) -> Answer | None:
        """A "no" that needs no text; None: that will be told with it."""
        try:
            finding = await self._gate.barred(recipient.number, client.sender, client.program)
        except StoreAway:
            self._means.meter.store_away()
            return TRY_AGAIN
        return Answer(550, status_of(finding.reason), finding.why, finding.rule) if finding else None

    async def take(self, raw: bytes, envelope: Envelope, client: MailSender, peer: str) -> Answer:
        """Every text of the mail, sent or refused, settled and on record. `peer`: the address that it comes from."""
        upstream = self._upstreams[client.upstream]
        try:
            mail = await _read(raw, envelope, client)
            sends = sends_of(mail, raw, client, upstream, self._hashed)
        except Unreadable as error:
            return self._unreadable(raw, upstream, error)
        clients = (peer, client.name)
        texted = await asyncio.gather(*(self._texted(send, upstream, clients) for send in sends))
        results = [*texted, *map(unread, mail.refused)]
        answer = for_all(results)
        if not answer.is_good or not any(result.told for result in results):
            return answer
        return await self._notified(mail, sends, results, answer)

    def _hashed(self, value: str) -> str:
        return self._vault.hashes(value)[0].digest.hex()

    def _unreadable(self, raw: bytes, upstream: Upstream, error: Unreadable) -> Answer:
        """It is on record too."""
        asked = Request(b"MAIL", b"", (), raw)
        self._means.audit.append(record.unreadable(upstream.name, error.reason, str(error), asked, self._means.clock()))
        self._means.meter.unreadable(upstream.name, error.reason)
        status = error.status if isinstance(error, BadMail) else "5.6.0"
        return Answer(550, status, str(error), error.rule if isinstance(error, NotForTexting) else "")

    async def _texted(self, send: Send, upstream: Upstream, clients: tuple[str, ...]) -> Result:
        mailed = send.mailed
        assert mailed is not None, "it was made of a mail"  # noqa: S101
        if mailed.id in self._under_way:
            return refused(UNDER_WAY, mailed.address)
        self._under_way.add(mailed.id)
        try:
            if not await self._is_new(mailed):
                return await self._again(mailed)
            taken = await self._gate.take(send, upstream, clients)
            await self._ended(mailed, taken.outcomes[0])
            return result_of(taken, mailed, upstream, self._means.clock())
        except StoreAway:  # nothing was begun
            self._means.meter.store_away()
            return refused(TRY_AGAIN, mailed.address)
        finally:
            self._under_way.discard(mailed.id)

    async def _is_new(self, mailed: Mailed) -> bool:
        """Whether it may be sent: it is begun now. Raises StoreAway, and then it is not begun, or soon not any more."""
        if not mailed.message_id:
            return True
        try:
            return await self._means.store.once(begun(mailed.id), token_hex(16))
        except StoreAway:
            self._means.settler.owe(partial(self._means.store.unsaid, begun(mailed.id)))
            raise

    async def _again(self, mailed: Mailed) -> Result:
        """It was begun before, and not certainly unsent. Raises StoreAway."""
        if await self._means.store.known(_over(mailed)) or await self._means.store.track(mailed.id):
            return Result(TAKEN_BEFORE, None)
        return doubtful(mailed)

    async def _ended(self, mailed: Mailed, outcome: Outcome) -> None:
        """What certainly was not sent may be tried again; of what has left it is known that it has."""
        if outcome.fate in _LEFT:
            await self._now_or_later(partial(self._left, mailed, outcome.message, outcome.fate))
        elif outcome.fate is not Fate.HELD and mailed.message_id:
            await self._now_or_later(partial(self._means.store.unsaid, begun(mailed.id)))

    async def _left(self, mailed: Mailed, message: Message, fate: Fate) -> None:
        """Known before the mail is answered: a recipient may answer at once. Raises StoreAway."""
        writes: list[Awaitable[object]] = [self._letters.left(mailed, message)]
        if fate is Fate.SENT and mailed.message_id:
            writes.append(self._means.store.once(_over(mailed), ""))
        await asyncio.gather(*writes)

    async def _notified(self, mail: Mail, sends: Sequence[Send], results: Sequence[Result], answer: Answer) -> Answer:
        """The answer, once the notification is owed."""
        told = [result.told for result in results if result.told]
        mailed = next(send.mailed for send in sends if send.mailed)
        key = "\n".join(("notified", *(send.mailed.id for send in sends if send.mailed)))
        about = mail.recipients[0].number
        write = partial(self._letters.notify, told, mailed, about, key)
        if await self._now_or_later(write) or not mail.message_id:
            return answer
        return TRY_AGAIN  # what has left is known when it comes again

    async def _now_or_later(self, write: Write) -> bool:
        """Whether it is written; if not it will be, as long as this worker lives."""
        try:
            await write()
        except StoreAway:
            self._means.meter.store_away()
            self._means.settler.owe(write)
            return False
        return True


async def _read(raw: bytes, envelope: Envelope, client: MailSender) -> Mail:
    """A large mail holds nobody up. Raises BadMail."""
    if len(raw) <= SMALL:
        return read(raw, envelope, client.settings)
    return await asyncio.to_thread(read, raw, envelope, client.settings)


def _over(mailed: Mailed) -> str:
    return f"mail over\n{mailed.id}"
