"""`smsgate serve`: what it says when it can't, and that its workers are kept alive and end in good order."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest
import requests

from tests.cli.conftest import Site
from tests.cli.program import answers, eventually, running, smsgate, told_to_stop

ON_LINUX = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads worker ids from Linux's /proc")
WORKERS = [["--workers", "1"], ["--workers", "2"]]


@pytest.mark.parametrize("door", ["proxy", "public", "admin"])
def test_a_port_in_use_is_one_line_that_names_the_listener(site: Site, door):
    port = getattr(site, door)
    with socket.create_server(("127.0.0.1", port)):
        ended = smsgate("serve", "-c", site.config)
    assert ended.status == 1
    assert ended.complaint.startswith(f"smsgate: 127.0.0.1:{port}: Address already in use")
    assert f"listen.{door}" in ended.complaint


@pytest.mark.parametrize(
    ("situation", "old", "new", "complaint"),
    [
        ("a misspelt key", "upstreams:", "upstream:", "did you mean `upstreams`?"),
        ("a limit too small", "data_dir: data", "limits: {body: 3}", "1024"),
        ("a port that is none", "http://127.0.0.1:1", "http://127.0.0.1:99999", "is no URL"),
        ("a store that is none", "store: sqlite", "store: mysql", "sqlite"),
        ("a secret that is not there", "store: sqlite", "store: {redis: {env: NO_SUCH_VARIABLE}}", "NO_SUCH_VARIABLE"),
    ],
)
def test_a_bad_configuration_is_told_with_its_place_and_status_3(site: Site, situation, old, new, complaint):
    site.change(old, new)
    ended = smsgate("serve", "-c", site.config)
    assert ended.status == 3
    line = next(line for line in ended.err.splitlines() if complaint in line)
    path, row, column, _ = line.split(":", 3)
    assert path == str(site.config)
    assert int(row) >= 1
    assert int(column) >= 1
    assert "Traceback" not in ended.err


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    ended = smsgate("serve", "-c", tmp_path / "gateway.yaml")
    assert ended.status == 3
    assert ended.complaint.startswith(f"{tmp_path}/gateway.yaml:1:1: can't be read")


@pytest.mark.parametrize("workers", WORKERS, ids=" ".join)
def test_a_bad_policy_file_ends_it_with_its_place_and_status_3(site: Site, workers):
    policy = site.folder / "policies" / "us-federal.yaml"
    policy.write_text(policy.read_text().replace("hours:", "huors:", 1))
    ended = smsgate("serve", "-c", site.config, *workers)
    assert ended.status == 3
    assert f"{policy}:" in ended.err
    assert "did you mean `hours`?" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("workers", WORKERS, ids=" ".join)
def test_a_data_folder_that_can_not_be_written_is_one_line_and_status_1(site: Site, workers):
    (site.folder / "data").write_text("a file where the folder should be")
    ended = smsgate("serve", "-c", site.config, *workers)
    assert ended.status == 1
    assert "Traceback" not in ended.err
    assert set(ended.err.splitlines()) == {
        f"smsgate: {site.folder}/data can't be written: File exists; see to data_dir and its rights"
    }


def test_keys_that_are_not_there_are_one_line_and_status_1(site: Site):
    (site.folder / "keys.yaml").unlink()
    ended = smsgate("serve", "-c", site.config)
    assert ended.status == 1
    assert "there is no keys file" in ended.complaint


def _is_up(site: Site) -> bool:
    return all(answers(f"http://127.0.0.1:{port}/") for port in (site.proxy, site.public, site.admin))


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", WORKERS, ids=" ".join)
def test_it_answers_on_all_doors_and_ends_well_when_told_to(site: Site, workers, how):
    with running("serve", "-c", site.config, *workers) as process:
        eventually(lambda: _is_up(site), "the doors don't open")
        health = requests.get(f"http://127.0.0.1:{site.admin}/healthz", timeout=5)
        assert health.json() == {"status": "ok"}
        assert told_to_stop(process, how) == 0
    assert not answers(f"http://127.0.0.1:{site.proxy}/")


def _children(pid: int) -> set[int]:
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@ON_LINUX
def test_a_worker_that_is_killed_is_followed_by_another(site: Site):
    with running("serve", "-c", site.config, "--workers", "2") as process:
        eventually(lambda: _is_up(site), "the doors don't open")
        before = _children(process.pid)
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        eventually(lambda: len(_children(process.pid) - before) == 1, "nobody follows")
        eventually(lambda: _is_up(site), "the doors don't open again")
        assert told_to_stop(process) == 0


@ON_LINUX
def test_told_to_stop_while_it_starts_it_stops(site: Site):
    with running("serve", "-c", site.config, "--workers", "2") as process:
        eventually(lambda: len(_children(process.pid)) == 2, "no workers")
        assert told_to_stop(process) == 0
