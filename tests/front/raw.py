"""A client that sends exactly the bytes it is given."""

from __future__ import annotations

import socket


def raw_exchange(port: int, sent: bytes) -> bytes:
    """All that comes back after `sent` and the end of it."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer
