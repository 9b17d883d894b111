"""Clickatell's answers to several recipients: an entry for each in JSON, or a line for each in the older API."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import orjson

from gateway.dialects import answers as shared
from gateway.dialects.clickatell.by_parameters import OLDER
from gateway.dialects.clickatell.errors import entry, line
from gateway.dialects.documents import Document, Node
from gateway.dialects.json_posts import Fields
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.outcome import Outcome
from gateway.words.wire import Response


def with_withheld(send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
    """The carrier's answer with the withheld at their places; the very same object where it can't be read."""
    why = {place: shared.reason_of(outcomes[place]) for place in shared.withheld(outcomes)}
    if send.request.path == OLDER:
        lines = carrier.body.decode("latin-1").splitlines()
        for place, (reason, words) in sorted(why.items()):
            lines.insert(place, f"{line(reason, words)} To: {send.drafts[place].to}")
        return shared.with_body(carrier, "\n".join(lines).encode("latin-1", "replace"))
    entries = {place: orjson.dumps(entry(send.drafts[place].to, *told)).decode() for place, told in why.items()}
    try:
        document = Document.read(carrier.body)
        results = _messages(document)
    except Unreadable:
        return carrier
    if results is None or not isinstance(results.value, list):
        return carrier
    return shared.with_body(carrier, shared.inserted(document, results, entries))


def joined(answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
    """One answer for a request that left as several."""
    first = answers[0][1]
    if first.body.lstrip().startswith(b"{"):
        return shared.joined(answers, _messages)
    lines = (
        (places[min(index, len(places) - 1)], each)
        for places, response in answers
        for index, each in enumerate(response.body.splitlines())
    )
    told = sorted(lines, key=itemgetter(0))
    return shared.with_body(first, b"\n".join(each for _, each in told))


def _messages(document: Document) -> Node | None:
    return Fields.of(document, document.root, "the answer").get("messages")
