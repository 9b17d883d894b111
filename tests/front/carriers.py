"""A gateway before carriers that answer with captures, and a legacy system that keeps what it is told.

All speak TLS, as some SDKs can do nothing else; whoever sets SSL_CERT_FILE and REQUESTS_CA_BUNDLE to `certificate`
trusts them.
"""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import requests
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.words.wire import Request, Response
from tests import captures
from tests.certificates import for_localhost
from tests.front.house import NOON, PUBLIC_URL, House

TOKEN, LEGACY_TOKEN = "test-token-of-at-least-32-bytes..", "legacy-token-of-at-least-32-bytes"
SIGNATURE_SECRET = "test-signature-secret"
ACCESS_KEY_ID, ACCESS_KEY = "AKIDEXAMPLE", b64encode(b"an access key of thirty-two bytes").decode()
CALLER, LEGACY_CALLER = "cb-user:cb-test-token", "legacy-user:legacy-token"  # of carriers that sign nothing
TAKEN = range(200, 300)
NOW = datetime.fromisoformat(NOON)

TELNYX_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"telnyx-test-seed").digest())
LEGACY_KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"a key of the site's own").digest())

# The carrier's answer to a call whose path ends so.
ANSWERS = {
    "/v2/messages": "telnyx-gsm",
    "/v2/messages/group_mms": "telnyx-group-mms",
    "/Message/": "plivo-multi",
    "/sms/json": "vonage-sms-gsm",
    "/v1/messages": "vonage-messages-gsm",
    "/sns/": "sns-gsm",
    "/sms-voice/": "aws-eum-sendtextmessage",
    "/sms": "acs-multi",
    "/v3/sms/send": "clicksend-gsm",
    "/api/v2/users/9900000/messages": "bandwidth-gsm",
    "/v1/message": "clickatell-one-gsm",
    "/messages/http/send": "clickatell-platform-http-get",
    "/http/sendmsg": "clickatell-legacy-http-get",
    "/secure/send": "jasmin-rest-send",
    "/secure/sendbatch": "jasmin-rest-sendbatch",
    "/send": "jasmin-gsm",
    "/sms/2/text/advanced": "infobip-v2-gsm",
    "/sms/2/binary/advanced": "infobip-v2-binary",
    "/sms/3/messages": "infobip-v3-gsm",
    "/batches": "sinch-gsm",
    "/mms": "messagebird-mms",
    "/messages": "messagebird-gsm",  # the last: others end so too
}


def public_part(key: Ed25519PrivateKey) -> str:
    return b64encode(key.public_key().public_bytes_raw()).decode()


