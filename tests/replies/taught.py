"""What `gateway/replies/likeness.py` learns its weights from: all that rules are tuned by, and nothing held out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson

from gateway.replies.keywords import Intent
from tests.replies.rows import HELP, NO_OPT_OUT, OPT_IN, OPT_OUT

TUNING = Path(__file__).parent / "labelled" / "tuning.jsonl"
_ROWS = {Intent.OPT_OUT: OPT_OUT, Intent.OPT_IN: OPT_IN, Intent.HELP: HELP}


def taught() -> list[tuple[str, Intent]]:
    """Replies, and what each asks for."""
    said = map(orjson.loads, TUNING.read_bytes().splitlines())
    return [*((each["text"], Intent(each["intent"])) for each in said), *_by_hand()]


def _by_hand() -> Iterator[tuple[str, Intent]]:
    asking = {text: intent for intent, texts in _ROWS.items() for text in texts}
    yield from asking.items()
    yield from ((text, Intent.OTHER) for text in NO_OPT_OUT if text not in asking)


def fingerprint(replies: list[tuple[str, Intent]]) -> str:
    """SHA-256."""
    return hashlib.sha256(orjson.dumps(replies)).hexdigest()
