"""The rows that an import did not take: a file beside the imported one, to be mended and imported."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import IO, Any

from gateway.intake.table import Cells, Row


class Rejects:
    """Made when the first row is rejected; that of an earlier import goes when this one begins."""

    def __init__(self, imported: Path) -> None:
        self.path = imported.with_name(f"{imported.name}.rejected.csv")
        self.columns: Cells = ()
        self._file: IO[str] | None = None
        self._rows: Any = None  # csv's writer has no name

    def __enter__(self) -> Rejects:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def add(self, row: Row, reason: str) -> None:
        """Line, reason, and the cells as they came."""
        if self._file is None:
            self._file = open(self.path, "w", encoding="utf-8", newline="", opener=_private)  # noqa: SIM115
            self._rows = csv.writer(self._file)
            self._rows.writerow(["line", "rejected because", *self.columns])
        self._rows.writerow([row.line, reason, *row.cells])


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
