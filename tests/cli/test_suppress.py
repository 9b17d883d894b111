"""`smsgate suppress`, on either store."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Site
from tests.cli.program import Ended, smsgate

ANN = "+12125550123"


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite"
    return f'{{redis: "{request.getfixturevalue("redis_url")}"}}'


def suppress(site: Site, *words: str) -> Ended:
    ended = smsgate("suppress", *words, "-c", site.config)
    assert "Traceback" not in ended.err
    return ended


def test_a_number_is_suppressed_shown_and_set_free(site: Site):
    assert suppress(site, "show", ANN).out == "not suppressed\n"
    added = suppress(site, "add", ANN, "--reason", "asked by phone")
    assert added.status == 0
    assert added.out.startswith("suppressed: opt-out, scope all, since ")
    shown = suppress(site, "show", "+1 (212) 555-0123")
    assert shown.out.startswith("opt-out  scope all  by operator  since ")
    assert shown.out.endswith("'asked by phone'\n")
    assert suppress(site, "remove", ANN).out == "lifted: 1\n"
    assert suppress(site, "show", ANN).out == "not suppressed\n"


def test_what_does_not_stand_can_not_be_lifted(site: Site):
    suppress(site, "add", ANN, "--kind", "complaint", "--scope", "program:club")
    assert suppress(site, "remove", ANN).out.startswith("nothing to lift")
    assert suppress(site, "show", ANN).out.startswith("complaint  scope program:club  by operator")


def test_neither_number_nor_reason_is_in_any_file(site: Site):
    suppress(site, "add", ANN, "--reason", "asked by phone")
    for path in site.folder.rglob("*"):
        assert not path.is_file() or not {b"2125550123", b"asked by phone"} & _found_in(path.read_bytes())


def _found_in(content: bytes) -> set[bytes]:
    return {secret for secret in (b"2125550123", b"asked by phone") if secret in content}


@pytest.mark.parametrize("spelled", ["12", "Ann", "212-555-0123", "+1 212 555 01234567"])
def test_what_is_no_number_is_one_line_that_does_not_repeat_it(site: Site, spelled):
    ended = suppress(site, "add", spelled)
    assert ended.status == 1
    assert ended.complaint == "smsgate: this is no phone number that can be texted; write it as +12125550100"


def test_a_redis_that_is_away_is_one_line_and_status_1(site: Site):
    site.change("store: ", "# store: ")
    site.change("data_dir: data", 'data_dir: data\nstore: {redis: "redis://127.0.0.1:1/0"}')
    ended = suppress(site, "show", ANN)
    assert ended.status == 1
    assert ended.complaint.startswith("smsgate: ")
