"""A message that was put off, as bytes for the outbox and back: all that is needed to judge it anew and to send it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import orjson

from gateway.delivery import requests
from gateway.delivery.errand import is_errand
from gateway.delivery.upstream import Upstream
from gateway.words.decision import Reason, State
from gateway.words.errors import Unreadable
from gateway.words.held import End, Held
from gateway.words.kept import Ended, Kept
from gateway.words.message import Message, Send
from gateway.words.program import Category, Program
from gateway.words.wire import Request

_ENDED: Mapping[str, Reason | Ended] = {each.value: each for each in (*Reason, *Ended)}

Unpack: TypeAlias = Callable[[Held], "Deferred"]  # as `unpacked`, for the upstreams and programs that there are


@dataclass(frozen=True, slots=True)
class Deferred:
    """What waits: the message, the request that it came in, and where it goes."""

    message: Message
    send: Send
    place: int  # which of the request's drafts
    upstream: Upstream
    created: datetime  # when the client was told that it is accepted
    minted: str
    redacted: bool = False  # its text is forgotten
    question: datetime | None = None  # when its recipient was asked what it asks: it may leave while that is open
    doomed: Reason | Ended | State | None = None  # why somebody was dropping it who did not come to the end of that

    def kept(self, state: State, changed: datetime, text: str | None) -> Kept:
        """As its client may see it."""
        shown = "" if self.redacted else text
        return Kept(self.send, self.place, self.minted, state, self.created, changed, shown)

    def over(self, state: State, end: End, text: str | None) -> Kept:
        """The same, once it is over and has not left."""
        kept = self.kept(state, end.at, text)
        if state is State.REFUSED:
            return replace(kept, code="" if end.why == Ended.REFUSED else end.why)
        return replace(kept, ended=_ENDED.get(end.why))


def packed(
    message: Message, send: Send, place: int, upstream: Upstream, created: datetime, question: datetime | None = None
) -> bytes:
    told = {
        "upstream": upstream.name,
        **requests.written(send.request),
        "place": place,
        "program": message.program.name,
        "category": message.category,
        "subject": message.subject,
        "clients": message.clients,
        "send_at": message.send_at,
        "created": created,
        "question": question,
    }
    return orjson.dumps(told)


def unpacked(held: Held, upstreams: Mapping[str, Upstream], programs: Mapping[str, Program]) -> Deferred:
    """Raises Unreadable where its upstream is no longer configured, or makes no sense of the request any more."""
    if is_errand(held):
        raise Unreadable("it is a call that we owe, and no message")
    told = orjson.loads(held.body)
    upstream = upstreams.get(told["upstream"])
    if upstream is None:
        raise Unreadable(f"the upstream `{told['upstream']}` is not configured any more")
    send = upstream.dialect.read(requests.read(told))
    if send is None:
        raise Unreadable("the request is no send any more, as its dialect reads it now")
    draft = send.drafts[told["place"]]
    message = Message(
        held.id,
        held.recipient,
        draft.text,
        draft.sender,
        programs.get(told["program"], Program(told["program"])),
        Category(told["category"]),
        told["send_at"] and datetime.fromisoformat(told["send_at"]),
        draft.media,
        told["subject"],
        upstream.name,
        tuple(told["clients"]),
    )
    return Deferred(
        message,
        send,
        told["place"],
        upstream,
        datetime.fromisoformat(told["created"]),
        held.minted,
        told.get("redacted", False),
        datetime.fromisoformat(asked) if (asked := told.get("question")) else None,
        _ENDED.get(told["doomed"], State.DROPPED) if "doomed" in told else None,
    )


def doomed(held: Held, why: str) -> Held:
    """It is to be dropped for this reason, whatever may be decided of it later on."""
    return replace(held, body=orjson.dumps(orjson.loads(held.body) | {"doomed": why}))


def redacted(held: Held, request: Request) -> Held:
    """With this request, in which nothing is left of the text, in place of its own."""
    told = orjson.loads(held.body) | requests.written(request) | {"redacted": True}
    return replace(held, body=orjson.dumps(told))
