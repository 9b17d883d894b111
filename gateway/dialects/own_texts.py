"""Carriers to whom texts of our own leave later, and nothing else: what a client sends there and may not leave now is
refused, with the instant named."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import orjson

from gateway.dialects.heads import authorized, plainly, with_key
from gateway.dialects.holding import Holding
from gateway.dialects.json_posts import JSON
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Outcome
from gateway.words.wire import Call, Credentials, Request, Response

Write = Callable[[Send, Mapping[int, str | None]], Request]


class OwnTexts(Holding):
    """`write` is the dialect's."""

    def __init__(self, write: Write) -> None:
        self._write = write

    ID: re.Pattern[bytes]  # its first group: the carrier's id of a message, in the answer to the send
    CODE: re.Pattern[bytes] | None = None  # the carrier's code of a refusal; None: it has none
    SCHEME = b""  # the word before an API key, which is the credentials' secret; empty: it takes them as a user's

    def authorized(self, request: Request, credentials: Credentials) -> Request:
        """The request with these credentials instead of any that it has."""
        if self.SCHEME:
            return with_key(request, self.SCHEME, credentials.secret.encode())
        return authorized(request, credentials)

    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        return False

    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        raise AssertionError("nothing of a client's is put off here: ask can_hold")

    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        request = plainly(self._write(kept.send, {kept.place: kept.text}))
        return request if credentials is None else self.authorized(request, credentials)

    def with_callback(self, request: Request, url: str) -> Request:
        return request

    def callback(self, kept: Kept) -> Call | None:
        return None

    def accepted_id(self, response: Response) -> str:
        return _first(self.ID, response)

    def refusal_code(self, response: Response) -> str:
        return _first(self.CODE, response) if self.CODE else ""


def json_post(target: str, fields: Mapping[str, object]) -> Request:
    """A send as a client of the carrier's would write it, but for its credentials."""
    body = orjson.dumps(fields)
    headers = ((b"Content-Type", JSON.encode()), (b"Content-Length", b"%d" % len(body)))
    return Request(b"POST", target.encode("ascii"), headers, body)


def named(sender: Sender, field: str, pool: str) -> dict[str, str]:
    """The sender in the field for numbers and names, or in that for a pool. Raises Unreadable where there is none."""
    if sender.kind is SenderKind.NONE:
        raise Unreadable("this carrier sends nothing without a sender", field=field)
    return {pool if sender.kind is SenderKind.POOL else field: sender.value}


def _first(pattern: re.Pattern[bytes], response: Response) -> str:
    """What a pattern's group (one of them matches) finds in an answer; empty where it finds nothing."""
    found = pattern.search(response.body)
    return (found[found.lastindex or 0] or b"").decode("ascii") if found else ""
