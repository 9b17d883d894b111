"""Policies as they were: of another folder, of a set that is kept, or of a revision in git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from gateway.cli.policy.given import Given
from gateway.editions import Editions, NoEdition
from gateway.policy.parse import SIGNOFF, PolicyFolder
from gateway.policy.source import Sources, sources_of
from gateway.words.errors import GatewayError


class NoRevision(GatewayError):
    """There is nothing by that name to compare with."""


def policies_of(revision: str, folder: Path, given: Given) -> Sources:
    """The policies that `revision` names. Raises NoRevision, BadFile."""
    packs = given.config.packs if given.config else ()
    if Path(revision).is_dir():
        return sources_of(PolicyFolder(Path(revision), packs).files(), Path(revision), packs)
    files = _kept(revision, given) or _in_git(revision, folder)
    if not files:
        raise NoRevision(f"`{revision}` is no folder, no set that is kept, and holds no policies in git; name another")
    return sources_of(files, Path(f"{revision}:{folder}"), packs)


def _kept(revision: str, given: Given) -> dict[str, bytes]:
    if given.config is None:
        return {}
    try:
        return Editions(given.config.data_dir / "policies").files(revision)
    except NoEdition:
        return {}


def _in_git(revision: str, folder: Path) -> dict[str, bytes]:
    """The policy files of the folder in that revision; none where there is no such revision, or no git."""
    if revision.startswith("-"):  # git would take it for an option
        return {}
    listed = _git(folder, "ls-tree", "-z", "--name-only", revision, "./")
    names = [name for name in listed.decode().split("\0") if name.endswith(".yaml") and name != SIGNOFF]
    return {name: _git(folder, "show", f"{revision}:./{name}") for name in names}


def _git(folder: Path, *words: str) -> bytes:
    """What git prints; nothing where it can't."""
    try:
        ended = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return b""
    return ended.stdout
