"""A token opens what it was made for, and its line for the configuration holds no more than its hash."""

from __future__ import annotations

import pytest
import yaml
from click.testing import CliRunner

from gateway.cli.keys import keys
from gateway.doors.tokens import fits


def test_a_clients_token_comes_with_the_lines_that_let_it_in():
    shown = CliRunner().invoke(keys, ["token", "crm", "--client"]).output
    token, _, written = shown.removeprefix("token, shown this once: ").partition("\nfor the configuration:\n")
    [client] = yaml.safe_load(written)["clients"]
    assert client["name"] == "crm"
    assert fits(token, client["hash"])


@pytest.mark.parametrize("options", [[], ["--client", "--scope", "consent:read"]])
def test_a_token_is_for_the_management_api_or_for_the_proxy(options):
    ended = CliRunner().invoke(keys, ["token", "crm", *options])
    assert ended.exit_code == 2
    assert "--scope for the management API, or --client for the proxy" in ended.output
