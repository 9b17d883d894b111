"""Services that text what they are mailed, and the site's own mail system: what their answers, and silence, mean."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from gateway.delivery.letter import Letter
from gateway.delivery.relay import Relay
from gateway.delivery.smarthost import Smarthost, Taken
from gateway.dialects.email.dialect import Email
from gateway.dialects.email.holding import STATUS
from gateway.numbering.senders import sender_of
from gateway.words.errors import UpstreamAway
from gateway.words.outcome import Verdict
from gateway.words.wire import Credentials
from tests.certificates import for_localhost

NOW = datetime(2026, 6, 10, 16, tzinfo=UTC)
US = Credentials("acme", "secret")
DIALECT = Email("sms.example.net", "alerts@hospital.example")
REQUEST = DIALECT.holding.compose("+12125550100", sender_of("+18335550100"), "Pump 3 ist heiß", US)
LETTER = Letter("", "ann@example.com", b"Subject: a\r\n\r\nHi\r\n", NOW)


class Service:
    """It answers as it is told to, and hangs up where it is told nothing."""

    def __init__(self, certificate: Path) -> None:
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.tls.load_cert_chain(certificate)
        self.rcpt: str | None = "250 2.1.5 OK"
        self.data: str | None = "250 2.0.0 OK"
        self.mails: list[bytes] = []
        self.connections = 0

    def protocol(self) -> SMTP:
        self.connections += 1
        return SMTP(self, tls_context=self.tls, authenticator=_known, hostname="localhost")

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, to: str, _: Any) -> str:  # noqa: N802
        envelope.rcpt_tos.append(to)
        return self._said(server, self.rcpt)

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        return self._said(server, self.data)

    @staticmethod
    def _said(server: SMTP, answer: str | None) -> str:
        if answer is None:
            assert server.transport
            server.transport.abort()
        return answer or ""


def _known(_: Any, __: Any, ___: Any, ____: str, given: Any) -> AuthResult:
    return AuthResult(success=given == (b"acme", b"secret"), handled=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return for_localhost(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture
async def service(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Service, int]]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    service = Service(certificate)
    server = await asyncio.get_running_loop().create_server(service.protocol, "localhost", 0)
    yield service, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def relay(service: tuple[Service, int]) -> AsyncIterator[Relay]:
    relay = Relay("localhost", service[1], US, "sms.example.com", lambda: NOW)
    yield relay
    await relay.close()


async def test_a_text_is_mailed_and_the_answer_is_the_services_own(relay: Relay, service: tuple[Service, int]):
    service[0].data = "250 2.6.0 queued as 4711"
    response = await relay.exchange(REQUEST)
    assert (response.status, response.header(STATUS), response.body) == (250, b"2.6.0", b"queued as 4711")
    assert DIALECT.verdict(response) is Verdict.ACCEPTED
    [mail] = service[0].mails
    assert b"To: 12125550100@sms.example.net\r\n" in mail
    assert b"X-Gateway-Trace: sms.example.com\r\n" in mail


async def test_its_connection_is_used_again_also_after_a_refusal(relay: Relay, service: tuple[Service, int]):
    service[0].rcpt = "550 5.1.1 no such number"
    response = await relay.exchange(REQUEST)
    assert (response.status, DIALECT.verdict(response)) == (550, Verdict.REFUSED)
    service[0].rcpt = "250 2.1.5 OK"
    assert (await relay.exchange(REQUEST)).status == 250
    assert service[0].connections == 1


def _before(service: Service) -> None:
    service.rcpt = None


def _after(service: Service) -> None:
    service.data = None


@pytest.mark.parametrize(
    ("situation", "spoil", "maybe_sent"),
    [("it hangs up before the text", _before, False), ("it hangs up over the text", _after, True)],
)
async def test_only_who_may_have_the_text_leaves_doubt(
    relay: Relay, service: tuple[Service, int], situation: str, spoil: Callable[[Service], None], maybe_sent: bool
):
    spoil(service[0])
    with pytest.raises(UpstreamAway) as away:
        await relay.exchange(REQUEST)
    assert away.value.maybe_sent is maybe_sent, situation


async def test_who_shows_a_certificate_that_nobody_signed_gets_neither_password_nor_text(
    relay: Relay, service: tuple[Service, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("SSL_CERT_FILE", str(for_localhost(tmp_path / "other.pem")))
    with pytest.raises(UpstreamAway) as away:
        await relay.exchange(REQUEST)
    assert (away.value.maybe_sent, service[0].mails) == (False, [])


async def test_whoever_is_slow_to_let_us_in_gets_nothing_that_was_reserved_too_long_ago(relay: Relay, service: Any):
    with pytest.raises(UpstreamAway) as away:
        await relay.exchange(REQUEST, start_within=0.0)
    assert (away.value.maybe_sent, service[0].mails) == (False, [])


@pytest.mark.parametrize(
    ("situation", "answer", "taken"),
    [
        ("it takes it", "250 2.0.0 OK", Taken(good=True, status=250)),
        ("not now", "451 4.3.0 not now", Taken(good=False, again=True, status=451)),
        ("never", "554 5.7.1 spam", Taken(good=False, again=False, status=554)),
        ("it hangs up", None, Taken(good=False, again=True)),
    ],
)
async def test_a_letter_is_taken_put_off_or_refused_for_good(
    service: tuple[Service, int], situation: str, answer: str | None, taken: Taken
):
    service[0].data = answer
    assert await Smarthost("localhost", service[1], "starttls", US).take(LETTER) == taken, situation


async def test_wrong_credentials_are_for_an_operator_to_mend_and_the_letter_waits(service: tuple[Service, int]):
    taken = await Smarthost("localhost", service[1], "starttls", Credentials("acme", "wrong")).take(LETTER)
    assert (taken.again, taken.status, service[0].mails) == (True, 535, [])


async def test_a_recipient_that_is_refused_for_good_ends_it(service: tuple[Service, int]):
    service[0].rcpt = "550 5.1.1 no such user"
    taken = await Smarthost("localhost", service[1], "none").take(LETTER)
    assert taken == Taken(good=False, again=False, status=550)


def test_a_letter_comes_out_of_the_outbox_as_it_went_in():
    assert Letter.read(LETTER.packed()) == LETTER
