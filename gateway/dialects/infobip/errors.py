"""Infobip's errors: a status for each message in an answer with HTTP 200, and one for a whole request that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from gateway.dialects.answers import json_answer
from gateway.words.decision import Reason
from gateway.words.wire import Response


@dataclass(frozen=True, slots=True)
class Status:
    """One of the group REJECTED (infobip.com/docs/essentials/api-essentials/response-status-and-error-codes)."""

    id: int
    name: str

    def told(self, why: str) -> dict[str, object]:
        return {"groupId": 5, "groupName": "REJECTED", "id": self.id, "name": self.name, "description": why}


# Whether Infobip ever gives 14 with the answer to a send is unverified: in receipts it does. 6 is permanent, about
# neither number nor account, and nobody unsubscribes people on it.
_STATUSES = {
    Reason.SUPPRESSED: Status(14, "REJECTED_DESTINATION_BLOCKLISTED"),
    Reason.BAD_NUMBER: Status(52, "REJECTED_DESTINATION"),
}
_REFUSED = Status(6, "REJECTED_NETWORK")
OF_REQUESTS = {Reason.BAD_REQUEST: (400, "BAD_REQUEST"), Reason.TRY_AGAIN: (503, "GENERAL_ERROR")}


def rejected(reason: Reason, why: str, id_: str, recipient: tuple[str, str]) -> dict[str, object]:
    """A message's entry. `id_`: the client's own; `recipient`: in the field that this version names it by."""
    name, to = recipient
    return {"messageId": id_, "status": _STATUSES.get(reason, _REFUSED).told(why), name: to}


def rejected_all(entries: list[dict[str, object]]) -> Response:
    return json_answer(200, {"messages": entries})


def error(reason: Reason, why: str, status: int = 0) -> Response:
    """About the whole request. `status` where it is not that of the reason."""
    usual, id_ = OF_REQUESTS.get(reason, OF_REQUESTS[Reason.BAD_REQUEST])
    return json_answer(status or usual, {"requestError": {"serviceException": {"messageId": id_, "text": why}}})


def as_json(entry: dict[str, object]) -> str:
    return orjson.dumps(entry).decode()
