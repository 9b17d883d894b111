"""Telnyx's errors, with the field that keeps its SDKs from trying again what is refused for good."""

from __future__ import annotations

import re
from dataclasses import replace

from gateway.dialects.answers import by_status, json_answer, uncompressed
from gateway.words.decision import Reason
from gateway.words.outcome import Verdict
from gateway.words.wire import Response

# HTTP status, code and title of developers.telnyx.com. 40008 is permanent and nobody unsubscribes people on it.
_REFUSALS = {
    Reason.SUPPRESSED: (409, "40300", "Blocked due to STOP message"),
    Reason.BAD_NUMBER: (400, "40310", "Invalid 'to' address"),
    Reason.BAD_REQUEST: (400, "10015", "Bad Request"),
    Reason.TRY_AGAIN: (503, "10007", "Unexpected error"),
}
_REFUSED = (400, "40008", "Undeliverable")
_UNSENT = 503  # of ours, the one status that says for sure that nothing was sent
_OPTED_OUT = re.compile(rb'"code"\s*:\s*"40300"')
_ONCE = (b"x-should-retry", b"false")


def opted_out(response: Response) -> bool:
    """Whether Telnyx refused a message since it holds its recipient as opted out: its pages name several statuses."""
    return by_status(response.status) is Verdict.REFUSED and bool(_OPTED_OUT.search(uncompressed(response)))


def error(reason: Reason, why: str, field: str = "", status: int = 0) -> Response:
    """As Telnyx tells it. `status` where it is not that of the reason.

    Telnyx's SDKs try again by themselves on 409, 429 and 5xx: they are let do so only where nothing was sent and it
    may help. After a gateway's timeout the message may have been sent.
    """
    usual = _REFUSALS.get(reason, _REFUSED)[0]
    answer = json_answer(status or usual, {"errors": [told(reason, why, field)]})
    return answer if answer.status == _UNSENT else replace(answer, headers=(*answer.headers, _ONCE))


def told(reason: Reason, why: str, field: str = "") -> dict[str, object]:
    """One error, in an answer or in a receipt."""
    _, code, title = _REFUSALS.get(reason, _REFUSED)
    meta = {"url": f"https://developers.telnyx.com/docs/overview/errors/{code}"}
    source = {"source": {"pointer": f"/{field}"}} if field else {}
    return {"code": code, "title": title, "detail": f"{title}: {why}", **source, "meta": meta}
