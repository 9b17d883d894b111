"""A mail's share in what waits in the outbox, as JSON can carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from gateway.words.mailed import Mailed
from gateway.words.program import Program

_PLAIN = tuple(each.name for each in fields(Mailed) if each.name not in {"program", "references", "head"})


def written(mailed: Mailed) -> dict[str, object]:
    """All but the program, which is the message's."""
    told = asdict(mailed)
    return {name: told[name] for name in _PLAIN} | {
        "references": mailed.references,
        "head": mailed.head.decode("latin-1"),
    }


def read(told: Mapping[str, Any], program: Program) -> Mailed:
    """What `written` gave."""
    plain = {name: told[name] for name in _PLAIN}
    return Mailed(**plain, program=program, references=tuple(told["references"]), head=told["head"].encode("latin-1"))
