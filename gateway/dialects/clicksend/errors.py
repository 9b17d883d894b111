"""ClickSend's words for a "no": for a whole request, and as the status of one message."""

from __future__ import annotations

from gateway.dialects.answers import json_answer
from gateway.words.decision import Reason
from gateway.words.wire import Response

# It documents no answer for a recipient who has opted out; what it says of one to whom it can't send is the nearest,
# and what it says of a bad number. "Invalid sender" is permanent, and nobody unsubscribes people on it.
_CODES = {
    Reason.SUPPRESSED: (400, "INVALID_RECIPIENT"),
    Reason.BAD_NUMBER: (400, "INVALID_RECIPIENT"),
    Reason.BAD_REQUEST: (400, "BAD_REQUEST"),
    Reason.TRY_AGAIN: (500, "INTERNAL_SERVER_ERROR"),
}
_REFUSED = (400, "INVALID_SENDER_ID")
_STATUSES = {
    Reason.SUPPRESSED: "INVALID_RECIPIENT",
    Reason.BAD_NUMBER: "INVALID_RECIPIENT",
    Reason.TRY_AGAIN: "THROTTLED",
}


def error(reason: Reason, why: str, status: int = 0) -> Response:
    """A whole request refused. `status` where it is not that of the reason."""
    usual, code = _CODES.get(reason, _REFUSED)
    http = status or usual
    return json_answer(http, {"http_code": http, "response_code": code, "response_msg": why, "data": None})


def status_of(reason: Reason) -> str:
    """What one message of several is told."""
    return _STATUSES.get(reason, _REFUSED[1])
