"""`smsgate keys`: what it prints, what it refuses, and that it never shows a secret."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.store import keyring
from tests.cli.conftest import Site
from tests.cli.program import smsgate


def keys(*words: object) -> Result:
    return CliRunner().invoke(main, ["keys", *map(str, words)])


def began(path: Path, ago: timedelta) -> None:
    """As if the keys that are to come had taken over so long ago."""
    text, at = path.read_text(), datetime.now(UTC) - ago
    path.write_text(re.sub(r"current_from: [^,]+", f"current_from: {at:%Y-%m-%dT%H:%M:%SZ}", text))


def test_a_key_is_made_rotated_and_retired(site: Site):
    path, config = site.folder / "keys.yaml", ("-c", site.config)
    assert "h2  hashing: takes over at" in keys("rotate", "--use", "hashing", *config).output
    shown = keys("show", *config).output
    assert "h1       hashing  current;" in shown
    assert "h2       hashing  takes over at" in shown
    assert "signing  current" in shown
    assert "public key" in shown
    assert keys("retire", "h1", *config).exit_code == 1
    began(path, timedelta(hours=1))
    soon = keys("retire", "h1", *config)
    assert soon.exit_code == 3
    assert "requests that are made again may need it until" in soon.output
    began(path, timedelta(days=2))
    assert keys("retire", "h1", *config).exit_code == 0
    assert set(keyring.load(path).hash_keys) == {"h2"}


def test_a_key_that_something_names_stays_and_it_is_told_what(site: Site):
    path, config = site.folder / "keys.yaml", ("-c", site.config)
    number = "+12125550100"
    done = CliRunner().invoke(main, ["suppress", "add", number, "--reason", "asked by phone", *map(str, config)])
    assert done.exit_code == 0, done.output
    keys("rotate", *config)
    began(path, timedelta(days=30))
    for id_, said in (("h1", "in the store"), ("s1", "in the journal; "), ("g1", "in the audit")):
        stays = keys("retire", id_, *config)
        assert stays.exit_code == 3, stays.output
        assert said in stays.output
    assert set(keyring.load(path).uses) == {"h1", "h2", "s1", "s2", "g1", "g2"}


def test_no_secret_is_ever_shown(site: Site):
    path, config = site.folder / "keys.yaml", ("-c", site.config)
    said = "".join(keys(*words).output for words in [("rotate", *config), ("show", *config), ("show", "--file", path)])
    secrets = [entry["key"] for entry in yaml.safe_load(path.read_text())["keys"].values()]
    assert len(secrets) == 6
    assert not [each for each in secrets if each in said]


def test_new_keys_are_never_written_over_others(tmp_path: Path):
    path = tmp_path / "keys.yaml"
    assert keys("create", path).exit_code == 0
    before = path.read_bytes()
    assert "is there already" in keys("create", path).output
    assert path.read_bytes() == before


def test_keys_in_a_vault_are_rotated_in_a_file(site: Site, monkeypatch: pytest.MonkeyPatch):
    path = site.folder / "keys.yaml"
    monkeypatch.setenv("SITE_KEYS", path.read_text())
    site.change("keys: keys.yaml", "keys: {env: SITE_KEYS}")
    refused = keys("rotate", "-c", site.config)
    assert refused.exit_code == 1
    assert "$SITE_KEYS: fetch them into a file, name it with --file" in refused.output
    assert keys("rotate", "--file", path).exit_code == 0
    assert keys("show", "-c", site.config).exit_code == 0


def test_without_keys_nothing_is_served(site: Site):
    (site.folder / "keys.yaml").unlink()
    ended = smsgate("serve", "-c", site.config)
    assert ended.status == 1
    assert ended.complaint.endswith("there is no keys file; `smsgate init` or `smsgate keys create` makes one")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{file: keys.yaml}", "this is no place of keys; write a file's name, {env: NAME} or {command:"),
        ("[a, b]", "this is no place of keys"),
        ("{env: A, command: [b]}", "is no place of keys"),
        ("{env: no-name}", "no name of an environment variable"),
        ("{command: []}", "this is empty"),
    ],
)
def test_a_place_of_keys_that_is_none_is_told_with_its_line(site: Site, written: str, why: str):
    site.change("keys: keys.yaml", f"keys: {written}")
    ended = keys("show", "-c", site.config)
    assert ended.exit_code == 3
    assert re.search(rf"gateway.yaml:2:\d+: .*{re.escape(why)}", ended.output), ended.output
