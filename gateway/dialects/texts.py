"""One text for several recipients."""

from __future__ import annotations

from collections.abc import Collection

from gateway.words.errors import TextsDiffer

MOST_RECIPIENTS = 10_000  # of one request


def common_text(texts: Collection[str]) -> str:
    """The text that holds all of them: whoever needs no opt-out instruction may get one that another needs.

    Raises TextsDiffer where none of them does: a request has but one text for all of its recipients.
    """
    longest = max(texts, key=len)
    if all(text in longest for text in texts):
        return longest
    raise TextsDiffer("the recipients of this request need different texts; send to each of them in its own request")
