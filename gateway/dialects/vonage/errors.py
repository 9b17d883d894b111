"""Vonage's errors: a status inside of an answer with HTTP 200 in its older APIs, a problem (RFC 9457) in the others."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

import orjson

from gateway.dialects.answers import answer, json_answer
from gateway.words.decision import Reason
from gateway.words.wire import Request, Response

_OK = 200
_PROBLEM_TYPE = b"application/problem+json"
_PROBLEMS = "https://developer.vonage.com/api-errors/messages#"
_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<mt-submission-response><messages count="1"><message>'
    "<status>{}</status><errorText>{}</errorText></message></messages></mt-submission-response>"
)

_MISSING = frozenset({"to", "from", "text", "number"})


@dataclass(frozen=True, slots=True)
class Code:
    """One failure, as both kinds of API know it."""

    status: int  # of an older API: developer.vonage.com/en/api-errors/sms
    number: int  # in a problem: developer.vonage.com/en/api-errors/messages
    title: str
    http: int = 422  # of a problem


# Neither API refuses for an opt-out at once; these are what it says of numbers that it doesn't send to. "Invalid
# message" is permanent, about neither number nor account, and nobody unsubscribes people on it.
_CODES = {
    Reason.SUPPRESSED: Code(7, 1240, "Illegal Number"),
    Reason.BAD_NUMBER: Code(3, 1170, "Invalid or Missing MSISDN"),
    Reason.BAD_REQUEST: Code(3, 1020, "Invalid params"),
    Reason.TRY_AGAIN: Code(5, 1030, "Internal error", 500),
}
_REFUSED = Code(6, 1040, "Invalid message")
_MISSING_CODE = Code(2, 1010, "Missing params")
_BAD_SIGNATURE = Code(14, 1020, "Invalid Signature")


def error(request: Request, reason: Reason, why: str, field: str = "", status: int | None = None) -> Response:
    """In the words of the API that was called. `status`: the HTTP status, where it is not the API's own."""
    code, path = _code(reason, field), request.path.lower()
    text = f"{code.title}: {why}"
    if path.startswith(b"/sms"):
        return _of_sms(code, text, status or _OK, wants_xml=path.endswith(b"xml"))
    if path.startswith(b"/verify"):
        return json_answer(status or _OK, {"status": str(code.status), "error_text": text})
    return _problem(code, why, field, status or code.http)


def _code(reason: Reason, field: str) -> Code:
    if reason is Reason.BAD_REQUEST and field in _MISSING:
        return _MISSING_CODE
    if reason is Reason.BAD_REQUEST and field == "sig":
        return _BAD_SIGNATURE
    return _CODES.get(reason, _REFUSED)


def _of_sms(code: Code, text: str, status: int, *, wants_xml: bool) -> Response:
    if wants_xml:
        return answer(status, b"text/xml", _XML.format(code.status, escape(text)).encode())
    told = {"status": str(code.status), "error-text": text}
    return json_answer(status, {"message-count": "1", "messages": [told]})


def _problem(code: Code, why: str, field: str, status: int) -> Response:
    wrong = {"invalid_parameters": [{"name": field, "reason": why}]} if field else {}
    return answer(status, _PROBLEM_TYPE, orjson.dumps({**_described(code, why), **wrong}))


def problem(reason: Reason, why: str) -> dict[str, str]:
    """What the Messages API says of a failure, in an answer or in a receipt."""
    return _described(_code(reason, ""), why)


def _described(code: Code, why: str) -> dict[str, str]:
    kind = f"{_PROBLEMS}{code.number}"
    return {"type": kind, "title": code.title, "detail": why, "instance": uuid5(NAMESPACE_URL, kind).hex}
