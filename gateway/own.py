"""Texts of our own: what a recipient is told by the gateway, in the name of a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.delivery.deferred import packed
from gateway.delivery.ids import id_from
from gateway.delivery.upstream import Upstream
from gateway.later import lane_of
from gateway.store.base import Store
from gateway.words.errors import GatewayError, Unreadable
from gateway.words.held import Held
from gateway.words.message import Message, Send
from gateway.words.number import Number, Sender
from gateway.words.program import Category, Program


class CannotSay(GatewayError):
    """The upstream can't be given a text of our own, as it is configured."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text to one recipient. The category says which rules bind it, as with any other message."""

    key: str  # what it answers, of all that there is: the same key is said once. Holds no number and no text
    recipient: Number
    sender: Sender
    text: str
    program: Program
    category: Category
    upstream: Upstream
    within: timedelta  # it is of no use any more
    after: timedelta = timedelta()  # until it leaves, at the earliest
    question: datetime | None = None  # when its recipient was asked what it asks: it leaves while that is open


class Own:
    """Puts them into the outbox; there they are decided and sent like all that waits."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def say(self, said: Said) -> None:
        """Durable when it returns; it leaves as soon as it may. Raises CannotSay, StoreAway."""
        send, now, name = _composed(said), self._clock(), said.upstream.name
        message = Message(
            id=id_from(said.key),
            recipient=said.recipient,
            text=said.text,
            sender=said.sender,
            program=said.program,
            category=said.category,
            upstream=name,
        )
        held = Held(
            id=message.id,
            recipient=said.recipient,
            lane=f"{lane_of(name, message)}/own",  # an answer doesn't wait behind a morning's campaign
            due=now + max(said.after, timedelta()),
            expires=now + said.within,
            body=packed(message, send, 0, said.upstream, now, said.question),
        )
        await self._store.hold([held])


def _composed(said: Said) -> Send:
    upstream, holding = said.upstream, said.upstream.dialect.holding
    if holding is None:
        why = "its dialect doesn't know all that stands in a request, nor where the credentials do"
        raise CannotSay(f"`{upstream.name}` can't be given texts of our own: {why}")
    if upstream.credentials is None:
        raise CannotSay(f"`{upstream.name}` has no credentials to send texts of our own with; configure some")
    try:
        request = holding.compose(said.recipient.e164, said.sender, said.text, upstream.credentials)
        send = upstream.dialect.read(request)
    except Unreadable as error:
        raise CannotSay(f"`{upstream.name}` can't be given this text: {error}") from error
    assert send is not None, "what a dialect composes it reads as a send"  # noqa: S101
    return send
