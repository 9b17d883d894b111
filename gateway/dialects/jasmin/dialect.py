"""Jasmin's two APIs: HTTP (`/send`) and REST (`/secure/send`, `/secure/sendbatch`), each on a port of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.dialects.answers import PLAIN, answer, by_mark, json_answer, one_line
from gateway.dialects.jasmin import by_parameters, rest, webhook
from gateway.dialects.jasmin.own import JasminOwn
from gateway.dialects.methods import READING, writes
from gateway.dialects.paths import meant, settled
from gateway.dialects.unsigned import Unsigned
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_HTTP = b"/send"  # by any method but one that it refuses itself: HEAD sends as GET does
_REST = re.compile(rb"/secure/send(?:batch)?")
_DOOR_BY_PARAMETERS = re.compile(rb"/send(?:/.*)?")
_DOOR_IN_JSON = re.compile(rb"/secure/send.*")
_MAKING_ONLY = frozenset({b"to", b"content", b"hex-content"})

_TAKEN = (b"Success ", b'"batchId"')

# An interceptor's refusal is the nearest to "opted out"; a message that has no route is refused for good.
_REFUSALS = {
    Reason.SUPPRESSED: (400, "Interception specific error code 400"),
    Reason.BAD_NUMBER: (400, "Argument [to] has an invalid value"),
    Reason.BAD_REQUEST: (400, "Argument has an invalid value"),
    Reason.TRY_AGAIN: (500, "Cannot send submit_sm, nothing was sent"),
}
_REFUSED = (412, "No route found")


class Jasmin(Unsigned):
    """One message a request, but for batches, which one id answers for: who is withheld of one stands in no answer."""

    name = "jasmin"

    def __init__(self) -> None:
        self.holding = JasminOwn(self.write)

    def claims(self, request: Request) -> bool:
        plain = settled(request.path)
        if _DOOR_BY_PARAMETERS.fullmatch(plain):
            return True
        if not _DOOR_IN_JSON.fullmatch(plain):
            return False
        return request.method not in READING or writes(request, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return settled(path) == _HTTP or meant(path, _REST)

    def read(self, request: Request) -> Send | None:
        if request.path == _HTTP:
            return by_parameters.read(request)
        if _REST.fullmatch(request.path):
            return rest.read(request)
        raise Unreadable("this path is not spelled as a send that is known here; use /send or POST to /secure/send")

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        return by_parameters.write(send, texts) if send.request.path == _HTTP else rest.write(send, texts)

    def verdict(self, response: Response) -> Verdict:
        return by_mark(response, *_TAKEN)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, words = _REFUSALS.get(reason, _REFUSED)
        return _error(request, status, f"{words}: {why}")

    def away(self, request: Request, status: int, why: str) -> Response:
        return _error(request, status, why)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def silence(self) -> Response:
        return webhook.SILENCE


def _error(request: Request, status: int, words: str) -> Response:
    told = f'Error "{one_line(words.replace(chr(34), chr(39)))}"'
    if request.path.lower().startswith(b"/secure"):
        return json_answer(status, {"message": told})
    return answer(status, PLAIN, told.encode())
