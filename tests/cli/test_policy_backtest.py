"""A change is held against what a real gateway has decided and recorded, before it counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gateway.cli.policy.since import since
from tests.cli.program import Ended, smsgate
from tests.cli.recorded import RecordedSite, site_of
from tests.front.house import NOON

ANN, BEN, CARA, HANA, NOBODY = "+12125550171", "+12125550172", "+14155550173", "+18085550174", "+1212"

RULES = """\
  - {id: hours, for: [marketing], hours: {from: "08:00", to: "21:00"}}
  - {id: instruction, for: [marketing], instruct: {text: {en: [Reply STOP to opt out]}}}
"""
LATER = ("08:00", "10:00")  # at noon in New York it is nine in California
EARLIER = ("08:00", "05:00")  # and six in Hawaii


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordedSite]:
    with site_of(tmp_path_factory.mktemp("backtest"), RULES) as site:
        with site.open_at(NOON):
            for to in (ANN, BEN, CARA, HANA):
                site.send(to, "Shoes at half price, dear friend")
            site.send(ANN, "Your code is 123456")
            site.send(NOBODY, "Shoes at half price")
            site.reply(BEN, "STOP")
            site.send(BEN, "Shoes again, old friend")
        yield site


def backtest(site: RecordedSite, *words: object) -> Ended:
    return site.smsgate("backtest", *map(str, words), "--since", "2026-06-01")


def test_the_rules_that_decided_make_no_difference(site: RecordedSite):
    ended = backtest(site)
    assert ended.status == 0
    totals, verdict = ended.out.splitlines()[1:4], ended.out.splitlines()[-1]
    assert [line.split() for line in totals] == [["same", "7"], ["different", "0"], ["could", "not", "judge", "0"]]
    assert verdict == "verdict: nothing became looser or stricter for 7 messages"


def test_stricter_hours_hold_back_who_is_still_asleep_and_exit_0(site: RecordedSite):
    ended = backtest(site, site.changed("later", LATER))
    assert ended.status == 0
    rule, longer, when, held, _, verdict = ended.out.splitlines()[4:]
    assert rule == "site/hours"
    assert longer == "  stricter: marketing, defer -> defer: 1 (14.3%)"
    assert re.fullmatch(r"    2026-06-10T16:00:00Z to 2026-06-10T16:00:00Z, as [0-9a-f]{32}", when)
    assert held == "  stricter: marketing, rewrite -> defer: 1 (14.3%)"
    assert verdict == "verdict: nothing became looser; for 2 of 7 messages it became stricter"


def test_looser_hours_are_found_and_exit_3(site: RecordedSite):
    ended = backtest(site, site.changed("earlier", EARLIER))
    assert ended.status == 3
    assert "site/hours\n  looser: marketing, defer -> rewrite: 1 (14.3%)\n" in ended.out
    assert "verdict: looser: 1 of 7 messages" in ended.out


def test_other_words_count_as_looser_since_nobody_can_tell(site: RecordedSite):
    ended = backtest(site, site.changed("words", ("Reply STOP to opt out", "STOP=end")))
    assert ended.status == 3
    assert "site/instruction\n  reworded: marketing, rewrite -> rewrite: 3 (42.9%)\n" in ended.out


def test_what_the_gateway_had_not_looked_up_could_not_be_judged(site: RecordedSite):
    cap = "  - {id: cap, for: [marketing], cap: {most: 1, within: 24 hours}}\n  - {id: inst"
    ended = backtest(site, site.changed("capped", ("  - {id: inst", cap)), "--json")
    told = json.loads(ended.out)
    # Hana waits anyhow, and it is not known whether for ever; who is no number, or has opted out, is blocked anyhow.
    assert (ended.status, told["same"], told["could_not_judge"]) == (0, 3, 4)
    [unjudged] = told["unjudged"]
    assert unjudged["why"] == "`site/cap` asks for what was not looked up then"
    assert len(unjudged["examples"]) == 3


def test_what_the_gateway_had_looked_up_is_known_then(tmp_path):
    cap = "  - {id: cap, for: [marketing], cap: {most: 5, within: 24 hours}}\n"
    with site_of(tmp_path, RULES + cap) as site:
        with site.open_at(NOON):
            site.send(ANN, "Shoes at half price")
        assert json.loads(backtest(site, "--json").out)["same"] == 1
        shorter = site.changed("shorter", ("24 hours", "12 hours"))
        assert json.loads(backtest(site, shorter, "--json").out)["same"] == 1
        longer = site.changed("longer", ("24 hours", "7 days"))
        assert json.loads(backtest(site, longer, "--json").out)["could_not_judge"] == 1


def test_json_and_page_say_the_same(site: RecordedSite):
    page = site.house.folder / "report.html"
    told = json.loads(backtest(site, site.changed("earlier", EARLIER), "--json", "--html", page).out)
    assert (told["replayed"], told["looser"], told["since"]) == (7, 1, "2026-06-01T00:00:00Z")
    [looser] = [each for each in told["differences"] if each["change"] == "looser"]
    html = page.read_text()
    for shown in (told["verdict"], told["revision"], looser["examples"][0], looser["first"], "14.3 %"):
        assert shown in html
    assert "http" not in html.replace("http-equiv", "")
    assert not site.personal_in(html)


def test_what_stands_in_a_page_is_escaped(site: RecordedSite):
    page = site.house.folder / "odd.html"
    assert backtest(site, site.changed("<b>odd</b>"), "--html", page).status == 0
    assert "&lt;b&gt;odd&lt;/b&gt;" in page.read_text()


@pytest.mark.parametrize(("words", "replayed"), [(("--program", "club"), 7), (("--program", "vip"), 0)])
def test_one_program_alone(site: RecordedSite, words, replayed):
    assert json.loads(backtest(site, *words, "--json").out)["replayed"] == replayed


def test_a_sample_is_a_part_and_always_the_same_one(site: RecordedSite):
    one, again = (json.loads(backtest(site, "--sample", 2, "--json").out) for _ in range(2))
    assert one == again
    rest = json.loads(backtest(site, "--sample", 1_000_000_000, "--json").out)
    assert rest["replayed"] <= one["replayed"] <= 7


def test_before_the_record_there_is_nothing_to_judge(site: RecordedSite):
    ended = site.smsgate("backtest", "--since", "2026-06-11")
    assert (ended.status, ended.out.splitlines()[-1]) == (0, "verdict: nothing was judged")


def test_a_broken_change_is_told_with_line_and_column(site: RecordedSite):
    broken = site.changed("broken", ("hours: {from", "huors: {from"))
    ended = backtest(site, broken)
    assert ended.status == 3
    assert f"{broken}/site.yaml:4:" in ended.err
    assert "did you mean `hours`?" in ended.err


def test_a_folder_without_policies_is_told(site: RecordedSite, tmp_path):
    ended = backtest(site, tmp_path / "nowhere")
    assert ended.status == 3
    assert "nowhere:1:1: holds no policy file" in ended.complaint


def test_without_a_site_there_is_no_record():
    ended = smsgate("policy", "backtest")
    assert ended.status == 1
    assert ended.complaint.endswith("name its configuration with -c gateway.yaml")


def test_a_time_that_is_none_is_wrong_usage(site: RecordedSite):
    ended = site.smsgate("backtest", "--since", "yesterday")
    assert ended.status == 2
    assert "write 30d, 12h or 2026-06-10" in ended.err


NOW = datetime(2026, 6, 10, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("30d", datetime(2026, 5, 11, 16, tzinfo=UTC)),
        ("12h", datetime(2026, 6, 10, 4, tzinfo=UTC)),
        ("2026-06-01", datetime(2026, 6, 1, tzinfo=UTC)),
        ("2026-06-01T08:00:00-04:00", datetime(2026, 6, 1, 12, tzinfo=UTC)),
    ],
)
def test_since_is_a_length_of_time_or_a_date(said, meant):
    assert since(said, NOW) == meant


@pytest.mark.parametrize("said", ["", "0d", "30", "d", "30m", "-1d", "2026-13-01", "999999d"])
def test_what_is_neither_is_refused(said):
    with pytest.raises(ValueError, match="write 30d, 12h or 2026-06-10"):
        since(said, NOW)
