"""Which policies and programs a command is about: a folder, or a site's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gateway.cli.init import shipped
from gateway.config import Config
from gateway.policy.book import Book
from gateway.policy.parse import load_book
from gateway.words.errors import GatewayError
from gateway.words.program import Program

HERE = Path("policies")

CONFIG = click.option(
    "-c",
    "--config",
    "config",
    type=click.Path(path_type=Path),
    help="A site's gateway.yaml: its policies, programs, keys and record.",
)
POLICIES = click.option(
    "--policies",
    type=click.Path(path_type=Path),
    help="The policies' folder. [default: the configuration's, else policies/, else those that ship with the program]",
)


class NoConfig(GatewayError):
    """Something was asked for that only a site's configuration can tell."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the options name."""

    folder: Path
    config: Config | None = None

    @classmethod
    def by(cls, policies: Path | None, config: Path | None) -> Given:
        """Raises BadFile."""
        site = Config.load(config) if config else None
        folder = policies or (site.policies if site else HERE if HERE.is_dir() else Path(str(shipped("policies"))))
        return cls(folder, site)

    def book(self) -> Book:
        """Raises BadFile."""
        return load_book(self.folder, self.config.packs if self.config else ())

    @property
    def programs(self) -> Mapping[str, Program]:
        return self.config.by_name if self.config else {}

    def site(self, what: str) -> Config:
        """Raises NoConfig."""
        if self.config is None:
            raise NoConfig(f"{what} is known to a site only; name its configuration with -c gateway.yaml")
        return self.config


def scenario_files(folder: Path) -> Sequence[Path]:
    """Those that stand beside the policies, in `tests/`."""
    return sorted((folder / "tests").rglob("*.yaml"))
