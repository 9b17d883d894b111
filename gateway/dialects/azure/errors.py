"""Azure's failures: of single recipients in an answer that accepts the request, or of all of it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.dialects.answers import json_answer
from gateway.words.decision import Reason
from gateway.words.wire import Response

_ACCEPTED = 202
_UNPROVEN = (401, "Unauthorized")
_TRY_AGAIN = (503, "ServiceUnavailable")
_BAD = (400, "BadRequest")

# Azure accepts a message to an opted-out recipient, and fails it in the report, in the first of these words.
_WORDS = {
    Reason.SUPPRESSED: "Sender blocked for given recipient.",
    Reason.BAD_NUMBER: "Invalid To phone number format.",
}
_REFUSED = "Message not sent."


def error(reason: Reason, why: str, field: str = "", status: int = 0) -> Response:
    """The whole request failed. `status`: where it is not that of the reason.

    Azure's SDKs send again what is answered with 500, 503 or 504, under the same repeatability ids: Azure then sends
    none of its messages twice.
    """
    usual, code = _UNPROVEN if field == "Authorization" else _TRY_AGAIN if reason is Reason.TRY_AGAIN else _BAD
    return json_answer(status or usual, {"error": {"code": code, "message": why}})


def refused(recipients: Sequence[str], reason: Reason, why: str) -> Response:
    """Accepted, but sent to none of them: each has its own result, which Azure's SDK doesn't raise."""
    results = [orjson.loads(result(to, reason, why)) for to in recipients]
    return json_answer(_ACCEPTED, {"value": results})


def result(to: str, reason: Reason | None, why: str) -> str:
    """One recipient's, as JSON."""
    words = _WORDS.get(reason, _REFUSED) if reason else _REFUSED
    told = {"to": to, "httpStatusCode": 400, "errorMessage": f"{words} {why}".rstrip(), "successful": False}
    return orjson.dumps(told).decode()
