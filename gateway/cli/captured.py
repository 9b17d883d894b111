"""A captured HTTP message in a file, as `tcpdump` or a proxy's log has it: with CRLF or plain line ends."""

from __future__ import annotations

from pathlib import Path

from gateway.words.errors import GatewayError
from gateway.words.wire import Headers, Request, Response


class NotCaptured(GatewayError):
    """A file holds no HTTP message."""


def captured_request(path: Path) -> Request:
    """Raises NotCaptured, with line and what was expected there."""
    first, headers, body = _parts(path)
    match first.split(b" "):
        case method, target, version if version.startswith(b"HTTP/"):
            return Request(method, target, headers, body)
    raise NotCaptured(f"{path}:1: this is no request line; begin with one such as `POST /messages HTTP/1.1`")


def captured_response(path: Path) -> Response:
    """Raises NotCaptured."""
    first, headers, body = _parts(path)
    match first.split(b" ", 2):
        case version, status, *reason if version.startswith(b"HTTP/") and status.isdigit():
            return Response(int(status), headers, body, b"".join(reason))
    raise NotCaptured(f"{path}:1: this is no status line; begin with one such as `HTTP/1.1 200 OK`")


def _parts(path: Path) -> tuple[bytes, Headers, bytes]:
    """The first line, the fields, and the body byte for byte."""
    raw = path.read_bytes()
    end = b"\r\n" if b"\r\n" in raw.partition(b"\n\n")[0] else b"\n"
    head, _, body = raw.partition(end * 2)
    first, *lines = head.split(end)
    fields = []
    for number, line in enumerate(lines, 2):
        name, colon, value = line.partition(b":")
        if not colon or not name.strip():
            raise NotCaptured(f"{path}:{number}: this is no header field; write `Name: value`, then an empty line")
        fields.append((name, value.strip()))
    return first, tuple(fields), body
