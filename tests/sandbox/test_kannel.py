"""Kannel's sendsms as its clients speak it, each capture replayed to the byte."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.sandbox.carrier import Carrier

CAPTURES = Path(__file__).parents[1] / "captures"
GSM = "Hi Ada, your appointment is confirmed for 10:30 tomorrow. Cost @ £5 = {ok}. Reply STOP to opt out"
UNICODE = "Bonjour Zoë 👋 votre rendez-vous est confirmé – à bientôt! 你好"
ADA, UK, FRANCE = "+12025550123", "+447700900123", "+33639980001"

TAKEN = [
    ("gsm", [ADA], GSM),
    ("gsm-plus-number", [ADA], GSM),
    ("curl", [ADA], GSM),
    ("multi", [ADA, UK, FRANCE], GSM),
    ("latin1", [FRANCE], "Votre rendez-vous est confirmé à 10h30. STOP pour se désinscrire"),
    ("windows1252", [FRANCE], "Coût: 5 € – à payer"),
    ("unicode-utf8", [ADA], UNICODE),
    ("unicode-ucs2", [ADA], UNICODE),
    ("binary-udh", [ADA], "243a00"),
    ("post-text", [ADA], GSM),
    ("post-xml", [ADA, UK], "Hi Ada, your appointment is confirmed"),
    ("user-pass-aliases", [ADA], "Hello world"),
]


async def answered(port: int, request: bytes) -> tuple[int, str]:
    """Status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.replace(b"keep-alive", b"close", 1) if b"Connection" in request else _closing(request))
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def _closing(request: bytes) -> bytes:
    return request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def get(query: str) -> bytes:
    return f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nHost: carrier\r\n\r\n".encode()


@pytest.mark.parametrize(("capture", "recipients", "text"), TAKEN)
async def test_a_captured_request_is_taken(
    port: int, carrier: Carrier, capture: str, recipients: list[str], text: str
) -> None:
    request = (CAPTURES / f"kannel-{capture}.http").read_bytes()
    assert await answered(port, request) == (202, "0: Accepted for delivery")
    assert [(message.to, message.text) for message in carrier.messages] == [(to, text) for to in recipients]
    assert [message.status for message in carrier.messages] == ["delivered"] * len(recipients)


@pytest.mark.parametrize(
    ("situation", "query", "status", "told"),
    [
        ("no password", "username=u&to=12025550123&from=1&text=x", 403, "Authorization failed for sendsms"),
        ("no recipient", "username=u&password=p&from=1&text=x", 400, "Missing receiver number, rejected"),
        ("an empty recipient", "username=u&password=p&to=+&from=1&text=x", 400, "Empty receiver number not allowed"),
        ("no number", "username=u&password=p&to=Ada&from=1&text=x", 400, "Receiver number field misformed"),
        ("no sender", "username=u&password=p&to=12025550123&text=x", 400, "Sender missing and no global set"),
        ("no such charset", "username=u&password=p&to=12025550123&from=1&text=x&charset=klingon", 400, "Charset"),
        ("not of its charset", "username=u&password=p&to=12025550123&from=1&text=%E9", 400, "Charset"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    port: int, carrier: Carrier, situation: str, query: str, status: int, told: str
) -> None:
    answer = await answered(port, get(query))
    assert answer[0] == status
    assert answer[1].startswith(told)
    assert carrier.messages == []


async def test_the_first_of_a_repeated_parameter_counts(port: int, carrier: Carrier) -> None:
    await answered(port, get("username=u&password=p&from=1&text=first&text=second&to=12025550123&to=12025550124"))
    assert [(message.to, message.text) for message in carrier.messages] == [(ADA, "first")]


async def test_broken_xml_is_refused(port: int) -> None:
    body = b"<message><submit>"
    head = f"POST /cgi-bin/sendsms HTTP/1.1\r\nHost: c\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    assert await answered(port, head.encode() + body) == (400, "XML parsing failed, rejected")
