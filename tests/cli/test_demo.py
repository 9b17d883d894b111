"""`smsgate demo`: the lines that it prints are pasted into a shell, in order, and each does what it says."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pytest

from tests.cli.program import PATIENCE, answers, free_ports, running, smsgate, told_to_stop

PORTS = (8080, 8081, 8082, 8083)  # the demo's own; whoever holds one of them holds up these tests, too
CURL = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed, and the demo's lines are curl's")


@pytest.fixture
def ports_free() -> None:
    """Only where nobody on this machine serves there: another demo is left alone."""
    if taken := [port for port in PORTS if answers(f"http://127.0.0.1:{port}/")]:
        pytest.skip(f"somebody serves at {taken}, where the demo would: stop it to test the demo")


def _banner(out: Iterator[str]) -> str:
    """All that it says before it waits."""
    lines = list(takewhile(lambda line: "Ctrl-C stops it" not in line, out))
    return "".join(lines)


def _steps(banner: str) -> dict[str, list[str]]:
    """The commands under each numbered comment, as a shell would be given them."""
    joined = banner.replace("\\\n", " ")
    parts = re.split(r"^  # (?=[0-9]\. )", joined, flags=re.MULTILINE)[1:]
    return {part[0]: re.findall(r"^  (curl .*)$", part, re.MULTILINE) for part in parts}


def _pasted(command: str) -> str:
    ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=20, check=True)
    return ended.stdout


@CURL
@pytest.mark.usefixtures("ports_free")
@pytest.mark.parametrize(
    ("store", "at"),
    [("sqlite", None), ("redis", None), ("sqlite", "2026-07-05T03:00:00-04:00")],
    ids=["on SQLite", "on a Redis of its own", "begun in a night and moved"],
)
def test_the_demos_lines_do_what_it_says_of_them(tmp_path: Path, store: str, at: str | None):
    words = ["demo", "--store", store, "--data", str(tmp_path / "demo"), *(["--at", at] if at else [])]
    with running(*words, env={"REDIS_URL": ""}) as demo:
        assert demo.stdout is not None
        steps = _steps(_banner(iter(demo.stdout)))
        assert {number: len(commands) for number, commands in steps.items()} == {
            "1": 1,
            "2": 1,
            "3": 1,
            "4": 1,
            "5": 3,
            "6": 2,
        }
        if at:
            _pasted("curl -s http://127.0.0.1:8083/clock -d at=2026-07-06T10:00:00-04:00")
        _walk(steps)
        assert told_to_stop(demo) == 0
        assert "stopped" in demo.stdout.read()


def _walk(steps: dict[str, list[str]]) -> None:
    sent = json.loads(_pasted(steps["1"][0]))
    assert sent["status"] == "queued"
    texts = json.loads(_pasted(steps["2"][0]))["texts"]
    assert texts == ["20% off everything today Reply STOP to opt out"]
    assert json.loads(_pasted(steps["3"][0]))["gateway"] == 200
    refused = json.loads(_pasted(steps["4"][0]))
    assert (refused["status"], refused["code"]) == (400, 21610)
    assert "22:30" in _pasted(steps["5"][0])
    assert _pasted(steps["5"][1]).startswith("3: Queued for later delivery")
    assert json.loads(_pasted(steps["5"][2]))["texts"] == []
    assert "08:" in _pasted(steps["6"][0])
    end = time.monotonic() + PATIENCE
    while not (texts := json.loads(_pasted(steps["6"][1]))["texts"]) and time.monotonic() < end:
        time.sleep(0.1)
    assert texts == ["Sale Reply STOP to opt out"]


@pytest.mark.usefixtures("ports_free")
@pytest.mark.parametrize("port", PORTS)
def test_a_port_in_use_is_one_line_and_status_1(tmp_path: Path, port: int):
    with socket.create_server(("127.0.0.1", port)):
        ended = smsgate("demo", "--data", tmp_path / "demo")
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert f"127.0.0.1:{port}: Address already in use" in ended.err.splitlines()[-1]


def test_a_folder_that_holds_something_else_is_left_as_it_is(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine")
    ended = smsgate("demo", "--data", tmp_path)
    assert ended.status == 1
    assert ended.complaint == f"smsgate: {tmp_path} holds something else; name an empty folder with --data"
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_time_that_is_none_is_one_line_and_status_1(tmp_path: Path):
    ended = smsgate("demo", "--data", tmp_path / "demo", "--at", "teatime")
    assert ended.status == 1
    assert ended.complaint == "smsgate: this is no time; write 21:30, +3h or 2026-06-10T21:30:00-04:00"


@pytest.mark.usefixtures("ports_free")
def test_a_redis_that_is_away_is_one_line_and_status_1(tmp_path: Path):
    nobody = f"redis://127.0.0.1:{free_ports(1)[0]}/0"
    ended = smsgate("demo", "--store", "redis", "--data", tmp_path / "demo", env={"REDIS_URL": nobody})
    assert ended.status == 1
    assert "Traceback" not in ended.err
