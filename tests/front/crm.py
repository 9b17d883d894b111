"""Somebody else's system that is told of events: it believes what `standardwebhooks` verifies, and may be down."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


class Crm:
    """`told` holds what it has taken, in order; `tries` the id of each call."""

    def __init__(self, secret: str) -> None:
        self.status = 200
        self.tries: list[str] = []
        self.told: list[dict[str, Any]] = []
        self.signatures: list[str] = []
        webhook, crm = Webhook(secret), self

        class Called(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = webhook.verify(body, dict(self.headers))
                crm.tries.append(self.headers["webhook-id"])
                if crm.status == 200:
                    crm.told.append(event)
                    crm.signatures.append(self.headers["webhook-signature"])
                self.send_response(crm.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Not on the tests' output."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Called)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def of(self, number: str) -> list[dict[str, Any]]:
        return [each for each in self.told if each["data"]["number"] == number]
