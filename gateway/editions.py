"""The last ten sets of policies that were in force, by revision: to look at, and to go back to.

data/policies/7a91abf0d6ca/us-federal.yaml ...    one folder a set, its time that of its coming into force
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.policy.parse import policy_paths
from gateway.words.errors import GatewayError

KEPT = 10
CHANGING = ".changing"  # while a folder holds this file, what is in it is half of one set and half of another


class NoEdition(GatewayError):
    """No set of that revision is kept."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A set of policies, and when it came into force on this host."""

    revision: str
    since: datetime
    files: int


class Editions:
    """Sets of policy files. Raises OSError where the folder can't be used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, revision: str, files: Mapping[str, bytes]) -> None:
        """Remember a set as the newest. Several workers may do so at the same time."""
        place = self._folder / revision
        if place.is_dir():
            os.utime(place)
        else:
            self._written(place, files)
        for old in self._oldest_first()[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def listed(self) -> list[Edition]:
        """The newest first."""
        return [
            Edition(place.name, datetime.fromtimestamp(place.stat().st_mtime, UTC), len(list(place.iterdir())))
            for place in reversed(self._oldest_first())
        ]

    def files(self, revision: str) -> dict[str, bytes]:
        """A set's files by name; the beginning of its revision is enough. Raises NoEdition."""
        found = [place for place in self._oldest_first() if revision and place.name.startswith(revision)]
        if len(found) != 1:
            known = ", ".join(edition.revision for edition in self.listed()) or "none"
            raise NoEdition(f"{'no' if not found else 'more than one'} set begins with {revision}; kept: {known}")
        return {path.name: path.read_bytes() for path in sorted(found[0].iterdir())}

    def _written(self, place: Path, files: Mapping[str, bytes]) -> None:
        beside = place.with_name(f".{place.name}.{os.getpid()}")
        beside.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, content in files.items():
            (beside / name).write_bytes(content)
        try:
            beside.rename(place)
        except OSError:  # another worker was faster
            shutil.rmtree(beside, ignore_errors=True)

    def _oldest_first(self) -> Sequence[Path]:
        places = [place for place in self._folder.glob("[!.]*") if place.is_dir()]
        return sorted(places, key=lambda place: place.stat().st_mtime)


def put_back(files: Mapping[str, bytes], folder: Path) -> None:
    """Make the policy files of a folder these: whoever reloads it sees all of them, or none. Raises OSError."""
    with _changing(folder):
        for path in policy_paths(folder):
            if path.name not in files:
                path.unlink()
        for name, content in files.items():
            beside = folder / f".{name}.new"
            beside.write_bytes(content)
            beside.replace(folder / name)


@contextmanager
def _changing(folder: Path) -> Iterator[None]:
    mark = folder / CHANGING
    mark.touch()
    try:
        yield
    finally:
        mark.unlink(missing_ok=True)
