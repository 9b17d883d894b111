"""The record, read back: what was decided of messages, with what is sealed of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from gateway.audit.chain import Kind, Opener, opened
from gateway.audit.files import chains_in, files_of
from gateway.words.errors import GatewayError

_MESSAGE = b'"kind":"message"'


class NotRecorded(GatewayError):
    """No message of that id is on record."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message's line: what stands in clear, and what was sealed."""

    clear: dict[str, Any]
    private: dict[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.clear["at"])


def messages_recorded(folder: Path, vault: Opener, since: datetime | None = None) -> Iterator[Recorded]:
    """Every message's line, chain by chain in order; from `since` on. Raises OSError, and what the vault raises."""
    for line in _lines(folder, _MESSAGE):
        clear = orjson.loads(line)
        clear.pop("sealed", None)
        if since is None or datetime.fromisoformat(clear["at"]) >= since:
            yield Recorded(clear, opened(line, vault))


def message_recorded(folder: Path, vault: Opener, id_: str) -> Recorded:
    """The line of one message, by the id that `X-Gateway-Message-Id` told. Raises NotRecorded."""
    for line in _lines(folder, f'"message":"{id_}"'.encode()):
        clear = orjson.loads(line)
        if clear["kind"] == Kind.MESSAGE and clear["message"] == id_:
            clear.pop("sealed", None)
            return Recorded(clear, opened(line, vault))
    raise NotRecorded(f"no message {id_} is on record in {folder}; take the id from X-Gateway-Message-Id")


def _lines(folder: Path, holding: bytes) -> Iterator[bytes]:
    """Whole lines that hold these bytes, without their line ends."""
    for path in (path for chain in chains_in(folder) for path in files_of(folder, chain)):
        with path.open("rb") as file:
            yield from (line[:-1] for line in file if line.endswith(b"\n") and holding in line)
