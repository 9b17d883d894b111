"""The sign-off beside the policies: read, and added to."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path

import yaml

from gateway.policy.parse import SIGNOFF
from gateway.policy.signoff import HEAD, Signature, read_signatures
from gateway.yamlfile import Document


def signatures(folder: Path) -> list[Signature]:
    """Raises BadFile."""
    path = folder / SIGNOFF
    return read_signatures(Document.load(path)) if path.exists() else []


def sign(folder: Path, by: str, day: date, digest: str) -> Signature:
    """Add a signature behind the others. Raises BadFile, OSError."""
    signature = Signature(by, day, digest)
    several = [asdict(each) for each in (*signatures(folder), signature)]
    beside = folder / f".{SIGNOFF}.new"
    beside.write_text(HEAD + yaml.safe_dump({"signatures": several}, sort_keys=False, allow_unicode=True))
    beside.replace(folder / SIGNOFF)
    return signature
