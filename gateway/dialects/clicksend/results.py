"""ClickSend's answer, with an entry for each message, and ours among them."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from gateway.dialects.answers import insertion, reason_of, with_body, withheld
from gateway.dialects.clicksend.errors import status_of
from gateway.dialects.json_posts import Fields
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.outcome import Outcome
from gateway.words.wire import Response


def joined(send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
    """The carrier's answer with the withheld at their places; the very same object where it can't be read."""
    try:
        fields = Fields.read(carrier.body)
        data = fields.inside("data")
        results = data.get("messages") if data else None
    except Unreadable:
        return carrier
    if data is None or results is None or not isinstance(results.value, list):
        return carrier
    sent = Fields.read(send.request.body)
    asked = sent.elements("messages")
    entries = {
        place: _entry(send.drafts[place], Fields.of(sent.document, asked[place], "messages"), outcomes[place])
        for place in withheld(outcomes)
    }
    changes = [insertion(fields.document, results, entries)]
    if data.get("total_count"):
        changes.append(data.put("total_count", str(len(results.value) + len(entries))))
    return with_body(carrier, fields.document.with_changes(changes))


def _entry(draft: Draft, asked: Fields, outcome: Outcome) -> str:
    """A message that could not be sent, with what its client may know it by."""
    reason, why = reason_of(outcome)
    told = {
        "direction": "out",
        "to": draft.to,
        "body": draft.text,
        "from": draft.sender.value,
        "message_id": None,
        "message_parts": 0,
        "message_price": "0.0000",
        "custom_string": asked.scalar("custom_string"),
        "status": status_of(reason),
        "error_text": why,
    }
    return orjson.dumps(told).decode()
