"""Reads and writes the text that holds the keys, wherever it is. Nothing of it is ever in an error or a log."""

from __future__ import annotations

import fcntl
import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.store.files import synced
from gateway.words.errors import GatewayError
from gateway.words.keys import KeysByCommand, KeysInEnv, KeySource

PATIENCE = 10.0  # seconds that a command has


class BadKeys(GatewayError):
    """The keys can't be had or used, or are there already."""


def text_of(source: KeySource) -> str:
    """Raises BadKeys where it can't be had, or is a file that others may use."""
    if isinstance(source, KeysInEnv):
        return _in_env(source)
    return _printed(source) if isinstance(source, KeysByCommand) else _in_file(source)


def _in_env(source: KeysInEnv) -> str:
    if text := os.environ.get(source.variable):
        return text
    raise BadKeys(f"{source}: the environment variable is not set; put in it what `smsgate keys create` writes")


def _printed(source: KeysByCommand) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own words, and no shell
            source.words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
        text = done.stdout.decode()
    except subprocess.TimeoutExpired:
        raise BadKeys(f"{source}: it did not end within {PATIENCE:.0f} seconds") from None
    except OSError as error:
        raise BadKeys(f"{source}: it can't be run: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadKeys(f"{source}: it is no text") from None
    if done.returncode:
        raise BadKeys(f"{source}: it ended with status {done.returncode}; run it by hand to see why")
    return text


def _in_file(path: Path) -> str:
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read()
    except FileNotFoundError:
        raise BadKeys(f"{path}: there is no keys file; `smsgate init` or `smsgate keys create` makes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeys(f"{path} can't be read: {getattr(error, 'strerror', 'it is no text')}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKeys(f"{path}: others than its owner may use it (mode {stat.S_IMODE(mode):o}); `chmod 600` it")
    return text


def created(path: Path, text: str) -> None:
    """A new file that only its owner may read. Raises BadKeys where there is one already."""
    try:
        _put(path, text)
    except FileExistsError:
        raise BadKeys(f"{path} is there already and was left as it is; name another file for new keys") from None
    except OSError as error:
        raise BadKeys(f"{path} can't be written: {error.strerror}") from error


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Nobody else who takes the same care changes it meanwhile. Raises BadKeys."""
    try:
        folder = os.open(path.resolve().parent, os.O_RDONLY)
    except OSError as error:
        raise BadKeys(f"{path}: its folder can't be opened: {error.strerror}") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def replaced(path: Path, text: str) -> None:
    """The file holds this, for the same owner; a reader, or a kill at any moment, sees the old text or the new one."""
    path = path.resolve()
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.unlink(missing_ok=True)  # of one that was killed
        _put(beside, text, like=path.stat())
        beside.replace(path)
        synced(path.parent)
    except OSError as error:
        raise BadKeys(f"{path} can't be written: {error.strerror}; it is as it was") from error


def _put(path: Path, text: str, like: os.stat_result | None = None) -> None:
    """Durable on return."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w") as file:
        if like and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(number, like.st_uid, like.st_gid)
        file.write(text)
        file.flush()
        os.fsync(number)
    synced(path.parent)
