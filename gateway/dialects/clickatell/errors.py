"""Clickatell's errors: JSON with a code, or in the older API a line of text with HTTP 200."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.dialects.answers import PLAIN, answer, json_answer, one_line
from gateway.dialects.clickatell.by_parameters import OLDER
from gateway.words.decision import Reason
from gateway.words.wire import Request, Response


@dataclass(frozen=True, slots=True)
class Code:
    """One failure, as both kinds of API know it."""

    number: int
    words: str
    http: int = 400


# 121 is its nearest to "opted out". "Cannot route" is permanent, and nobody unsubscribes people on it.
_CODES = {
    Reason.SUPPRESSED: Code(121, "Destination mobile number blocked"),
    Reason.BAD_NUMBER: Code(105, "Invalid destination address"),
    Reason.BAD_REQUEST: Code(101, "Invalid or missing parameters"),
    Reason.TRY_AGAIN: Code(901, "Internal error, nothing was sent, please retry", 503),
}
_REFUSED = Code(114, "Cannot route message")


def error(request: Request, reason: Reason, why: str, status: int | None = None) -> Response:
    """A whole request refused, in the words of the API that was called. `status`: where it is not the API's own."""
    code = _CODES.get(reason, _REFUSED)
    if request.path.lower() == OLDER:
        return answer(status or 200, PLAIN, line(reason, why).encode())
    told = {"messages": [], "error": code.words, "errorCode": code.number, "errorDescription": f"{code.words}: {why}"}
    return json_answer(status or code.http, told)


def line(reason: Reason, why: str) -> str:
    """One recipient refused, as the older API has it."""
    code = _CODES.get(reason, _REFUSED)
    return one_line(f"ERR: {code.number}, {code.words}: {why}")


def entry(to: str, reason: Reason, why: str) -> dict[str, object]:
    """The same, as the others have it."""
    code = _CODES.get(reason, _REFUSED)
    told = {"error": code.words, "errorCode": str(code.number), "errorDescription": f"{code.words}: {why}"}
    return {"apiMessageId": None, "accepted": False, "to": to, **told}
