"""Requests as carriers' own SDKs put them on the wire, answers to give them, and webhooks as carriers send them.

`load("twilio-gsm")` is a Request, `load("twilio-gsm.response")` a Response; to a type checker, `request` and `response`
say the same: `request("webhooks/twilio-inbound-stop")`, `response("errors/twilio-auth")`.
The webhooks are signed with the auth token `test-token` for their own request line on `https://gateway.example.com`.
"""

from __future__ import annotations

from pathlib import Path

from gateway.words.wire import Headers, Request, Response

FOLDER = Path(__file__).parent


def names(pattern: str) -> list[str]:
    """The captures that match, as `load` takes them: `names("kannel-*")`, `names("webhooks/twilio-*")`."""
    found = (path.relative_to(FOLDER).as_posix() for path in FOLDER.glob(f"{pattern}.http"))
    return sorted(name.removesuffix(".http") for name in found)


def request(name: str) -> Request:
    first, headers, body = _parts(name)
    method, target, _version = first.split(b" ")
    return Request(method, target, headers, body)


def response(name: str) -> Response:
    first, headers, body = _parts(f"{name}.response")
    _version, status, reason = first.split(b" ", 2)
    return Response(int(status), headers, body, reason)


def load(name: str) -> Request | Response:
    return response(name.removesuffix(".response")) if name.endswith(".response") else request(name)


def _parts(name: str) -> tuple[bytes, Headers, bytes]:
    head, _, body = (FOLDER / f"{name}.http").read_bytes().partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = tuple((key, value) for key, _, value in (line.partition(b": ") for line in lines))
    return first, headers, body
