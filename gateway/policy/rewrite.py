"""The text that leaves."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.text.instruction import appended
from gateway.words.decision import Edit, Placing


def rewritten(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits applied in their order; an instruction is appended once, however many ask for it."""
    for edit in edits:
        if edit.placing is Placing.INSTRUCT:
            text = appended(text, edit.variants)
    return text
