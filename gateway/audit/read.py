"""The record, read back: what was decided of messages, with what is sealed of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import orjson

from gateway.audit.chain import Kind, Opener, opened
from gateway.audit.files import chains_in, day_of, files_of
from gateway.words.errors import GatewayError
from gateway.words.facts import LastSent

Wanted = Callable[[Mapping[str, Any]], bool]  # of the clear part


def anything(_: Mapping[str, Any]) -> bool:
    return True


class NotRecorded(GatewayError):
    """No message of that id is on record."""


class Damaged(GatewayError):
    """A line of the record is none any more."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One message's line: what stands in clear, and what was sealed."""

    clear: dict[str, Any]
    private: dict[str, Any]

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.clear["at"])


def messages_recorded(
    folder: Path, vault: Opener, since: datetime | None = None, wanted: Wanted = anything
) -> Iterator[Recorded]:
    """Every message's line, chain by chain in order; from `since` on.

    Raises OSError, Damaged, and what the vault raises.
    """
    return lines_recorded(folder, vault, Kind.MESSAGE, since, wanted)


def lines_recorded(
    folder: Path, vault: Opener, kind: Kind, since: datetime | None = None, wanted: Wanted = anything
) -> Iterator[Recorded]:
    """Every line of a kind, as above; what is not `wanted` by its clear part is not opened."""
    for line in _lines(folder, f'"kind":"{kind}"'.encode(), since):
        clear = clear_part(line)
        is_due = since is None or datetime.fromisoformat(clear["at"]) >= since
        if is_due and clear["kind"] == kind and wanted(clear):
            yield Recorded(clear, opened(line, vault))


def message_recorded(folder: Path, vault: Opener, id_: str) -> Recorded:
    """The line of one message, by the id that `X-Gateway-Message-Id` told. Raises NotRecorded."""
    for line in _lines(folder, f'"message":"{id_}"'.encode()):
        clear = clear_part(line)
        if clear["kind"] == Kind.MESSAGE and clear["message"] == id_:
            return Recorded(clear, opened(line, vault))
    raise NotRecorded(f"no message {id_} is on record in {folder}; take the id from X-Gateway-Message-Id")


def text_sent(folder: Path, vault: Opener, sent: LastSent) -> str:
    """The text with which a message left; empty where it is not on record here.

    One that waited has a line from when it was put off, and one from when it left. Raises as `messages_recorded` does.
    """
    lines = _lines(folder, f'"message":"{sent.message}"'.encode(), sent.at)
    told = [opened(line, vault) for line in lines if clear_part(line)["kind"] == Kind.MESSAGE]
    return text_in(told[-1]) if told else ""


def text_in(private: Mapping[str, Any]) -> str:
    """Of a message's line: as it left, or else as it came."""
    return str(private.get("left") or private.get("scenario", {}).get("message", {}).get("text") or "")


def clear_part(line: bytes) -> dict[str, Any]:
    """What stands in clear. Raises Damaged."""
    try:
        clear: dict[str, Any] = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Damaged("a line of the record is damaged; `smsgate audit verify` names the place") from None
    clear.pop("sealed", None)
    return clear


def _lines(folder: Path, holding: bytes, since: datetime | None = None) -> Iterator[bytes]:
    """Whole lines that hold these bytes, without their line ends; files that end before `since` are not read."""
    first = since.astimezone(UTC).date() - timedelta(days=1) if since else date.min  # a day for the clock's own zone
    for path in (path for chain in chains_in(folder) for path in _from(first, files_of(folder, chain))):
        with path.open("rb") as file:
            yield from (line[:-1] for line in file if line.endswith(b"\n") and holding in line)


def _from(first: date, files: Sequence[Path]) -> Iterator[Path]:
    """A chain's files that may have lines of that day or later: a file ends on the day on which the next begins."""
    for path, following in zip_longest(files, files[1:]):
        if following is None or day_of(following) >= first:
            yield path
