"""A client that sends exactly the bytes it is given."""

from __future__ import annotations

import socket

from gateway.words.wire import Headers, Request


def raw_exchange(port: int, sent: bytes) -> bytes:
    """All that comes back after `sent` and the end of it."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return all_of(connection)


def asked(connection: socket.socket, request: Request, target: bytes) -> bytes:
    """The request's own bytes, to this target, and what comes back until the connection is closed."""
    lines = b"".join(b"%b: %b\r\n" % pair for pair in request.headers if pair[0].lower() != b"connection")
    head = b"%b %b HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (request.method, target, lines)
    connection.sendall(head + request.body)
    return all_of(connection)


def all_of(connection: socket.socket) -> bytes:
    answer = b""
    while part := connection.recv(65_536):
        answer += part
    return answer


def end_to_end(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Without the fields that every hop writes anew."""
    return [(name, value) for name, value in headers if name.lower() not in {b"host", b"connection"}]