class Peer(ThreadingHTTPServer):
    """A server that keeps what it was sent. Captures answer where there are some; all else is a JSON object."""

    def __init__(self, certificate: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[Request] = []
        self.answers: dict[str, Response] = {}  # of a test's own, by path
        trust = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trust.load_cert_chain(certificate)
        self.socket = trust.wrap_socket(self.socket, server_side=True)
        self.address = f"localhost:{self.server_address[1]}"
        self.url = f"https://{self.address}"

    def start(self) -> None:
        Thread(target=self.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = tuple((name.encode(), value.encode("latin-1")) for name, value in self.headers.items())
        self.server.received.append(Request(self.command.encode(), self.path.encode(), headers, body))
        path = self.path.partition("?")[0]
        self._answer(self.server.answers.get(path) or _answer_to(self.command, path))

    do_GET = do_POST  # noqa: N815 the server asks for this name

    def _answer(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            if name != b"Connection":
                self.send_header(name.decode(), value.decode())
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


def _json(value: object) -> Response:
    body = json.dumps(value).encode()
    return Response(200, ((b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))), body)


NO_SEND = _json({"data": {"id": "x", "text": "5 é"}, "message_uuid": "x", "api_id": "y", "value": 1.5})


def _answer_to(method: str, path: str) -> Response:
    name = next((name for end, name in ANSWERS.items() if path.endswith(end)), "")
    if name:
        return captures.response(name)
    return _json({}) if method == "POST" else NO_SEND


@dataclass
class Carriers:
    """`carrier` is all of them, each below its own prefix at the gateway."""

    folder: Path
    at: str = NOON
    deferred: str = "refuse"
    certificate: Path = field(init=False)
    carrier: Peer = field(init=False)
    legacy: Peer = field(init=False)
    house: House = field(init=False)

    def start(self) -> None:
        self.certificate = for_localhost(self.folder / "localhost.pem")
        self.carrier, self.legacy = Peer(self.certificate), Peer(self.certificate)
        self.carrier.start()
        self.legacy.start()
        self.house = House(self.folder, "sqlite", "http://unused.example", at=self.at)
        self.house.env = {"SSL_CERT_FILE": str(self.certificate)}
        self._configure(self.house.write_config())
        self.house.start()

    def stop(self) -> None:
        self.house.stop()
        self.carrier.stop()
        self.legacy.stop()

    def forget(self) -> None:
        self.carrier.received.clear()
        self.carrier.answers.clear()
        self.legacy.received.clear()

    @property
    def gateway(self) -> str:
        """Host and port."""
        return f"localhost:{self.house.ports[0]}"

    def sent(self) -> Request:
        """The one request that reached the carrier."""
        [request] = self.carrier.received
        return request

    def told(self) -> Request:
        """The one call that the legacy system got."""
        [request] = self.legacy.received
        return request

    def called(self, webhook: Request) -> int:
        """The status that a carrier gets for its call."""
        url = f"{self.house.public}{webhook.target.decode()}"
        headers = {name.decode(): value.decode() for name, value in webhook.headers}
        return requests.request(
            webhook.method.decode(), url, headers=headers, data=webhook.body, timeout=10
        ).status_code

    def _configure(self, path: Path) -> None:
        written = yaml.safe_load(path.read_text())
        written["listen"]["tls"] = {"certificate": str(self.certificate), "key": str(self.certificate)}
        private = b64encode(LEGACY_KEY.private_bytes_raw()).decode()
        written["upstreams"] = [
            self._upstream("telnyx", public_part(TELNYX_KEY), private),
            self._upstream("plivo", TOKEN, LEGACY_TOKEN),
            self._upstream("vonage", TOKEN, LEGACY_TOKEN)
            | {"signature_secret": self._secret("signature", SIGNATURE_SECRET)},
            self._amazon("sns"),
            self._amazon("sms-voice"),
            # Azure's SDK takes no path: whatever no prefix takes is Azure's.
            self._upstream("azure", TOKEN, LEGACY_TOKEN)
            | {"prefix": "", "credentials": {"user": "acs", "secret": self._secret("azure-key", ACCESS_KEY)}},
            self._upstream("infobip", CALLER, LEGACY_CALLER),
            self._upstream("sinch", TOKEN, LEGACY_TOKEN),
            self._upstream("messagebird", TOKEN, LEGACY_TOKEN),
            self._upstream("clicksend", CALLER, LEGACY_CALLER),
            self._upstream("bandwidth", CALLER, LEGACY_CALLER),
            self._upstream("clickatell", CALLER, LEGACY_CALLER),
            self._upstream("jasmin", CALLER, LEGACY_CALLER),
            self._upstream("kannel", CALLER, LEGACY_CALLER),
        ]
        path.write_text(yaml.safe_dump(written))

    def _amazon(self, service: str) -> dict[str, object]:
        """Its carrier's URL has a path of its own, too."""
        credentials = {"user": ACCESS_KEY_ID, "secret": self._secret("aws-key", ACCESS_KEY)}
        return self._upstream(service, TOKEN, LEGACY_TOKEN) | {
            "dialect": "aws",
            "url": f"{self.carrier.url}/{service}",
            "scope": f"us-east-1/{service}",
            "credentials": credentials,
        }

    def _upstream(self, name: str, token: str, legacy_token: str) -> dict[str, object]:
        webhook = {
            "path": f"/in/{name}",
            "public_url": PUBLIC_URL,
            "auth_token": self._secret(f"{name}-token", token),
            "legacy_url": f"{self.legacy.url}/legacy/{name}",
            "legacy_auth_token": self._secret(f"{name}-legacy", legacy_token),
        }
        return {
            "name": name,
            "dialect": name,
            "prefix": f"/{name}",
            "url": self.carrier.url,
            "deferred": self.deferred,
            "webhook": webhook,
        }

    def _secret(self, name: str, value: str) -> dict[str, str]:
        (self.folder / name).write_text(value)
        return {"file": str(self.folder / name)}


@contextmanager
def running(folder: Path) -> Iterator[Carriers]:
    carriers = Carriers(folder)
    carriers.start()
    yield carriers
    carriers.stop()
