"""Mail programs as they are: swaks, and Postfix as a smart host in front of the gateway.

Where Debian's packages can't be had these are skipped, and say so.
"""

from __future__ import annotations

import os
import re
import shutil
import smtplib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from tests.front.mailing import DOMAIN, PASSWORD, WATCH, Hospital, mail, statuses, to
from tests.front.patience import until

ANN, BOB, CARL, DORA = "+12125550100", "+12125550101", "+12025550100", "+12025550123"
NOBODY = "+12125550133"  # has agreed to nothing

needs_swaks = pytest.mark.skipif(not shutil.which("swaks"), reason="NO SWAKS: apt-get install swaks")
needs_postfix = pytest.mark.skipif(
    not Path("/usr/sbin/postfix").exists() or os.geteuid() != 0, reason="NO POSTFIX: apt-get install postfix, as root"
)

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = /tmp, /var
myhostname = mx.hospital.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = 127.0.0.2
smtp_host_lookup = native
alias_maps =
alias_database =
local_transport = error:nobody lives here
transport_maps = inline:{{ {{ {domain} = smtp:[127.0.0.1]:{gateway} }},
    {{ hospital.example = smtp:[127.0.0.1]:{postbox} }} }}
"""
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
scache unix - - n - 1 scache
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
flush unix n - n 1000? 0 flush
showq unix n - n - - showq
tlsmgr unix - - n 1000? 1 tlsmgr
pickup unix n - n 60 1 pickup
postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    hospital = Hospital(tmp_path_factory.mktemp("mail"))
    hospital.start()
    hospital.opts_out(CARL)
    yield hospital
    hospital.stop()


@pytest.fixture
def hospital(running: Hospital) -> Hospital:
    running.forget()
    return running


@dataclass
class Postfix:
    """An instance of its own, with the gateway as the way to texts and the postbox as the way to everybody else."""

    folder: Path
    port: int

    def start(self, gateway: int, postbox: int) -> None:
        for name in ("queue", "data", "etc"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        self.folder.chmod(0o755)
        filled = MAIN.format(folder=self.folder, domain=DOMAIN, gateway=gateway, postbox=postbox)
        (self.folder / "etc" / "main.cf").write_text(filled)
        (self.folder / "etc" / "master.cf").write_text(SERVICES.format(port=self.port))
        self._do("start")

    def stop(self) -> None:
        self._do("stop")

    def flush(self) -> None:
        """What it has put off is tried at once."""
        subprocess.run(["/usr/sbin/postqueue", "-c", str(self.folder / "etc"), "-f"], check=True)

    def deferred(self) -> list[str]:
        """Why mails wait in its queue."""
        log = (self.folder / "log").read_text()
        return re.findall(r"status=deferred \((.*)\)", log)

    def _do(self, what: str) -> None:
        subprocess.run(["/usr/sbin/postfix", "-c", str(self.folder / "etc"), what], check=True, capture_output=True)


@pytest.fixture(scope="module")
def postfix(running: Hospital) -> Iterator[Postfix]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    postfix = Postfix(folder, port)
    postfix.start(running.house.mail, running.postbox.port)
    yield postfix
    postfix.stop()
    shutil.rmtree(folder, ignore_errors=True)


def swaks(hospital: Hospital, *words: str) -> tuple[int, str]:
    """Its exit status, and the talk."""
    server = ["--server", "127.0.0.1", "--port", str(hospital.house.mail), "--from", WATCH, "--helo", "client.example"]
    done = subprocess.run(["swaks", *server, *words], capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, done.stdout


@needs_swaks
@pytest.mark.parametrize(
    ("situation", "whom", "words", "said"),
    [
        ("allowed", ANN, ("--body", "20% off today"), "<-  250 2.0.0 the carrier has it"),
        ("refused at RCPT", CARL, (), "<** 550 5.7.1 opt-out since"),
        ("refused at DATA", NOBODY, ("--body", "20% off today"), "<** 550 5.7.1 "),
        ("no number", "ann", (), "<** 550 5.1.3 no phone number"),
    ],
)
def test_swaks_has_its_answer(hospital: Hospital, situation: str, whom: str, words: tuple[str, ...], said: str):
    status, talk = swaks(hospital, "--to", to(whom)[0], "--local-interface", "127.0.0.2", *words)
    assert said in talk, situation
    assert (status == 0) is (situation == "allowed")
    assert len(hospital.world.carrier.messages) == (situation == "allowed")


@needs_swaks
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks_logs_in(hospital: Hospital, mechanism: str):
    login = ("--auth", mechanism, "--auth-user", "nagios", "--auth-password", PASSWORD)
    status, _ = swaks(hospital, "--to", to(DORA)[0], *login, "--body", f"Pump 3 by {mechanism}")
    assert status == 0
    assert hospital.texts_to(DORA)[0] == f"Pump 3 by {mechanism}"


def through(postfix: Postfix, raw: bytes, *numbers: str) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
        assert client.sendmail(WATCH, to(*numbers), raw) == {}


def bounce(hospital: Hospital) -> str:
    """What Postfix tells the sender of the answer that it was given."""
    [told] = statuses(hospital.postbox.one())
    return told["Diagnostic-Code"]


@needs_postfix
def test_postfix_hands_on_what_may_be_texted(hospital: Hospital, postfix: Postfix):
    through(postfix, mail("20% off", message_id="<p1@hospital.example>"), BOB)
    assert until(lambda: hospital.texts_to(BOB), "it is texted") == ["20% off Reply STOP to opt out"]
    assert hospital.postbox.mails == []


@needs_postfix
@pytest.mark.parametrize(("situation", "number", "why"), [("RCPT", CARL, "opt-out since"), ("DATA", NOBODY, "consent")])
def test_postfix_tells_the_sender_what_was_refused(
    hospital: Hospital, postfix: Postfix, situation: str, number: str, why: str
):
    through(postfix, mail("20% off today"), number)
    told = bounce(hospital)
    assert "550 5.7.1" in told
    assert why in told, situation
    assert hospital.world.carrier.messages == []


@needs_postfix
def test_of_several_recipients_postfix_is_told_that_they_are_taken_and_the_sender_of_the_one_that_is_not(
    hospital: Hospital, postfix: Postfix
):
    through(postfix, mail("30% off", message_id="<p2@hospital.example>"), DORA, NOBODY)
    report = hospital.postbox.one()
    assert len(hospital.texts_to(DORA)) == 1
    assert report["From"].addresses[0].domain == DOMAIN
    assert [told["Final-Recipient"] for told in statuses(report)] == [f"rfc822; {to(NOBODY)[0]}"]
    assert report["Auto-Submitted"] == "auto-replied"


@needs_postfix
def test_what_can_not_be_sent_now_waits_in_postfix_and_is_texted_once(hospital: Hospital, postfix: Postfix):
    async def busy(_: web.Request) -> web.Response:
        return web.json_response({"code": 20429}, status=429, headers={"Retry-After": "1"})

    hospital.world.carrier.fault = busy
    through(postfix, mail("40% off", message_id="<p3@hospital.example>"), ANN)
    why = until(postfix.deferred, "it is put off")
    assert "451 4.3.0 the carrier wants it later" in why[0]
    hospital.world.carrier.fault = None
    postfix.flush()
    assert until(lambda: hospital.texts_to(ANN), "it is texted") == ["40% off Reply STOP to opt out"]
