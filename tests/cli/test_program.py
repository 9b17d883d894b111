"""`smsgate program`: the stop-all switch, on either store."""

from __future__ import annotations

import orjson
import pytest

from tests.cli.conftest import Site
from tests.cli.program import Ended, smsgate


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite"
    return f'{{redis: "{request.getfixturevalue("redis_url")}"}}'


@pytest.fixture
def site(site: Site) -> Site:
    site.change("policies:", "programs: [{name: club}]\npolicies:")
    return site


def program(site: Site, *words: str) -> Ended:
    ended = smsgate("program", *words, "-c", site.config)
    assert "Traceback" not in ended.err
    return ended


def test_a_program_is_stopped_shown_and_resumed(site: Site):
    assert program(site, "show").out == "nothing is stopped\n"
    stopped = program(site, "stop", "club", "--reason", "the wrong offer")
    assert stopped.status == 0
    assert stopped.out.startswith("stopped: club  since ")
    assert stopped.out.endswith(" UTC  'the wrong offer'\n")
    assert program(site, "show").out == stopped.out
    assert program(site, "resume", "club").out == "resumed: club\nnothing is stopped\n"


def test_resuming_all_leaves_what_was_stopped_by_its_name_and_says_so(site: Site):
    stopped = program(site, "stop", "club", "--reason", "one")
    assert program(site, "stop", "--all", "--reason", "two").out.startswith("stopped: all programs  since ")
    assert program(site, "resume", "default").out.startswith("nothing to resume: no stop of default\nstopped: club")
    assert program(site, "resume", "--all").out == f"resumed: all programs\n{stopped.out}"


def test_a_name_that_is_no_programs_is_told_with_those_that_are(site: Site):
    ended = program(site, "stop", "clbu", "--reason", "the wrong offer")
    assert ended.status == 1
    assert ended.complaint == (
        "smsgate: there is no program `clbu`, nothing was stopped; the configuration has club, default"
    )
    assert program(site, "show").out == "nothing is stopped\n"


def test_a_program_that_is_in_the_configuration_no_more_can_be_resumed(site: Site):
    program(site, "stop", "club", "--reason", "the wrong offer")
    site.change("{name: club}", "{name: bank}")
    assert program(site, "resume", "club").out.startswith("resumed: club")


@pytest.mark.parametrize(
    "words",
    [
        ["stop", "--reason", "why"],
        ["stop", "club", "--all", "--reason", "why"],
        ["stop", "club"],
        ["resume"],
        ["resume", "club", "--all"],
    ],
    ids=" ".join,
)
def test_which_program_and_why_must_be_said(site: Site, words: list[str]):
    ended = program(site, *words)
    assert ended.status == 2
    assert "--help" in ended.err


def test_every_stop_and_resumption_is_on_record(site: Site):
    program(site, "stop", "--all", "--reason", "the wrong offer")
    program(site, "resume", "--all")
    program(site, "resume", "--all")
    lines = [
        line for path in (site.folder / "data" / "audit").glob("*.jsonl") for line in path.read_bytes().splitlines()
    ]
    told = [entry for line in lines if (entry := orjson.loads(line))["kind"].startswith("program-")]
    assert sorted((entry["kind"], entry["program"]) for entry in told) == [
        ("program-resumed", "all"),
        ("program-stopped", "all"),
    ]
    assert b"the wrong offer" not in b"".join(lines)
    assert smsgate("audit", "verify", "-c", site.config).status == 0
    noted = site.folder / "noted.txt"
    noted.write_text(smsgate("audit", "head", "-c", site.config).out)
    program(site, "stop", "--all", "--reason", "the wrong offer again")
    assert smsgate("audit", "verify", "--head", noted, "-c", site.config).status == 0
    noted.write_text(noted.read_text().replace("w1 0", "w1 9"))
    assert smsgate("audit", "verify", "--head", noted, "-c", site.config).status == 3
