"""Where the site's keys come from: a file, an environment variable, or what a command prints (a vault, a KMS)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeysInEnv:
    """The variable holds what the file would."""

    variable: str

    def __str__(self) -> str:
        return f"${self.variable}"


@dataclass(frozen=True, slots=True)
class KeysByCommand:
    """Its output is what the file would hold. `words`: the program and its arguments; no shell."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"what `{self.words[0]}` prints"  # its arguments may name secrets


KeySource = Path | KeysInEnv | KeysByCommand
