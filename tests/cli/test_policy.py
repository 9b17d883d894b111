"""`smsgate policy test` and `explain`, `smsgate consent`, as an operator runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import yaml

from tests.cli.program import SMSGATE, smsgate
from tests.front.house import NIGHT, House
from tests.front.world import World

ROOT = Path(__file__).parents[2]
POLICY = "policy: p\ncountry: US\nrules: [{id: h, hours: {from: '08:00', to: '21:00'}}]\n"
WORLD = "policy: w\ncountry: '*'\nrules: [{id: h, forbid: everything}]\n"
GOOD = {
    "name": "noon",
    "message": {"to": "+12125550100", "text": "Sale"},
    "at": "2026-06-10T16:00:00Z",
    "expect": {"action": "send"},
}
NIGHTLY = {**GOOD, "name": "night", "at": "2026-06-11T03:00:00Z", "expect": {"action": "defer", "rule": "p/h"}}
WRONG = {**NIGHTLY, "name": "wrong", "expect": {"action": "defer", "rule": "p/other"}}
ABROAD = {
    **GOOD,
    "name": "abroad",
    "message": {"to": "+447700900123", "text": "Sale"},
    "expect": {"action": "block", "rule": "w/h"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "p.yaml").write_text(POLICY)
    (tmp_path / "w.yaml").write_text(WORLD)
    return tmp_path


def written(folder: Path, *scenarios: object) -> Path:
    path = folder / "tests" / "p.yaml"
    path.write_text(yaml.safe_dump(list(scenarios), sort_keys=False))
    return path


def test_scenarios_that_come_out_as_expected_are_only_counted(folder: Path):
    written(folder, GOOD, NIGHTLY, ABROAD)
    ended = smsgate("policy", "test", folder, "--coverage")
    assert ended.status == 0
    assert ended.out.splitlines() == [
        "3 as expected, 0 different, 0 files in error",
        "2 rules: 2 decisive, 0 matched, 0 never matched, 0 never reached",
    ]


def test_right_for_the_wrong_reason_is_different_and_only_that_is_shown(folder: Path):
    path = written(folder, GOOD, WRONG)
    ended = smsgate("policy", "test", path)
    assert ended.status == 3
    assert ended.out.splitlines() == [
        f"{path}: wrong",
        "  expected because of p/other, found because of p/h",
        "    p/h: defer: outside 08:00-21:00 in America/New_York",
        "1 as expected, 1 different, 0 files in error",
    ]


def test_a_rule_that_no_scenario_reaches_is_named(folder: Path):
    written(folder, GOOD)
    ended = smsgate("policy", "test", folder, "--coverage")
    assert ended.status == 3
    assert "never matched: p/h" in ended.out
    assert "never reached: w/h" in ended.out


def test_scenarios_are_picked_by_name_and_a_bad_file_is_told_apart_from_a_failure(folder: Path):
    written(folder, GOOD, WRONG)
    assert smsgate("policy", "test", folder, "-k", "^noon$").status == 0
    (folder / "tests" / "q.yaml").write_text("- {message: {to: x, text: y}, att: 2026-06-10T16:00:00Z}\n")
    ended = smsgate("policy", "test", folder, "-k", "^noon$")
    assert ended.status == 3
    assert "q.yaml:1:31: unknown key `att`; did you mean `at`?" in ended.err
    assert ended.out.endswith("1 as expected, 0 different, 1 files in error\n")


@contextmanager
def saving(folder: Path, scenario: object) -> Iterator[None]:
    ended = threading.Event()

    def save() -> None:
        while not ended.wait(0.2):
            written(folder, scenario)

    saver = threading.Thread(target=save)
    saver.start()
    try:
        yield
    finally:
        ended.set()
        saver.join()


def test_watch_runs_them_again_when_a_file_is_saved(folder: Path):
    written(folder, GOOD)
    watching = subprocess.Popen(
        [*SMSGATE, "policy", "test", str(folder), "--watch"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        cwd=ROOT,
    )
    assert watching.stdout is not None
    try:
        assert watching.stdout.readline().startswith("1 as expected, 0 different")
        with saving(folder, WRONG):  # whenever it begins to watch, there is a save to come
            assert watching.stdout.readline() == "---\n"
        assert "wrong" in watching.stdout.readline()
    finally:
        watching.send_signal(signal.SIGINT)
        watching.wait(20)
        watching.stdout.close()


def explained(lines: str) -> list[dict[str, object]]:
    ended = subprocess.run(
        [*SMSGATE, "policy", "explain", "-"], input=lines, capture_output=True, text=True, check=True, cwd=ROOT
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_scenarios_as_json_lines_are_explained_line_by_line_and_a_bad_one_does_not_stop_the_rest():
    consent = [{"kind": "express-written", "at": "2026-01-02T00:00:00Z", "for": ["marketing"]}]
    fourth = {
        "name": "fourth",
        "message": {"to": "+13055550123", "from": "+18335550100", "category": "marketing", "text": "Sale ends tonight"},
        "at": "2026-06-10T15:00:00Z",
        "zone": None,
        "region": None,
        "consent": consent,
        "suppressed": [],
        "lists": [],
        "history": [{"at": f"2026-06-10T{hour}:00:00Z", "category": "marketing"} for hour in (12, 13, 14)],
    }
    noon = {**GOOD, "consent": consent}
    found = explained("\n".join([json.dumps(fourth), '{"at": 1}', "not json: [", "", json.dumps(noon)]))
    assert [line.get("action") for line in found] == ["block", None, None, "rewrite"]
    assert (found[0]["rule"], found[0]["not_before"], found[0]["text"]) == ("us-fl/cap", None, None)
    assert "line 2" in str(found[1]["error"])
    assert "line 3" in str(found[2]["error"])
    last = found[3]
    assert last["text"] == "Sale Reply STOP to opt out"
    assert last["segments"] == {"encoding": "gsm-7", "before": 1, "after": 1}
    assert {"rule", "action", "why", "cites", "observed"} == set(last["findings"][0])  # type: ignore[index]


def test_a_person_reads_outcome_rule_the_others_and_what_would_have_to_be_different():
    ended = smsgate(
        *(
            "policy",
            "explain",
            "--to",
            "+13055550123",
            "--text",
            "20% off \u2014 today",
            "--at",
            "2026-06-11T00:30:00Z",
        ),
        *("--consent", "express-written@2026-01-02", "--policies", ROOT / "policies"),
    )
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0] == "DEFER: it may not leave before 2026-06-11T12:00:00Z"
    assert lines[1].startswith("  us-fl/quiet-hours: outside 08:00-20:00 in America/New_York (Fla. Stat.")
    assert "Rules that let it pass:" in lines
    assert "  us-federal/consent: express-written consent of 2026-01-02 (web-form)" in lines
    assert "  us-fl/quiet-hours: sent at 2026-06-11T12:00:00Z or later, within its hours" in lines
    assert lines[-1].endswith("1 before, 1 after (ucs-2)")


def test_a_captured_request_is_explained_as_its_dialect_reads_it():
    captured = ROOT / "tests" / "captures" / "twilio-gsm.http"
    ended = smsgate("policy", "explain", "--request", captured, "--at", "2026-06-10T16:00:00Z", "--json", cwd=ROOT)
    assert json.loads(ended.out)["rule"] == "us-federal/consent"
    fetch = ROOT / "tests" / "captures" / "twilio-fetch.http"
    assert "no request that sends" in smsgate("policy", "explain", "--request", fetch, cwd=ROOT).complaint


def test_without_a_message_it_says_what_to_say():
    assert "say --to and --text" in smsgate("policy", "explain", cwd=ROOT).err


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    world = World()
    world.start()
    house = House(tmp_path / "site", "sqlite", world.url, world.legacy, NIGHT)
    house.start()
    yield house
    house.stop()
    world.stop()


def test_a_real_decision_is_explained_and_becomes_a_scenario_without_its_persons_data(house: House, tmp_path: Path):
    form = {"To": "+12125550177", "From": "+18335550100", "Body": "Dear Rosalind, 20% off today at Bloomingdale"}
    answer = requests.post(f"{house.proxy}/2010-04-01/Accounts/AC0/Messages.json", form, timeout=20)
    id_, config = answer.headers["X-Gateway-Message-Id"], house.folder / "house.yaml"
    house.audited()
    told = json.loads(smsgate("policy", "explain", "--id", id_, "-c", config, "--json").out)
    assert (told["action"], told["rule"]) == ("defer", answer.headers["X-Gateway-Rule"])
    assert told["revision"] == answer.headers["X-Gateway-Revision"]
    ended = smsgate("policy", "test", "--from", id_, "-c", config)
    for personal in ("5550177", "Rosalind", "Bloomingdale"):
        assert personal not in ended.out
    [scenario] = yaml.safe_load(ended.out)
    assert scenario["message"]["text"] == "Xxxx Xxxxxxxx, 00% off today at Xxxxxxxxxxxx"
    policies = tmp_path / "policies"
    policies.mkdir()
    for shipped in (ROOT / "policies").glob("*.yaml"):
        (policies / shipped.name).write_bytes(shipped.read_bytes())
    (policies / "tests").mkdir()
    (policies / "tests" / "site.yaml").write_text(ended.out)
    assert smsgate("policy", "test", policies).out == "1 as expected, 0 different, 0 files in error\n"
    assert (
        "no message nonsense is on record" in smsgate("policy", "explain", "--id", "nonsense", "-c", config).complaint
    )


def test_a_consent_is_recorded_shown_and_counts_at_once(house: House):
    config = house.folder / "house.yaml"
    assert smsgate("consent", "show", "+12125550155", "-c", config).out == "no consent is on record\n"
    said = ("--kind", "express-written", "--at", "2026-01-02", "--program", "club", "--wording", "Yes, text me")
    added = smsgate("consent", "add", "+12125550155", *said, "-c", config)
    assert added.out == "recorded: express-written  for marketing of club  by web-form  2026-01-02\n"
    assert (
        "no program `vip`" in smsgate("consent", "add", "+12125550155", *said[:4], "--program", "vip", "-c", config).err
    )
    form = {"To": "+12125550155", "From": "+18335550100", "Body": "20% off today"}
    answer = requests.post(f"{house.proxy}/2010-04-01/Accounts/AC0/Messages.json", form, timeout=20)
    assert answer.headers["X-Gateway-Rule"] == "us-federal/quiet-hours"
    form["To"] = "+12125550156"
    answer = requests.post(f"{house.proxy}/2010-04-01/Accounts/AC0/Messages.json", form, timeout=20)
    assert answer.headers["X-Gateway-Rule"] == "us-federal/consent"
    records = [line["kind"] for line in house.audited()]
    assert "agreed" in records
