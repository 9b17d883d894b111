"""What a carrier's call with a reply must tell."""

from __future__ import annotations

from gateway.words.errors import Unreadable


def told(value: str | None, field: str) -> str:
    """The value. Raises Unreadable where there is none."""
    if not value:
        raise Unreadable(f"a reply without {field}", field=field)
    return value
