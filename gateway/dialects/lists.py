"""Several messages in one JSON array: of numbers that share a text, or of whole messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gateway.dialects.documents import Change
from gateway.dialects.json_posts import Fields, scalar_of
from gateway.dialects.texts import MOST_RECIPIENTS
from gateway.words.errors import Unreadable


def numbers_in(fields: Fields, name: str) -> list[str]:
    """The numbers. Raises Unreadable where there are none, too many, or an empty one among them."""
    found = [scalar_of(fields.document, node, name) for node in fields.elements(name)]
    if not found or not all(number.strip() for number in found):
        raise Unreadable(f"`{name}` must be a list of numbers, none of them empty", field=name)
    if len(found) > MOST_RECIPIENTS:
        raise Unreadable(f"more than {MOST_RECIPIENTS} recipients; send several requests", field=name)
    return found


def without_others(fields: Fields, name: str, kept: Collection[int]) -> Iterator[Change]:
    """An array with only these of its elements; nothing changes where those are all."""
    array, count = fields.get(name), len(fields.elements(name))
    if array is not None and len(kept) < count:
        yield from fields.document.without(array, {place for place in range(count) if place not in kept})
