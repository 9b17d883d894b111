"""A real decision as a scenario that may be shown: another number of the same place, and nobody's own words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from gateway.text.alphabet import is_gsm7
from gateway.text.instruction import instruction_words
from gateway.text.language import is_common
from gateway.text.letters import plain

_WORD = re.compile(r"[^\W_]+")
_NORTH_AMERICA = re.compile(r"\+1([2-9]\d\d)")
_KEPT = ("category", "program", "subject", "upstream", "client", "send_at", "media")


def anonymous(scenario: Mapping[str, Any], clear: Mapping[str, Any]) -> dict[str, Any]:
    """`scenario` as it was recorded; what is `clear` of the line says what came out of it."""
    said = scenario["message"]
    message = {"to": _stand_in(str(said.get("to", ""))), "text": masked(said["text"]) if said.get("text") else None}
    if "from" in said:
        message["from"] = said["from"]
    message |= {key: said[key] for key in _KEPT if said.get(key)}
    expect = {"action": clear["decision"], "rule": clear["rule"], "not_before": clear["not_before"]}
    rest = {key: value for key, value in scenario.items() if key not in {"message", "at", "looked_up"}}
    return {
        "name": f"as decided of message {clear['message']}",
        "message": message,
        "at": scenario["at"],
        **rest,
        "expect": {key: value for key, value in expect.items() if value},
    }


def _stand_in(number: str) -> str:
    """A number that is nobody's. Where it is comes from the scenario's `place`."""
    found = _NORTH_AMERICA.match(number)
    return f"+1{found[1]}5550100" if found else "+12025550100" if number else ""


def masked(text: str) -> str:
    """The text without its own words: common ones and the opt-out instruction stay, letters are x, digits 0."""
    kept = instruction_words(text)
    return _WORD.sub(lambda word: word[0] if plain(word[0]) in kept or is_common(word[0]) else _hidden(word[0]), text)


def _hidden(word: str) -> str:
    """Of the same length, alphabet and script, so that it takes the same segments and is read as the same language."""
    return "".join(map(_like, word))


def _like(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isascii():
        return "X" if character.isupper() else "x"
    script = unicodedata.name(character, "LATIN").partition(" ")[0]
    return _LETTERS.get(script) or ("\u00e9" if is_gsm7(character) else "\u0151")


# One letter for each script that texts are written in.
_LETTERS = {
    "GREEK": "\u03b1",
    "CYRILLIC": "\u0430",
    "HEBREW": "\u05d0",
    "ARABIC": "\u0627",
    "DEVANAGARI": "\u0915",
    "THAI": "\u0e01",
    "HANGUL": "\uac00",
    "HIRAGANA": "\u3042",
    "KATAKANA": "\u30a2",
    "CJK": "\u4e00",
}
