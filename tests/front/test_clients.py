"""Who may send: clients with a token of theirs or a certificate, on the proxy's address or an upstream's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from gateway.doors.tokens import minted
from tests import captures
from tests.certificates import for_localhost
from tests.front.carriers import Peer
from tests.front.house import House

CRM, CRM_HASH = minted("crm")
SLOW, SLOW_HASH = minted("slow")
OPEN = "/v2/messages/templates"
TELNYX = captures.request("telnyx-gsm")
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer KEY"}


class Site:
    """A gateway with clients, before a carrier; one of its upstreams has a listener of its own."""

    def __init__(self, folder: Path) -> None:
        self.ours, self.theirs = (for_localhost(folder / name) for name in ("ours.pem", "theirs.pem"))
        self.carrier = Peer(self.ours)
        self.carrier.start()
        self.house = House(folder, "sqlite", "http://unused.example", env={"SSL_CERT_FILE": str(self.ours)})
        path = self.house.write_config()
        written = yaml.safe_load(path.read_text())
        written["listen"]["tls"] = {"certificate": str(self.ours), "key": str(self.ours), "client_ca": str(self.theirs)}
        telnyx = {"dialect": "telnyx", "url": self.carrier.url}
        written["upstreams"] = [
            telnyx | {"name": "telnyx", "prefix": "/telnyx", "pass": f"POST {OPEN}"},
            telnyx | {"name": "own", "listen": "localhost:0"},
        ]
        written["clients"] = [{"name": "crm", "hash": CRM_HASH}, {"name": "slow", "hash": SLOW_HASH, "rate": 0.001}]
        written["classify"] = [{"when": {"client": "crm"}, "program": "club", "category": "otp"}]
        path.write_text(yaml.safe_dump(written))
        self.house.start()

    def posts(self, path: str, token: str = "", port: int = 0, **more: Any) -> requests.Response:
        shown = more.pop("headers", {}) | ({"X-Gateway-Token": token} if token else {})
        asked = {"cert": str(self.theirs), "verify": str(self.ours), "timeout": 10, **more}
        url = f"https://localhost:{self.house.ports[port]}{path}"
        return requests.post(url, TELNYX.body, headers=HEADERS | shown, **asked)

    def counted(self, metric: str) -> list[str]:
        lines = requests.get(f"{self.house.admin}/metrics", timeout=10).text.splitlines()
        return [line for line in lines if line.startswith(metric)]

    def stop(self) -> None:
        self.house.stop()
        self.carrier.stop()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("clients"))
    yield site
    site.stop()


@pytest.fixture
def site(started: Site) -> Site:
    started.carrier.received.clear()
    return started


@pytest.mark.parametrize(
    ("situation", "path", "token", "port"),
    [
        ("in a header", "/telnyx/v2/messages", "CRM", 0),
        ("in front of the path", "/t/CRM/telnyx/v2/messages", "", 0),
        ("at the address of one upstream", "/v2/messages", "CRM", 3),
    ],
)
def test_a_client_sends_with_its_token_which_nobody_else_sees(site, situation, path, token, port):
    answer = site.posts(path.replace("CRM", CRM), token.replace("CRM", CRM), port)
    assert answer.status_code == 200
    [received] = site.carrier.received
    assert (received.target, received.body) == (b"/v2/messages", TELNYX.body)
    assert received.header(b"x-gateway-token") is None
    assert CRM.encode() not in repr(received).encode()


def test_what_is_no_send_needs_the_token_too_and_loses_it(site):
    assert site.posts("/telnyx/v2/number_orders?x=1", CRM).status_code == 200
    [received] = site.carrier.received
    assert received.target == b"/v2/number_orders?x=1"
    assert received.header(b"x-gateway-token") is None
    assert site.posts("/telnyx/v2/number_orders").status_code == 400
    assert len(site.carrier.received) == 1


@pytest.mark.parametrize(
    ("situation", "path", "token", "cause"),
    [
        ("none", "/telnyx/v2/messages", "", "no token"),
        ("one that nobody has", "/telnyx/v2/messages", "CRMx", "wrong token"),
        ("that of nobody", "/telnyx/v2/messages", "nobody~secret", "wrong token"),
        ("two", "/t/CRM/telnyx/v2/messages", "CRM", "several tokens"),
    ],
)
def test_without_a_good_token_nothing_leaves_and_the_carriers_own_error_says_so(site, situation, path, token, cause):
    answer = site.posts(path.replace("CRM", CRM), token.replace("CRM", CRM))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "10015")
    assert "token" in answer.json()["errors"][0]["detail"]
    assert site.carrier.received == []
    assert site.counted(f'smsgate_not_let_in_total{{cause="{cause}"}}')


def test_a_header_that_anybody_can_write_says_nothing_of_who_sends(site):
    forwarded = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    assert site.posts("/telnyx/v2/messages", headers=forwarded).status_code == 400
    assert site.carrier.received == []


def test_a_client_that_sends_faster_than_it_may_is_asked_to_try_again(site):
    answers = [site.posts("/telnyx/v2/messages", SLOW) for _ in range(2)]
    assert answers[-1].status_code == 503
    assert "slow" in answers[-1].json()["errors"][0]["detail"]
    assert len(site.carrier.received) <= 1


def test_who_has_no_certificate_is_not_served(site):
    with pytest.raises(requests.exceptions.ConnectionError):
        site.posts("/telnyx/v2/messages", CRM, cert=None)
    with pytest.raises(requests.exceptions.ConnectionError):  # one of another signer's
        site.posts("/telnyx/v2/messages", CRM, cert=str(site.ours))
    assert site.carrier.received == []


def test_a_path_below_messages_is_refused_but_for_the_one_that_was_named(site):
    assert site.posts("/telnyx/v2/messages/bulk", CRM).status_code == 400
    assert site.carrier.received == []
    assert site.posts(f"/telnyx{OPEN}", CRM).status_code == 200
    assert [each.body for each in site.carrier.received] == [TELNYX.body]
    assert site.counted('smsgate_let_through_total{upstream="telnyx"}')
    for disguised in (f"{OPEN}/", OPEN.upper(), f"/{OPEN}"):
        assert site.posts(f"/telnyx{disguised}", CRM).status_code == 400
    assert len(site.carrier.received) == 1


def test_the_record_names_the_client_and_holds_no_token(site):
    site.posts("/telnyx/v2/messages", CRM)
    text = "".join(map(repr, site.house.audited()))
    assert '"category": "otp"' in text or "'category': 'otp'" in text
    assert CRM not in text
    assert CRM_HASH not in text
