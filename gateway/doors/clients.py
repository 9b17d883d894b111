"""Who sends: each client of the proxy shows a token, in a header or in front of the path. Both are taken off here.

What else a request says of where it comes from (`X-Forwarded-For` and the like) anybody can write: it is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import ceil
from time import monotonic
from urllib.parse import unquote_to_bytes

from gateway.doors.buckets import Buckets
from gateway.doors.tokens import Tokens, TooManyTries
from gateway.words.decision import Reason
from gateway.words.errors import GatewayError
from gateway.words.token import SHOWN_IN, Client
from gateway.words.wire import Request, headers_named

_IN_PATH = re.compile(rb"/t/([^/?]+)(?=[/?]|\Z)")


class NotLetIn(GatewayError):
    """`cause` is its word in metrics."""

    def __init__(self, cause: str, why: str, reason: Reason = Reason.BAD_REQUEST) -> None:
        super().__init__(why)
        self.cause = cause
        self.reason = reason


class Clients:
    """Those that may send. With none named anybody may, and nothing is taken off."""

    def __init__(self, clients: Sequence[Client], seconds: Callable[[], float] = monotonic) -> None:
        """`seconds`: a clock that only goes forward."""
        self.names = frozenset(client.name for client in clients)
        self._tokens = Tokens([client.token for client in clients], seconds)
        self._rates = {
            client.name: Buckets(client.rate, ceil(client.rate), seconds) for client in clients if client.rate
        }

    def taken_off(self, request: Request) -> tuple[Request, Sequence[bytes]]:
        """The request as it may go on, and the tokens that it showed."""
        if not self.names:
            return request, ()
        in_path = _IN_PATH.match(request.target)
        shown = [*headers_named(request.headers, SHOWN_IN), *([unquote_to_bytes(in_path[1])] if in_path else [])]
        target = request.target[in_path.end() :] if in_path else request.target
        rooted = target if target.startswith(b"/") else b"/" + target
        headers = tuple((name, value) for name, value in request.headers if name.lower() != SHOWN_IN)
        return Request(request.method, rooted, headers, request.body), shown

    async def let_in(self, shown: Sequence[bytes], address: str) -> str:
        """The client's name; empty where anybody may send. Raises NotLetIn."""
        if not self.names:
            return ""
        if len(shown) != 1:
            why = "show one token: in X-Gateway-Token, or as /t/TOKEN in front of the path"
            raise NotLetIn("several tokens" if shown else "no token", why)
        try:
            token = await self._tokens.token(shown[0].decode("latin-1"), address)
        except TooManyTries as error:
            raise NotLetIn("too many tries", str(error), Reason.TRY_AGAIN) from None
        if token is None:
            raise NotLetIn("wrong token", "this token lets nobody in; `smsgate keys token` makes one")
        rate = self._rates.get(token.name)
        if rate and not rate.take(token.name):
            raise NotLetIn("too fast", f"`{token.name}` sends more requests a second than it may", Reason.TRY_AGAIN)
        return token.name
