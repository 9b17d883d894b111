"""Amazon's errors: XML from SNS, JSON from End User Messaging.

Their SDKs send again, two more times, what is answered with 500, 502, 503 or 504: they are let do so only where nothing
was sent and it may help. After a time-out the text may have been sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

import orjson

from gateway.dialects.answers import answer, by_status, uncompressed
from gateway.dialects.aws.texts import is_one
from gateway.words.decision import Reason
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response

_XML, _JSON = b"text/xml", b"application/x-amz-json-1.0"
_ERROR = (
    '<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>{}</Type><Code>{}</Code>'
    "<Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>"
)
_NO_REQUEST = "00000000-0000-0000-0000-000000000000"  # Amazon never saw it
_OPTED_OUT = re.compile(rb"<Code>OptedOut</Code>|DESTINATION_PHONE_NUMBER_OPTED_OUT")
_UNSENT = 503  # of ours, the one status that says for sure that nothing was sent
_NOT_REPEATED = 501  # of the server's errors, one that no SDK of Amazon's tries again


@dataclass(frozen=True, slots=True)
class Code:
    """One failure, as both APIs know it."""

    status: int
    sns: str
    message: str
    eum: str
    reason: str = ""  # of the exception of End User Messaging


# SNS declares OptedOut, though `Publish` itself is said to accept such a number and to fail it later (unverified).
# ParameterValueInvalid and ValidationException are permanent, and nobody unsubscribes people on them.
_CODES = {
    Reason.SUPPRESSED: Code(
        400,
        "OptedOut",
        "Phone number is opted out",
        "ConflictException",
        "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    ),
    Reason.BAD_NUMBER: Code(
        400, "InvalidParameter", "Invalid parameter: PhoneNumber", "ValidationException", "INVALID_PARAMETER"
    ),
    Reason.BAD_REQUEST: Code(400, "InvalidParameter", "Invalid parameter", "ValidationException", "INVALID_REQUEST"),
    Reason.TRY_AGAIN: Code(_UNSENT, "ServiceUnavailable", "Service unavailable", "InternalServerException"),
}
_REFUSED = Code(400, "ParameterValueInvalid", "The message was not sent", "ValidationException", "OTHER")
_UNPROVEN = Code(403, "SignatureDoesNotMatch", "The request was not passed on", "InvalidSignatureException")


def error(request: Request, reason: Reason, why: str, field: str = "", status: int = 0) -> Response:
    """In the form of the API that was called. `status`: where it is not that of the reason."""
    code = _UNPROVEN if field == "Authorization" else _CODES.get(reason, _REFUSED)
    shown = code.status if status in {0, _UNSENT} else _NOT_REPEATED
    message = f"{code.message}: {why}"
    if not is_one(request):
        kind = "Sender" if shown < 500 else "Receiver"  # noqa: PLR2004
        return answer(shown, _XML, _ERROR.format(kind, code.sns, escape(message), _NO_REQUEST).encode())
    told = {"__type": f"com.amazonaws.smsvoice#{code.eum}", "Message": message}
    return answer(shown, _JSON, orjson.dumps(told | ({"Reason": code.reason} if code.reason else {})))


def opted_out(response: Response) -> bool:
    """Whether Amazon refused a message since it holds its recipient as opted out."""
    return by_status(response.status) is Verdict.REFUSED and bool(_OPTED_OUT.search(uncompressed(response)))
