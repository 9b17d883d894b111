"""What rules that only observe said of a real gateway's messages, and which of them are ready."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.program import smsgate
from tests.cli.recorded import RecordedSite, site_of

ANN, BEN, CARA = "+12125550181", "+12125550182", "+14155550183"

RULES = """\
  - {id: hours, for: [marketing], hours: {from: "08:00", to: "21:00"}}
  - id: late-start
    for: [marketing]
    hours: {from: "10:00", to: "21:00"}
    enforce: observe
  - id: no-codes
    enforce: observe
    forbid: {patterns: ["[0-9]{6}"]}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedSite]:
    """At noon in New York it is nine in California."""
    with site_of(tmp_path_factory.mktemp("observe"), RULES) as site:
        with site.open_at("2026-06-10T12:00:00-04:00"):
            site.send(ANN, "Shoes at half price, dear friend")
            site.send(CARA, "Shoes at half price, dear friend")
            site.send(BEN, "Your code is 123456")
        with site.open_at("2026-06-16T12:00:00-04:00"):
            site.send(ANN, "Shoes again, old friend")
            site.reply(CARA, "STOP")
            site.send(CARA, "Shoes again, old friend")
        yield site


def test_each_rule_is_told_with_its_verdict_and_the_edit(site: RecordedSite):
    ended = site.smsgate("observe", "--since", "2026-06-01", "--enough", "4")
    assert ended.status == 0
    file, once = site.policies / "site.yaml", ", 2026-06-10T16:00:00Z to 2026-06-10T16:00:00Z"
    assert ended.out.splitlines() == [
        "site/late-start (observed through: rule): ready to be enforced",
        "  of 4 messages it would have blocked 0, deferred 1, rewritten 0" + once,
        "    defer: 1 marketing of program club",
        "  recipients that it would have spared, who opted out later: 1",
        f"  to enforce it: {file}:8:5: write `enforce: on`",
        "site/no-codes (observed through: rule): not yet",
        "  otp messages that it would have stopped: 1",
        "  of 5 messages it would have blocked 1, deferred 0, rewritten 0" + once,
        "    block: 1 otp of program club",
        "  recipients that it would have spared, who opted out later: none",
        f"  to enforce it: {file}:10:5: write `enforce: on`",
    ]


def test_in_too_short_a_time_nothing_is_ready(site: RecordedSite):
    ended = site.smsgate("observe", "--since", "2026-06-12", "--json")
    late, codes = map(json.loads, ended.out.splitlines())
    assert (late["rule"], late["verdict"], late["seen"], late["opted_out_later"]) == (
        "site/late-start",
        "not yet",
        2,
        0,
    )
    assert late["against"] == ["it was asked about 2 messages of the 100 that tell", "it was observed for 1 of 7 days"]
    assert codes["would"] == {"block": 0, "defer": 0, "rewrite": 0}


def test_the_edit_that_it_names_enforces_the_rule(site: RecordedSite):
    """And the same record then says what that would have changed."""
    changed = site.changed("enforced", ("    enforce: observe\n    forbid", "    enforce: on\n    forbid"))
    told = json.loads(site.smsgate("backtest", changed, "--since", "2026-06-01", "--json").out)
    assert [(each["rule"], each["category"], each["from"], each["to"]) for each in told["differences"]] == [
        ("site/no-codes", "otp", "send", "block")
    ]


def test_a_program_can_be_observed(tmp_path):
    with site_of(tmp_path, RULES.replace("    enforce: observe\n", "")) as site:
        config = site.config.read_text()
        assert "{name: club," in config
        site.config.write_text(config.replace("{name: club,", "{name: club, enforce: observe,"))
        with site.open_at("2026-06-10T23:30:00-04:00"):
            site.send(ANN, "Shoes at half price, dear friend")
        assert site.world.texts_to(ANN) == ["Shoes at half price, dear friend"]
        told = [
            json.loads(line) for line in site.smsgate("observe", "--since", "2026-06-01", "--json").out.splitlines()
        ]
    assert [(each["rule"], each["program"], each["would"]["defer"]) for each in told] == [
        ("gateway/unreadable", "club", 0),
        ("site/hours", "club", 1),
        ("site/late-start", "club", 1),
        ("site/no-codes", "club", 0),
    ]
    assert told[0]["edit"][0].endswith("write `enforce: on`, for all rules of the program's messages")


def test_where_all_is_enforced_that_is_said(tmp_path):
    with site_of(tmp_path, RULES.replace("observe", "on")) as site:
        assert site.smsgate("observe").out == f"every rule in {site.policies} is enforced\n"


def test_without_a_site_there_is_no_record():
    ended = smsgate("policy", "observe")
    assert (ended.status, ended.complaint.endswith("name its configuration with -c gateway.yaml")) == (1, True)
