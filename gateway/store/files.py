"""What makes files durable beyond their own bytes."""

from __future__ import annotations

import os
from pathlib import Path


def synced(folder: Path) -> None:
    """The names in `folder` are on the disk: a new file is not lost with its folder's last change."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
