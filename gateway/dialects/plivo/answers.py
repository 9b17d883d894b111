"""Plivo's answers: errors of ours, and its own with more in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from gateway.dialects.answers import json_answer
from gateway.dialects.json_posts import Fields
from gateway.words.errors import Unreadable
from gateway.words.wire import Response

_INVALID = "invalid_number"


def error(status: int, words: str) -> Response:
    """Plivo's `api_id` names the request in its own logs; here, where it never came, it is empty."""
    return json_answer(status, {"api_id": "", "error": words})


def with_invalid(body: bytes, numbers: Sequence[str]) -> bytes:
    """Plivo's answer with these among the numbers to which it could not send; as it is where it can't be read."""
    try:
        fields = Fields.read(body)
        theirs = [node.value for node in fields.elements(_INVALID)]
    except Unreadable:
        return body
    return with_members(body, {_INVALID: [*theirs, *numbers]})


def with_members(body: bytes, members: Mapping[str, Sequence[object]]) -> bytes:
    """A JSON object with these members: where they stand, or at its end. Raises Unreadable where it is none."""
    fields = Fields.read(body)
    return fields.document.with_changes(
        [fields.put(name, orjson.dumps(value).decode()) for name, value in members.items()]
    )
