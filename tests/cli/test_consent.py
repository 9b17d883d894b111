"""`smsgate consent`, on either store."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Site
from tests.cli.program import Ended, smsgate

ANN = "+12125550123"
GIVEN = ("--kind", "express-written", "--at", "2026-01-02")


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite"
    return f'{{redis: "{request.getfixturevalue("redis_url")}"}}'


def consent(site: Site, *words: str) -> Ended:
    ended = smsgate("consent", *words, "-c", site.config)
    assert "Traceback" not in ended.err
    return ended


def test_what_counts_is_shown_with_every_entry_that_it_rests_on(site: Site):
    assert consent(site, "show", ANN).out == "no consent is on record\n"
    consent(site, "add", ANN, *GIVEN, "--wording", "Yes, text me", "--document", "ab" * 32, "--for", "otp")
    consent(site, "add", ANN, *GIVEN, "--expires", "2026-01-03", "--method", "paper")
    assert consent(site, "withdraw", ANN, "--program", "default", "--for", "charity", "--words", "no more").status == 0
    shown = consent(site, "show", "+1 (212) 555-0123").out.splitlines()
    assert shown[0] == "counts: express-written  for otp of default  by web-form  2026-01-02"
    assert shown[1].startswith("given: express-written  for otp of default  by web-form  2026-01-02  recorded ")
    assert shown[1].endswith(" UTC by cli")
    assert shown[2:4] == ["    wording: 'Yes, text me'", f"    document: '{'ab' * 32}'"]
    assert shown[4].startswith(
        "given: express-written  for marketing of default  by paper  2026-01-02  until 2026-01-03"
    )
    assert shown[5].startswith("withdrawn: charity of default  by agent  ")
    assert shown[6:] == ["    in their words: 'no more'"]


def test_the_same_once_more_changes_nothing(site: Site):
    assert consent(site, "add", ANN, *GIVEN).out.startswith("recorded: ")
    before = consent(site, "show", ANN).out
    assert consent(site, "add", ANN, *GIVEN).out == "on record already; nothing was changed\n"
    assert consent(site, "show", ANN).out == before


def test_what_was_taken_back_does_not_count(site: Site):
    consent(site, "add", ANN, *GIVEN)
    assert consent(site, "withdraw", ANN).out.startswith("recorded: everything of default  by agent  ")
    assert [line.partition(":")[0] for line in consent(site, "show", ANN).out.splitlines()] == ["given", "withdrawn"]


def test_to_a_program_that_there_is_not_nothing_is_recorded(site: Site):
    for words in (["add", ANN, *GIVEN], ["withdraw", ANN]):
        ended = consent(site, *words, "--program", "vip")
        assert ended.status == 1
        assert ended.complaint == (
            "smsgate: there is no program `vip`, nothing was recorded; the configuration has default"
        )
    assert consent(site, "show", ANN).out == "no consent is on record\n"


QUESTION = "programs: [{name: club, senders: [+18335550100], double_opt_in: {text: Reply YES to join}}]"


def test_the_number_itself_is_asked_and_the_question_waits_in_the_outbox(site: Site):
    site.config.write_text(site.config.read_text() + QUESTION + "\n")
    site.change("dialect: kannel", "dialect: kannel, credentials: {user: u, secret: {file: keys.yaml}}")
    asked = consent(site, "ask", ANN, "--kind", "express-written", "--program", "club")
    assert asked.out.startswith("asked; an answer counts until ")
    assert consent(site, "ask", ANN, "--kind", "express-written", "--program", "club").out == asked.out
    shown = consent(site, "show", ANN).out.splitlines()
    assert [line.partition(":")[0] for line in shown] == ["requested", "requested"]
    assert "1 waiting" in smsgate("outbox", "show", "-c", site.config).out


def test_a_program_without_a_question_asks_nobody(site: Site):
    ended = consent(site, "ask", ANN, "--kind", "express-written")
    assert ended.complaint == (
        "smsgate: the program `default` asks nobody: give it a `double_opt_in` in the configuration"
    )
