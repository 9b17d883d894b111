"""Every line of the record that is about one number, with its place: for whoever must prove what was done.

The number is sealed in each line, so all of them that can be about it are opened: as long as it takes, but nothing in
the record says whose a line is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.audit.chain import Kind, Link, Opener, opened
from gateway.audit.files import chains_in, files_of, read_head
from gateway.audit.read import clear_part
from gateway.words.number import Number

_OF_A_MESSAGE = frozenset({Kind.DROPPED, Kind.DOUBT_ENDED})  # these name only its id
_NOT_SHOWN = frozenset({"request", "body"})  # a request as it came may hold other people's numbers


@dataclass(frozen=True, slots=True)
class Found:
    """One line, as it was recorded, where it stands, and what is sealed in it."""

    file: str
    line: int  # from 1
    recorded: str
    clear: dict[str, Any]
    private: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a chain was durable."""

    chain: str
    lines: int
    hash: str  # of the last one


def standing(folder: Path) -> list[Standing]:
    """Of each chain."""
    heads = [(chain, read_head(folder, chain) or Link()) for chain in chains_in(folder)]
    return [Standing(chain, head.n, head.hash) for chain, head in heads]


def lines_about(folder: Path, vault: Opener, number: Number) -> list[Found]:
    """In the order of their times. Raises OSError, Damaged, and what the vault raises."""
    found, of_messages = [], []
    for one in _lines(folder):
        if one.clear["kind"] in _OF_A_MESSAGE:
            of_messages.append(one)
        elif one.clear.get("country") == number.place.country:
            private = opened(one.recorded.encode(), vault)
            if _whose(private) == number.e164:
                shown = {name: value for name, value in private.items() if name not in _NOT_SHOWN}
                found.append(Found(one.file, one.line, one.recorded, one.clear, shown))
    ids = {one.clear["message"] for one in found if one.clear["kind"] == Kind.MESSAGE}
    found += [one for one in of_messages if one.clear["message"] in ids]
    return sorted(found, key=lambda one: datetime.fromisoformat(one.clear["at"]))


def _lines(folder: Path) -> Iterator[Found]:
    """Every whole line, with nothing opened."""
    for path in (path for chain in chains_in(folder) for path in files_of(folder, chain)):
        with path.open("rb") as file:
            for place, raw in enumerate(file, 1):
                if raw.endswith(b"\n"):
                    yield Found(path.name, place, raw[:-1].decode(), clear_part(raw), {})


def _whose(private: dict[str, Any]) -> str:
    message = private.get("scenario", {}).get("message", {})
    return str(private.get("number") or message.get("to", ""))
