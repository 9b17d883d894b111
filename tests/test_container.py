"""The image and the compose file keep their promises. No container engine runs here: the image's own steps do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.cli.program import answers, eventually, free_ports

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")

Step = tuple[str, str]  # an instruction and what follows it


@cache
def stages() -> list[list[Step]]:
    """The Dockerfile's instructions, a list for each stage; each begins with its FROM."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    steps = "\n".join(lines).replace("\\\n", " ").splitlines()
    found: list[list[Step]] = []
    for instruction, _, rest in (step.strip().partition(" ") for step in steps if step.strip()):
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, " ".join(rest.split())))
    return found


def last(instruction: str) -> str:
    """What that instruction says in the image that is shipped."""
    return [rest for name, rest in stages()[-1] if name == instruction][-1]


@cache
def compose() -> dict[str, Any]:
    written: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return written


class TestImage:
    def test_what_builds_it_is_not_shipped(self) -> None:
        build, shipped = stages()
        assert build[0][1].endswith(" AS build")
        assert [rest for name, rest in shipped if name == "COPY"] == ["--from=build /opt/smsgate /opt/smsgate"]
        assert not any("pip" in rest or "apt" in rest for name, rest in shipped if name == "RUN")

    def test_both_stages_stand_on_the_same_named_small_python(self) -> None:
        bases = {stage[0][1].split()[0] for stage in stages()}
        (base,) = bases
        name, _, tag = base.partition(":")
        assert name == "python"
        assert tag.startswith("3.12")
        assert "slim" in tag

    def test_it_runs_as_nobody_special(self) -> None:
        user, _, group = last("USER").partition(":")
        assert int(user) >= 1000
        assert int(group) >= 1000
        names = [name for name, _ in stages()[-1]]
        assert "RUN" not in names[names.index("USER") :]

    def test_it_serves_by_default(self) -> None:
        assert json.loads(last("ENTRYPOINT")) == ["smsgate"]
        assert json.loads(last("CMD")) == ["serve", "-c", "/etc/smsgate/gateway.yaml"]

    def test_its_data_is_on_a_volume(self) -> None:
        config = yaml.safe_load((ROOT / "config" / "container.yaml").read_text())
        assert last("VOLUME") == config["data_dir"]

    def test_its_ports_are_those_of_its_configuration_on_all_interfaces(self) -> None:
        listen = yaml.safe_load((ROOT / "config" / "container.yaml").read_text())["listen"]
        assert [f"0.0.0.0:{port}" for port in last("EXPOSE").split()] == list(listen.values())

    def test_no_secret_is_baked_in(self) -> None:
        for name, rest in (step for stage in stages() for step in stage):
            assert name != "ARG", "build arguments stay in the image's history"
            assert name != "ADD", "COPY takes nothing from afar"
            if name == "ENV":
                assert not any(word in rest.upper() for word in ("TOKEN", "SECRET", "PASSWORD", "KEY"))

    def test_only_what_the_build_needs_is_sent_to_it(self) -> None:
        rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
        allowed = {rule.removeprefix("!").rstrip("/") for rule in rules if rule.startswith("!")}
        copied = {name for step, rest in stages()[0] if step == "COPY" for name in rest.split()[:-1]}
        assert rules[0] == "*"
        assert allowed == copied

    @pytest.mark.parametrize(("situation", "status", "healthy"), [("alive", 200, True), ("broken", 500, False)])
    def test_the_health_check_tells(self, situation: str, status: int, healthy: bool) -> None:
        with answering(status) as port:
            assert (self._checked(port) == 0) is healthy

    def test_the_health_check_fails_where_nobody_listens(self) -> None:
        with answering(200) as port:
            pass
        assert self._checked(port) != 0

    def _checked(self, port: int) -> int:
        _, _, command = last("HEALTHCHECK").partition("CMD ")
        python, *rest = json.loads(command.replace("127.0.0.1:8082/healthz", f"127.0.0.1:{port}/healthz"))
        assert python == "python"
        return subprocess.run([sys.executable, *rest], capture_output=True, check=False, timeout=30).returncode

    @pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
    def test_the_linter_has_nothing_to_say(self) -> None:
        linted = subprocess.run([str(HADOLINT), str(DOCKERFILE)], capture_output=True, text=True, check=False)
        assert (linted.returncode, linted.stdout) == (0, "")


