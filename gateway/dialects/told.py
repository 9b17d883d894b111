"""What a carrier's call with replies must tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gateway.dialects.documents import Node
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound


def told(value: str | None, field: str) -> str:
    """The value. Raises Unreadable where there is none."""
    if not value:
        raise Unreadable(f"a reply without {field}", field=field)
    return value


def all_told(entries: Iterable[Node], heard: Callable[[Node], Inbound | None]) -> tuple[Inbound, ...]:
    """The replies among a call's entries. Those that make no sense are left out: the others must be heard still.

    Raises Unreadable where none makes any.
    """
    replies, broken = list[Inbound](), None
    for entry in entries:
        try:
            reply = heard(entry)
        except Unreadable as error:
            broken = error
        else:
            replies += [reply] if reply else []
    if broken and not replies:
        raise broken
    return tuple(replies)
