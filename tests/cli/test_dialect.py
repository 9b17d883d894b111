"""`smsgate dialect check`: what is read in a captured request, what would be sent, and how it would be refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.cli.captured import captured_request
from gateway.words.wire import Request
from tests import captures

HOUSE = """
send: {path: /messages}
fields: {to: "to[]", text: body}
errors: {suppressed: {status: 403, body: '{"no": "{message}"}'}}
"""
POSTED = (
    b'POST /messages HTTP/1.1\nContent-Type: application/json\n\n{"to": ["12125550100", "12125550101"], "body": "Sale"}'
)


def check(name: str | Path, request: str | Path, *options: str | Path) -> Result:
    path = captures.FOLDER / f"{request}.http" if isinstance(request, str) else request
    return CliRunner().invoke(main, ["dialect", "check", str(name), "--request", str(path), *map(str, options)])


@pytest.fixture
def posted(tmp_path: Path) -> Path:
    path = tmp_path / "posted.http"
    path.write_bytes(POSTED)
    return path


def test_it_shows_what_is_read_and_what_would_leave():
    ended = check("twilio", "twilio-gsm")
    assert ended.exit_code == 0
    lines = ended.output.splitlines()
    assert lines[1] == "message 1: to +12025550123, from +12025550100, 1 segment of gsm-7"
    assert lines[2].startswith("  'Hi Ada, your appointment is confirmed")
    assert "  -Content-Length: 157" in lines
    assert "  +Content-Length: 179" in lines
    assert any(line.startswith("  +To=") and line.endswith("+Reply+STOP+to+opt+out") for line in lines)


def test_of_several_recipients_it_shows_the_request_without_the_first():
    before, _, after = check("plivo", "plivo-multi").output.partition("without message 1:")
    assert before.count("message ") == 3
    assert '+{"dst": "+447700900123<+33639980001"' in after


def test_each_refusal_is_shown_once_with_its_reasons():
    output = check("twilio", "twilio-gsm").output
    assert "refused, suppressed:\n  400\n" in output
    assert '"code":21610' in output
    assert output.count('"code":21612') == 1


def test_a_carriers_answer_is_judged():
    answer = captures.FOLDER / "twilio-gsm.response.http"
    assert check("twilio", "twilio-gsm", "--response", answer).output.endswith("the carrier's answer: accepted\n")


def test_an_operators_own_description_is_tried_before_it_is_in_force(tmp_path: Path, posted: Path):
    described = tmp_path / "house.yaml"
    described.write_text(HOUSE)
    ended = check(described, posted)
    assert ended.exit_code == 0
    assert "read as house\nmessage 1: to 12125550100, 1 segment of gsm-7\n  'Sale'" in ended.output
    assert '{"no": "the reason in words (policy/rule)"}' in ended.output


def test_a_wrong_description_is_told_with_its_line(tmp_path: Path, posted: Path):
    described = tmp_path / "house.yaml"
    described.write_text(HOUSE.replace("body}", "body, form: from}"))
    ended = check(described, posted)
    assert ended.exit_code == 3
    assert f"{described}:3:" in ended.output
    assert "`form`" in ended.output


@pytest.mark.parametrize(
    ("situation", "name", "raw", "status", "told"),
    [
        ("no send", "twilio", b"GET /2010-04-01/Accounts HTTP/1.1\n\n", 3, "reads no send in it"),
        ("a disguise", "kannel", b"PATCH /cgi-bin/sendsms?to=1&text=a HTTP/1.1\n\n", 3, "use no other method"),
        ("no dialect", "twillio", POSTED, 2, "`twillio` is no dialect and no file; known dialects: "),
        ("no request line", "twilio", b"hello\n\n", 1, "posted.http:1: this is no request line"),
        ("no field", "twilio", b"POST /x HTTP/1.1\nA: b\nnothing\n\n", 1, "posted.http:3: this is no header field"),
    ],
)
def test_what_can_not_be_read_is_told(
    posted: Path, situation: str, name: str, raw: bytes, status: int, told: str
) -> None:
    posted.write_bytes(raw)
    ended = check(name, posted)
    assert ended.exit_code == status
    assert told in ended.output


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["as in an editor", "as on the wire"])
def test_a_body_is_never_touched_whatever_its_line_ends(posted: Path, end: bytes) -> None:
    body = b"a\r\n\r\nb\n\nc"
    posted.write_bytes(end.join([b"POST /x HTTP/1.1", b"Host: a", b"", body]))
    assert captured_request(posted) == Request(b"POST", b"/x", ((b"Host", b"a"),), body)
