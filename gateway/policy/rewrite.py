"""The text that leaves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.text.instruction import appended
from gateway.words.decision import Edit, Placing

# A label that stands at the beginning must stay there: "(AD) ", "[QC] ".
_LABELLED = re.compile(r"\s*[(\[<\u3010][^)\]>\u3011\n]{1,12}[)\]>\u3011]\s*")


def rewritten(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits applied in their order; an instruction is appended once, however many ask for it."""
    told = False
    for edit in dict.fromkeys(edits):  # several rules may ask for the very same
        if edit.placing is not Placing.INSTRUCT:
            text = _applied(text, edit)
        elif not told:
            text, told = appended(text, edit.variants), True
    return text


def _applied(text: str, edit: Edit) -> str:
    match edit.placing:
        case Placing.TEXT:
            return _blotted(text, edit)
        case Placing.IDENTIFY:
            label = _LABELLED.match(text)
            start = label.end() if label else 0
            return text[:start] + edit.variants[0] + text[start:]
        case Placing.LABEL:
            return edit.variants[0] + text
        case _:
            return f"{text}{edit.variants[0]}"


def _blotted(text: str, edit: Edit) -> str:
    """Letters and digits within the spans are hidden; what stands between them, and the length, stay."""
    characters = list(text)
    for start, end in edit.spans:
        characters[start:end] = [edit.variants[0] if each.isalnum() else each for each in characters[start:end]]
    return "".join(characters)
