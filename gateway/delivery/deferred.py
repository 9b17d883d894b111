"""A message that was put off, as bytes for the outbox and back: all that is needed to judge it anew and to send it."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import orjson

from gateway.delivery.upstream import Upstream
from gateway.words.decision import State
from gateway.words.errors import Unreadable
from gateway.words.held import Held
from gateway.words.kept import Kept
from gateway.words.message import Message, Send
from gateway.words.program import Category, Program
from gateway.words.wire import Request

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

    def kept(self, state: State, changed: datetime, text: str | None, **how: object) -> Kept:
        """As its client may see it. `how`: `ended` or `code`, as Kept has them."""
        return Kept(self.send, self.place, self.minted, state, self.created, changed, text, **how)  # type: ignore[arg-type]


def packed(message: Message, send: Send, place: int, upstream: Upstream, created: datetime) -> bytes:
    request = send.request
    told = {
        "upstream": upstream.name,
        "request": [_coded(request.method), _coded(request.target), _coded(request.body)],
        "headers": [[_coded(name), _coded(value)] for name, value in request.headers],
        "place": place,
        "program": message.program.name,
        "category": message.category,
        "subject": message.subject,
        "clients": message.clients,
        "send_at": message.send_at,
        "created": created,
    }
    return orjson.dumps(told)


def unpacked(held: Held, upstreams: Mapping[str, Upstream], programs: Mapping[str, Program]) -> Deferred:
    """Raises Unreadable where its upstream is no longer configured, or makes no sense of the request any more."""
    told = orjson.loads(held.body)
    upstream = upstreams.get(told["upstream"])
    if upstream is None:
        raise Unreadable(f"the upstream `{told['upstream']}` is not configured any more")
    method, target, body = map(b64decode, told["request"])
    headers = tuple((b64decode(name), b64decode(value)) for name, value in told["headers"])
    send = upstream.dialect.read(Request(method, target, headers, body))
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
    created = datetime.fromisoformat(told["created"])
    return Deferred(message, send, told["place"], upstream, created, held.minted)


def _coded(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")
