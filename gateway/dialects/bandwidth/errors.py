"""Bandwidth's errors, in the three forms of its three APIs."""

from __future__ import annotations

from gateway.dialects.answers import json_answer
from gateway.dialects.bandwidth.channels import PATH as CHANNELS
from gateway.words.decision import Reason
from gateway.words.wire import Request, Response

# It documents no code for a recipient who has opted out, as its networks refuse such a message later: the words say it,
# beside the field that is wrong. Everything else that is permanent names no recipient.
_INVALID = "request-validation"
_WORDS = {
    Reason.SUPPRESSED: "the recipient has opted out",
    Reason.BAD_NUMBER: "must be replaced with a valid E164 formatted telephone number",
}
_REFUSED = "Your request could not be accepted"
_AGAIN = (500, "internal-server-error", "Internal server error, nothing was sent")


def error(request: Request, reason: Reason, why: str, field: str = "", status: int = 0) -> Response:
    """As the API that was called tells it. `status` where it is not that of the reason."""
    http, kind, words = _AGAIN if reason is Reason.TRY_AGAIN else (400, _INVALID, _REFUSED)
    if request.path.startswith(b"/api/v1/"):
        return json_answer(status or http, {"error": f"{words}: {why}", "requestId": ""})
    told: dict[str, object] = {"type": kind, "description": f"{words}: {why}"}
    if request.path.endswith(CHANNELS):
        return json_answer(status or http, {"links": [], "data": {}, "errors": [told]})
    if wrong := "to" if reason in _WORDS else field:
        told["fieldErrors"] = [{"fieldName": wrong, "description": _WORDS.get(reason, why)}]
    return json_answer(status or http, told)
