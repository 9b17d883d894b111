"""Clickatell's three APIs that send texts: its platform (`/messages`), One API (`/v1/message`) and `/http/sendmsg`.

It has no SDK that is maintained. Nothing here was checked against it: all is from memory, but for the paths, which are
those that published clients call, and the fields of receipts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from gateway.dialects.answers import by_status, uncompressed, withheld
from gateway.dialects.charsets import codec_of
from gateway.dialects.clickatell import by_parameters, in_json, results, webhook
from gateway.dialects.clickatell.errors import error
from gateway.dialects.clickatell.own import ClickatellOwn
from gateway.dialects.methods import READING, writes
from gateway.dialects.paths import meant, settled
from gateway.dialects.unsigned import Unsigned
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_BY_PARAMETERS = re.compile(rb"/messages/http/send|/http/sendmsg")  # by GET as well
_IN_JSON = re.compile(rb"/messages|/v1/message")
# The same as `settled` leaves them, and the other doors of the older APIs: batches, XML, SOAP, another charset.
_HARMLESS_COMMANDS = rb"auth|ping|querymsg|getbalance|getmsgcharge|delmsg|stopmsg|routecoverage|token_pay|spend_token"
_DOOR_BY_PARAMETERS = re.compile(
    rb"/messages/http(?:/.*)?|/(?:http|utf)/(?!(?:"
    + _HARMLESS_COMMANDS
    + rb")$).*|/(?:http_batch|xml|soap|mms)(?:/.*)?"
)
_DOOR_IN_JSON = re.compile(rb"(?:/v\d+|/rest)?/messages?(?:/.*)?")
_HARMLESS = READING | {b"DELETE"}
_MAKING_ONLY = frozenset({b"to", b"content", b"text"})

_FLAG = re.compile(rb'"accepted"\s*:\s*(true|false)')
_LINE = re.compile(rb"^\s*(ID:|ERR:\s*(\d+))", re.MULTILINE)
_OPTED_OUT = re.compile(rb'"errorCode"\s*:\s*"?12[12]\b|^\s*ERR:\s*12[12]\b', re.MULTILINE)
_WHO_KNOWS = b"901"
_LONGEST_ANSWER = 16 * 1024 * 1024  # bytes


class Clickatell(Unsigned):
    """Each recipient has an entry in the answer, or a line in that of the older API.

    `charset`: that of texts sent by the older API. Raises Unreadable for one that is unknown here.
    """

    name = "clickatell"

    def __init__(self, charset: str = "UTF-8") -> None:
        codec_of(charset)  # an unknown one is better found now
        self._charset = charset
        self.holding = ClickatellOwn(self.write)

    def claims(self, request: Request) -> bool:
        path = request.path
        if _BY_PARAMETERS.fullmatch(path) or _DOOR_BY_PARAMETERS.fullmatch(plain := settled(path)):
            return True
        if not _DOOR_IN_JSON.fullmatch(plain):
            return False
        return request.method not in _HARMLESS or writes(request, _MAKING_ONLY)

    def sends(self, path: bytes) -> bool:
        return meant(path, _BY_PARAMETERS) or meant(path, _IN_JSON)

    def read(self, request: Request) -> Send | None:
        if _BY_PARAMETERS.fullmatch(request.path):
            return by_parameters.read(request, self._charset)
        if _IN_JSON.fullmatch(request.path):
            return in_json.read(request)
        raise Unreadable("this path is not spelled as a send that is known here; POST to /messages or /v1/message")

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        if _BY_PARAMETERS.fullmatch(send.request.path):
            return by_parameters.write(send, texts, self._charset)
        return in_json.write(send, texts)

    def verdict(self, response: Response) -> Verdict:
        verdict, body = by_status(response.status), uncompressed(response, _LONGEST_ANSWER)
        if verdict is not Verdict.ACCEPTED:
            return verdict
        lines = _LINE.findall(body)
        told = {flag == b"true" for flag in _FLAG.findall(body)} or {line == b"ID:" for line, _ in lines}
        if True in told:
            return Verdict.ACCEPTED
        unsure = not told or _WHO_KNOWS in {code for _, code in lines}
        return Verdict.UNKNOWN if unsure else Verdict.REFUSED

    def opted_out(self, response: Response) -> bool:
        return self.verdict(response) is Verdict.REFUSED and bool(_OPTED_OUT.search(uncompressed(response)))

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        return results.joined(answers)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        if not withheld(outcomes) or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        return results.with_withheld(send, outcomes, carrier)

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(request, reason, why)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(request, Reason.TRY_AGAIN, why, status)

    def hear(self, request: Request) -> Inbound | None:
        return next(iter(self.hear_all(request)), None)

    def hear_all(self, request: Request) -> tuple[Inbound, ...]:
        return webhook.hear_all(request)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def silence(self) -> Response:
        return Response(200, ())
