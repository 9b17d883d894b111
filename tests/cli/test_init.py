"""`smsgate init`: what a site begins with, and that nothing of a site's own is ever written over."""

from __future__ import annotations

import stat

import pytest

from gateway.config import Config
from gateway.policy.parse import load_book
from gateway.store.vault import Vault
from tests.cli.program import smsgate


def test_init_writes_a_configuration_policies_and_keys_that_load(tmp_path):
    folder = tmp_path / "site"
    assert smsgate("init", folder).status == 0
    config = Config.load(folder / "gateway.yaml")
    assert [route.name for route in config.routes] == ["twilio"]
    assert config.redis is None
    assert load_book(config.policies).policies
    Vault.load(config.keys)


def test_the_starter_listens_on_loopback_only(tmp_path):
    smsgate("init", tmp_path / "site")
    listen = Config.load(tmp_path / "site" / "gateway.yaml").listen
    assert {listen.proxy.host, listen.public.host, listen.admin.host} == {"127.0.0.1"}


def test_in_a_container_it_listens_on_all_interfaces_and_keeps_data_on_the_volume(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://redis:6379/0")
    assert smsgate("init", "--container", tmp_path / "site").status == 0
    config = Config.load(tmp_path / "site" / "gateway.yaml")
    assert {config.listen.proxy.host, config.listen.public.host, config.listen.admin.host} == {"0.0.0.0"}
    assert str(config.data_dir) == "/var/lib/smsgate"
    assert config.redis == "redis://redis:6379/0"


def test_nobody_else_may_read_the_keys(tmp_path):
    smsgate("init", tmp_path / "site")
    assert stat.S_IMODE((tmp_path / "site" / "keys.yaml").stat().st_mode) == 0o600


def test_each_site_has_keys_of_its_own(tmp_path):
    for name in ("one", "other"):
        smsgate("init", tmp_path / name)
    one, other = ((tmp_path / name / "keys.yaml").read_text() for name in ("one", "other"))
    assert one != other


@pytest.mark.parametrize("already", ["gateway.yaml", "keys.yaml", "policies"])
def test_what_is_there_already_is_left_as_it_is(tmp_path, already):
    (tmp_path / already).write_text("mine")
    ended = smsgate("init", tmp_path)
    assert ended.status == 1
    assert ended.complaint.startswith(f"smsgate: {tmp_path / already} is there already; nothing was changed")
    assert [path.name for path in tmp_path.iterdir()] == [already]
    assert (tmp_path / already).read_text() == "mine"
