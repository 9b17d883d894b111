"""What Azure answers: a result for each recipient, or an error where all of the request is at fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from gateway.dialects.answers import inserted, json_answer, withheld
from gateway.dialects.answers import with_body as with_answer
from gateway.dialects.documents import Document, Node
from gateway.dialects.json_posts import Fields
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.outcome import Fate, Outcome
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
_REFUSED, _IN_DOUBT = "Message not sent.", "Message may have been sent."

NO_RESULTS = json_answer(_ACCEPTED, {"value": []})


def error(reason: Reason, why: str, field: str = "", status: int = 0) -> Response:
    """The whole request failed. `status`: where it is not that of the reason.

    Azure's SDKs send again what is answered with 500, 503 or 504, under the same repeatability ids: Azure then sends
    none of its messages twice.
    """
    usual, code = _UNPROVEN if field == "Authorization" else _TRY_AGAIN if reason is Reason.TRY_AGAIN else _BAD
    return json_answer(status or usual, {"error": {"code": code, "message": why}})


def refused(recipients: Sequence[str], reason: Reason, why: str) -> Response:
    """Accepted, but sent to none of them: each has its own result, which Azure's SDK doesn't raise."""
    words = f"{_WORDS.get(reason, _REFUSED)} {why}"
    return with_results(NO_RESULTS, {place: _failed(to, words) for place, to in enumerate(recipients)})


def withheld_results(send: Send, outcomes: Sequence[Outcome]) -> dict[int, str]:
    """The results of those of which the carrier's answer says nothing, as JSON, by their places."""
    return {place: _failed(send.drafts[place].to, _why(outcomes[place])) for place in withheld(outcomes)}


def accepted(to: str, id_: str) -> str:
    """One recipient's, as JSON."""
    took = {"httpStatusCode": _ACCEPTED, "repeatabilityResult": "accepted", "successful": True}
    return orjson.dumps({"to": to, "messageId": id_, **took}).decode()


def with_results(carrier: Response, ours: Mapping[int, str]) -> Response:
    """The carrier's answer with our results at their places; as it is where it can't be read."""
    try:
        document = Document.read(carrier.body)
        results = results_of(document)
    except Unreadable:
        return carrier
    if results is None or not isinstance(results.value, list):
        return carrier
    return with_answer(carrier, inserted(document, results, dict(ours)))


def results_of(document: Document) -> Node | None:
    """Where they stand in an answer. Raises Unreadable."""
    return Fields.of(document, document.root, "the answer").get("value")


def _why(outcome: Outcome) -> str:
    if deciding := outcome.decision.deciding:
        words = _WORDS.get(deciding.reason, _REFUSED) if deciding.reason else _REFUSED
        return f"{words} {deciding.why}"
    return _IN_DOUBT if outcome.fate is Fate.IN_DOUBT else _REFUSED


def _failed(to: str, words: str) -> str:
    told = {"to": to, "httpStatusCode": 400, "errorMessage": words, "successful": False}
    return orjson.dumps(told).decode()
