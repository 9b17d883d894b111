"""A site of one's own, on either store, with ports of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.program import free_ports, smsgate

CONFIG = """\
data_dir: data
keys: keys.yaml
store: {store}
listen: {{proxy: "127.0.0.1:{proxy}", public: "127.0.0.1:{public}", admin: "127.0.0.1:{admin}"}}
upstreams: [{{name: nobody, dialect: kannel, url: "http://127.0.0.1:1"}}]
policies: {{folder: policies}}
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A folder that `smsgate init` wrote, with a small configuration in place of the starter's."""

    folder: Path
    proxy: int
    public: int
    admin: int

    @property
    def config(self) -> Path:
        return self.folder / "gateway.yaml"

    def change(self, old: str, new: str) -> None:
        """Another word in the configuration; it must be there."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))


@pytest.fixture
def store() -> str:
    """What stands in the configuration for it."""
    return "sqlite"


@pytest.fixture
def site(tmp_path: Path, store: str) -> Site:
    folder = tmp_path / "site"
    assert smsgate("init", folder).status == 0
    proxy, public, admin = free_ports(3)
    site = Site(folder, proxy, public, admin)
    site.config.write_text(CONFIG.format(store=store, proxy=proxy, public=public, admin=admin))
    return site
