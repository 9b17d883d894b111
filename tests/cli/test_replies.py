"""`smsgate replies`: what recipients write back, from the command line."""

from __future__ import annotations

import subprocess
from pathlib import Path

import orjson

from tests.cli.program import PATIENCE, SMSGATE, smsgate

LABELLED = b"""\
{"text": "take me off your list", "intent": "opt_out", "language": "en"}
{"text": "see you at 5", "intent": "other", "language": "en"}
{"text": "keine SMS mehr bitte", "intent": "opt_out", "language": "de"}
{"text": "the moon is made of cheese", "intent": "opt_out", "language": "en"}
"""


def test_a_reply_is_told_with_the_words_that_decided():
    ended = smsgate("replies", "classify", "wrong number, stop")
    assert ended.status == 0
    told = orjson.loads(ended.out)
    assert list(told) == ["text", "intent", "matched", "confidence", "doubt", "topic"]
    assert told["intent"] == "opt_out"
    assert told["matched"] == "wrong number, stop"


def test_a_bad_line_gives_a_line_with_its_error_and_the_rest_go_on():
    lines = b'"STOP"\n{"text": "R", "country": "CN"}\nnonsense\n{"txt": "STOP"}\n{"text": "T"}\n\n"who is this?"\n'
    ended = subprocess.run(
        [*SMSGATE, "replies", "classify", "-"], input=lines, capture_output=True, timeout=PATIENCE, check=True
    )
    told = [orjson.loads(line) for line in ended.stdout.splitlines()]
    assert [each.get("intent") for each in told] == ["opt_out", "opt_out", None, None, "other", "help"]
    assert told[2]["error"].startswith("line 3: no JSON")
    assert told[3]["error"].startswith("line 4: no reply in it")


def test_labelled_replies_are_evaluated_by_intent_and_language_and_mistakes_named_by_line(tmp_path: Path):
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(LABELLED)
    ended = smsgate("replies", "evaluate", file, "--json", "--precision", "1")
    assert ended.status == 0
    told = orjson.loads(ended.out)
    assert told["mistakes"] == [{"line": 4, "intent": "opt_out", "taken_for": "other"}]
    assert {"language": "de", "intent": "opt_out", "replies": 1, "recall": 1.0, "precision": 1.0} in told["scores"]
    assert told["all"][0] == {
        "language": "all",
        "intent": "opt_out",
        "replies": 3,
        "recall": 0.6667,
        "precision": 1.0,
    }


def test_a_recall_below_what_was_asked_for_is_a_no_and_the_table_tells_it(tmp_path: Path):
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(LABELLED)
    ended = smsgate("replies", "evaluate", file, "--recall", "0.99")
    assert ended.status == 3
    assert "cheese" not in ended.out
    assert ["all", "opt_out", "3", "0.6667", "1.0000"] in [line.split() for line in ended.out.splitlines()]
    assert ended.out.endswith("line 4: opt_out, taken for other\n")


def test_a_label_that_is_none_is_told_with_its_line(tmp_path: Path):
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(LABELLED + b'{"text": "x", "intent": "optout"}\n')
    ended = smsgate("replies", "evaluate", file)
    assert ended.status == 1
    assert ended.complaint.endswith("labelled.jsonl:5: no `intent` in it; write one of opt_out, opt_in, help, other")
