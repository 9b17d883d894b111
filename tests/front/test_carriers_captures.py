"""Every captured request of these carriers through the running gateway, byte for byte where nothing needs changing."""

from __future__ import annotations

import re
import socket
import ssl

import pytest

from gateway.dialects import dialect_named
from gateway.dialects.heads import with_body
from gateway.words.wire import Request
from tests import captures
from tests.front.carriers import Carriers
from tests.front.raw import asked, end_to_end

INSTRUCTIONS = {" Reply STOP to opt out", " STOP=end"}
UNSIGNED = ("clicksend", "bandwidth", "clickatell", "jasmin")
CAPTURED = [
    name
    for dialect in ("telnyx", "plivo", "vonage", "infobip", "sinch", "messagebird", *UNSIGNED)
    for name in captures.names(f"{dialect}-*")
    if not name.endswith(".response")
]
# To people who agreed to nothing, at an hour that is not allowed, from a sender that the country's carriers refuse.
REFUSED = [
    "telnyx-schedule-endpoint",
    "telnyx-scheduled",
    "vonage-messages-failover",  # its first step is of a channel whose texts are not read
    "vonage-sms-unicode",
    "vonage-v3sdk-sms-unicode",
    "infobip-v2-scheduled",
    "infobip-v3-scheduled",
    "sinch-scheduled",
    "messagebird-scheduled",
    "clicksend-scheduled",
    "jasmin-unicode-content",
    "infobip-v2-binary",  # marketing that nobody can read
    "infobip-v3-binary",
    "messagebird-binary",
    "sinch-binary",
]
UNREADABLE = ["clicksend-list"]  # whom it goes to is kept at the carrier
# Of refusals, where it is not 400.
STATUSES = {"vonage": 200, "vonage-messages-failover": 422, "infobip": 200, "messagebird": 422, "jasmin": 412}
SECOND_MESSAGE = rb', \{[^{]*\{"to": "33639980001"\}\].*\}(?=\])'
PARTLY = {
    "plivo-multi": rb"<\+33639980001",
    "telnyx-group-mms": rb',"\+12025550124"',
    "infobip-v2-multi": SECOND_MESSAGE,
    "infobip-v3-multi": SECOND_MESSAGE,
    "sinch-multi": rb', "\+33639980001"',
    "messagebird-multi": rb",33639980001",
    "bandwidth-multi": rb', "\+12025550124"',
    "clicksend-multi": rb', \{"body": "Bonjour [^}]*\}',
    "jasmin-rest-sendbatch": rb', \{"to": "33639980001"[^}]*\}',
}
LACKING = [
    "telnyx-unicode",
    "telnyx-v2sdk-unicode",
    "plivo-unicode",
    "vonage-messages-unicode",
    "infobip-v2-transliteration",
    "infobip-v2-unicode",
    "infobip-v3-unicode",
    "sinch-parameterized",
    "sinch-unicode",
    "messagebird-unicode",
    "clicksend-unicode",
    "bandwidth-unicode",
    "clickatell-platform-multi",
    "jasmin-unicode-hex",
]
UNCHANGED = sorted({*CAPTURED} - {*REFUSED, *UNREADABLE, *PARTLY, *LACKING, "vonage-v3sdk-sms-signed-sha256"})


def captured_as(name: str) -> Request:
    """The captured request; of some SDKs, with a number for the name that it is from, which nobody in the US takes."""
    captured = captures.request(name)
    body = captured.body.replace(b'"AcmeEnergy"', b'"12025550100"')
    return captured if name.startswith("vonage") or body == captured.body else with_body(captured, body)


def exchanged(carriers: Carriers, request: Request, prefix: str) -> bytes:
    """The request's own bytes to the gateway, below its upstream's prefix, and what it answers until it closes."""
    trust = ssl.create_default_context(cafile=str(carriers.certificate))
    with (
        socket.create_connection(("127.0.0.1", carriers.house.ports[0]), 10) as connection,
        trust.wrap_socket(connection, server_hostname="localhost") as secured,
    ):
        return asked(secured, request, f"/{prefix}".encode() + request.target)


@pytest.mark.parametrize("name", UNCHANGED)
def test_what_needs_no_change_reaches_the_carrier_byte_for_byte(carriers: Carriers, name: str) -> None:
    captured = captured_as(name)
    answer = exchanged(carriers, captured, name.partition("-")[0])
    received = carriers.sent()
    assert (received.method, received.target, received.body) == (captured.method, captured.target, captured.body)
    assert end_to_end(received.headers) == end_to_end(captured.headers)
    assert answer.startswith(b"HTTP/1.1 20")


@pytest.mark.parametrize("name", [*LACKING, "vonage-v3sdk-sms-signed-sha256"])
def test_a_text_without_an_instruction_gets_one_at_its_end(carriers: Carriers, name: str) -> None:
    captured, carrier = captured_as(name), name.partition("-")[0]
    exchanged(carriers, captured, carrier)
    received = carriers.sent()
    before, after = (dialect_named(carrier).read(each) for each in (captured, received))
    assert before
    assert after
    assert (after.drafts[0].text or "").removeprefix(before.drafts[0].text or "") in INSTRUCTIONS
    assert received.header(b"content-length") in {str(len(received.body)).encode(), None}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_leave_is_refused_and_the_carrier_never_sees_it(carriers: Carriers, name: str) -> None:
    answer = exchanged(carriers, captured_as(name), name.partition("-")[0])
    status = STATUSES.get(name) or STATUSES.get(name.partition("-")[0], 400)
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"X-Gateway-Decision: block" in answer or b"X-Gateway-Decision: defer" in answer
    assert carriers.carrier.received == []


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_can_not_be_read_as_a_send_is_refused_too(carriers: Carriers, name: str) -> None:
    answer = exchanged(carriers, captures.request(name), name.partition("-")[0])
    assert answer.startswith(b"HTTP/1.1 400")
    assert carriers.carrier.received == []


@pytest.mark.parametrize("name", PARTLY)
def test_of_several_recipients_those_who_agreed_get_theirs(carriers: Carriers, name: str) -> None:
    captured = captured_as(name)
    exchanged(carriers, captured, name.partition("-")[0])
    assert carriers.sent().body == re.sub(PARTLY[name], b"", captured.body)
