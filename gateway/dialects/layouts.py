"""What a layout does: it knows where a request's messages stand in its body. Carriers often differ only in that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.text.alphabet import is_gsm7
from gateway.words.errors import Unreadable
from gateway.words.message import Draft


@dataclass(frozen=True, slots=True)
class Flag:
    """What must be set where a new text leaves the GSM alphabet: a place, and its value as JSON and as plain text."""

    place: str
    json: str
    plain: str


class Layout(Protocol):
    """Every method raises Unreadable where the body makes no sense."""

    def drafts(self, raw: bytes) -> tuple[Draft, ...]: ...

    def written(self, raw: bytes, drafts: Sequence[Draft], texts: Mapping[int, str]) -> bytes:
        """The body with these texts; drafts without one are taken out. Every other byte stays as it was."""


def leaves_gsm(old: str, new: str) -> bool:
    """Whether it is the new text that needs UCS-2."""
    return is_gsm7(old) and not is_gsm7(new)


def needed_text(text: str | None, field: str) -> str:
    """Raises Unreadable for an empty text."""
    if not text or not text.strip():
        raise Unreadable(f"the text in {field} is missing or empty", field=field)
    return text