class Healthz(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A port whose /healthz answers with that status."""
    server = HTTPServer(("127.0.0.1", 0), type("Answering", (Healthz,), {"status": status}))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/opt/smsgate, as the build stage makes it from a clean copy of this project."""
    folder = tmp_path_factory.mktemp("image")
    context, source, opt = folder / "context", folder / "src", folder / "smsgate"
    _clean_copy(context)
    source.mkdir()
    for name, rest in stages()[0]:
        if name == "COPY":
            _copied(context, source, rest.split())
        elif name == "RUN":
            _run(rest.replace("/opt/smsgate", str(opt)), source)
    return opt


def _clean_copy(to: Path) -> None:
    """What git has or would take; nothing that lies about here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)


def _copied(context: Path, source: Path, words: list[str]) -> None:
    *names, to = words
    for name in names:
        if (context / name).is_dir():
            shutil.copytree(context / name, source / to)
        else:
            shutil.copyfile(context / name, source / to / name)


def _run(command: str, folder: Path) -> None:
    """A step of the build, with this machine's Python and its cache of packages; what is not run is not compiled."""
    words = [sys.executable if word == "python" else word for word in shlex.split(command) if word != "--no-cache-dir"]
    env = {**os.environ, "PIP_NO_COMPILE": "0"}  # "0" is how pip takes it
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


class TestInstalled:
    """The image's own steps, run here."""

    def smsgate(self, installed: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        command = [str(installed / "bin" / "smsgate"), *words]
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)

    def test_its_default_command_is_one_that_the_program_has(self, installed: Path, tmp_path: Path) -> None:
        told = self.smsgate(installed, *json.loads(last("CMD")), "--help", cwd=tmp_path)
        assert told.returncode == 0
        assert "Usage: smsgate serve" in told.stdout

    def test_without_a_configuration_it_says_so_in_one_line(self, installed: Path, tmp_path: Path) -> None:
        told = self.smsgate(installed, "serve", "-c", str(tmp_path / "gateway.yaml"), cwd=tmp_path)
        assert told.returncode in {1, 3}
        assert len(told.stderr.splitlines()) == 1
        assert "gateway.yaml" in told.stderr

    def test_it_brings_the_configuration_and_the_policies(self, installed: Path, tmp_path: Path) -> None:
        assert self.smsgate(installed, "init", "--container", "site", cwd=tmp_path).returncode == 0
        assert (tmp_path / "site" / "gateway.yaml").read_text() == (ROOT / "config" / "container.yaml").read_text()
        shipped = sorted(path.name for path in (ROOT / "policies").glob("*.yaml"))
        assert sorted(path.name for path in (tmp_path / "site" / "policies").glob("*.yaml")) == shipped

    def test_it_serves_until_it_is_told_to_stop(self, installed: Path, tmp_path: Path) -> None:
        assert self.smsgate(installed, "init", "site", cwd=tmp_path).returncode == 0
        config, ports = tmp_path / "site" / "gateway.yaml", free_ports(3)
        for usual, free in zip((8080, 8081, 8082), ports, strict=True):
            config.write_text(config.read_text().replace(f"127.0.0.1:{usual}", f"127.0.0.1:{free}"))
        command = [str(installed / "bin" / "smsgate"), "serve", "-c", str(config)]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as serving:
            try:
                eventually(lambda: answers(f"http://127.0.0.1:{ports[2]}/healthz"), "nobody answers /healthz")
                serving.terminate()
                assert serving.wait(30) == 0
            finally:
                serving.kill()


class TestCompose:
    def test_everything_is_published_on_this_machine_only(self) -> None:
        ports = [str(port) for service in compose()["services"].values() for port in service.get("ports", [])]
        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_the_gateways_ports_are_the_images(self) -> None:
        inside = [port.rpartition(":")[2] for port in compose()["services"]["gateway"]["ports"]]
        assert inside == last("EXPOSE").split()

    def test_redis_is_reached_by_the_gateway_alone(self) -> None:
        redis = compose()["services"]["redis"]
        assert "ports" not in redis
        assert all(compose()["networks"][name]["internal"] for name in redis["networks"])

    def test_redis_keeps_its_data(self) -> None:
        redis = compose()["services"]["redis"]
        command = redis["command"]
        told = dict(zip(command[1::2], command[2::2], strict=True))
        assert told["--appendonly"] == "yes"
        assert told["--appendfsync"] == "always"
        assert told["--maxmemory-policy"] == "noeviction"
        volume, path = redis["volumes"][0].split(":")
        assert volume in compose()["volumes"]
        assert path == "/data"

    def test_the_gateway_waits_for_redis_and_keeps_its_data(self) -> None:
        gateway = compose()["services"]["gateway"]
        assert gateway["depends_on"]["redis"]["condition"] == "service_healthy"
        assert "healthcheck" in compose()["services"]["redis"]
        kept = {mount.split(":")[1] for mount in gateway["volumes"]}
        assert kept == {last("VOLUME"), "/etc/smsgate"}

    @pytest.mark.parametrize("service", ["gateway", "redis"])
    def test_a_service_has_no_rights_that_it_does_not_need(self, service: str) -> None:
        told = compose()["services"][service]
        assert told["read_only"] is True
        assert told["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in told["security_opt"]
        assert "privileged" not in told

    def test_it_holds_no_secret_and_pins_what_it_pulls(self) -> None:
        for name, service in compose()["services"].items():
            for variable in service.get("environment", []):
                secret = any(word in variable.upper() for word in ("TOKEN", "SECRET", "PASSWORD"))
                assert not (secret and "=" in variable), f"{name}: the value of {variable} stands in the file"
            if "build" not in service:
                assert ":" in service["image"]
                assert not service["image"].endswith(":latest")

    def test_it_leaves_time_to_finish_what_is_in_progress(self) -> None:
        assert int(compose()["services"]["gateway"]["stop_grace_period"].removesuffix("s")) > 10
