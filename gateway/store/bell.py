"""Tells all workers of this host that the journal holds something that the store has not got yet."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

_BYTES = 8


class Bell:
    """Eight bytes of shared memory, random ones at each ring: who saw others before knows that it rang.

    Looking costs a tenth of a microsecond, so that it can be done before every send.
    """

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.posix_fallocate(file, 0, _BYTES)
            self._shared = mmap.mmap(file, _BYTES)
        finally:
            os.close(file)

    @property
    def rung(self) -> bytes:
        """Another value after each ring."""
        return self._shared[:_BYTES]

    def ring(self) -> None:
        self._shared[:_BYTES] = os.urandom(_BYTES)

    def close(self) -> None:
        self._shared.close()
