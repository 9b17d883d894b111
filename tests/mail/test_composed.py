"""What the gateway mails: notifications that machines read (RFC 3464), and recipients' replies in their thread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.mail.dsn import SENDER, Fate, Told, compose_dsn
from gateway.mail.model import Envelope
from gateway.mail.reply import Replied, compose_reply
from tests.mail.values import ANN, STAMP, parsed

ORIGINAL = (
    "Received: from a by b\r\nFrom: Änn <ann@example.com>\r\nSubject: Secret plan\r\n\r\nMeet me at noon.\r\n".encode()
)
ENVELOPE = Envelope("ann@example.com", (ANN,))
REFUSED = Told(ANN, Fate.FAILED, "5.7.1", "they opted out on 1 June", "gateway/opted-out")
WAITS = Told(
    '"0155 50100"@sms.example.com', Fate.DELAYED, "4.4.7", "the carrier is away", until=datetime(2026, 6, 2, tzinfo=UTC)
)
REPLY = Replied(
    "+12125550100", "Yes 👍", "ann@example.com", "sms.example.com", "Keys", "<b@x>", ("<a@x>",), "They opted out."
)


def test_a_notification_can_be_read_by_machines():
    report = parsed(compose_dsn([REFUSED, WAITS], ORIGINAL, ENVELOPE, STAMP))
    assert report.get_content_type() == "multipart/report"
    assert report["Content-Type"].params["report-type"] == "delivery-status"
    assert (report["To"], report["Auto-Submitted"], SENDER) == ("ann@example.com", "auto-replied", "")
    machines = list(report.iter_parts())[1]
    assert machines.get_content_type() == "message/delivery-status"
    whole, first, second = machines.get_payload()
    assert whole["Reporting-MTA"] == "dns; sms.example.com"
    assert dict(first.items()) == {
        "Final-Recipient": "rfc822; 12125550100@sms.example.com",
        "Action": "failed",
        "Status": "5.7.1",
        "Diagnostic-Code": "smtp; 550 5.7.1 they opted out on 1 June (gateway/opted-out)",
    }
    assert (second["Action"], second["Status"]) == ("delayed", "4.4.7")
    assert second["Final-Recipient"] == 'rfc822; "0155 50100"@sms.example.com'
    assert second["Will-Retry-Until"] == "Tue, 02 Jun 2026 00:00:00 +0000"


def test_a_notification_tells_people_the_reason_and_the_rule():
    people = next(iter(parsed(compose_dsn([REFUSED, WAITS], ORIGINAL, ENVELOPE, STAMP)).iter_parts())).get_content()
    assert "Your text to 12125550100@sms.example.com was not sent." in people
    assert "they opted out on 1 June" in people
    assert "Rule: gateway/opted-out" in people
    assert "It will be tried until 2026-06-02 00:00 UTC." in people


def test_a_notification_has_the_fields_of_the_mail_and_not_its_text():
    composed = compose_dsn([REFUSED], ORIGINAL, ENVELOPE, STAMP)
    original = list(parsed(composed).iter_parts())[2]
    assert original.get_content_type() == "text/rfc822-headers"
    assert "Subject: Secret plan" in original.get_content()
    assert b"noon" not in composed


def test_a_delay_alone_is_not_called_a_failure():
    assert parsed(compose_dsn([WAITS], ORIGINAL, ENVELOPE, STAMP))["Subject"] == "Your text is delayed"
    assert parsed(compose_dsn([WAITS, REFUSED], ORIGINAL, ENVELOPE, STAMP))["Subject"] == "Your text was not sent"


def test_an_address_that_is_not_ascii_is_written_as_rfc_6533_says():
    told = Told("jörg@sms.example.com", Fate.FAILED, "5.1.3", "no number")
    first = list(parsed(compose_dsn([told], ORIGINAL, ENVELOPE, STAMP)).iter_parts())[1].get_payload()[1]
    assert first["Final-Recipient"] == "utf-8; j\\x{F6}rg@sms.example.com"


def test_a_reply_comes_in_the_thread_of_the_mail():
    reply = parsed(compose_reply(REPLY, STAMP))
    assert (reply["From"].addresses[0].addr_spec, reply["To"]) == ("12125550100@sms.example.com", "ann@example.com")
    assert (reply["Subject"], reply["In-Reply-To"], reply["References"]) == ("Re: Keys", "<b@x>", "<a@x> <b@x>")
    assert reply.get_content().splitlines() == ["Yes 👍", "", "[They opted out.]"]


def test_a_reply_to_a_mail_that_is_not_known_any_more_still_comes():
    reply = parsed(compose_reply(Replied("+12125550100", "Hi", "ann@example.com", "sms.example.com"), STAMP))
    assert (reply["Subject"], reply["In-Reply-To"]) == ("Text from +12125550100", None)
    assert reply.get_content().splitlines() == ["Hi"]


@pytest.mark.parametrize("composed", [compose_dsn([REFUSED], ORIGINAL, ENVELOPE, STAMP), compose_reply(REPLY, STAMP)])
def test_every_mail_server_takes_what_we_compose(composed):
    assert composed.isascii()
    assert b"\n" not in composed.replace(b"\r\n", b"")
    assert max(map(len, composed.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("evil", ["x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com", "x\rBcc: eve@example.com"])
def test_no_value_breaks_out_of_its_field(evil):
    reply = parsed(
        compose_reply(Replied("+12125550100", "Hi", "ann@example.com", "sms.example.com", evil, evil), STAMP)
    )
    report = parsed(compose_dsn([Told(evil, Fate.FAILED, "5.7.1", evil, evil)], ORIGINAL, ENVELOPE, STAMP))
    assert reply["Bcc"] is None
    assert report["Bcc"] is None
    assert all(part["Bcc"] is None for part in list(report.iter_parts())[1].get_payload())
