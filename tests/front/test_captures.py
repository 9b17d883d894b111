"""Every captured request through the running gateway: the carrier gets the capture, but for the text and its length."""

from __future__ import annotations

import socket

import pytest

from gateway.words.wire import Request
from tests import captures
from tests.front.house import House
from tests.front.raw import asked, end_to_end
from tests.front.world import World

INSTRUCTION = b"+Reply+STOP+to+opt+out"

# Sends that go on unchanged: they hold an instruction, or no text that could be changed.
UNCHANGED = ["twilio-api-key-auth", "twilio-gsm", "twilio-media", "twilio-messaging-service", "twilio-status-callback"]
NO_SENDS = ["twilio-fetch", "twilio-cancel-scheduled"]


def exchanged(house: House, request: Request) -> bytes:
    """The request's own bytes to the gateway, and what it answers until it closes."""
    with socket.create_connection(("127.0.0.1", house.ports[0]), 10) as connection:
        return asked(connection, request, request.target)


@pytest.mark.parametrize("name", [*UNCHANGED, *NO_SENDS])
def test_what_needs_no_change_reaches_the_carrier_byte_for_byte(house: House, world: World, name: str) -> None:
    captured = captures.request(name)
    exchanged(house, captured)
    [received] = world.carrier.requests
    assert (received.method, received.target, received.body) == (captured.method, captured.target, captured.body)
    assert end_to_end(received.headers) == end_to_end(captured.headers)


def test_a_text_without_an_instruction_differs_in_that_and_in_its_length(house: House, world: World) -> None:
    captured = captures.request("twilio-gsm")
    body = captured.body.replace(b".+Reply+STOP+to+opt+out", b"")
    length = b"%d" % len(body)
    headers = tuple((n, length if n == b"Content-Length" else v) for n, v in captured.headers)
    exchanged(house, Request(captured.method, captured.target, headers, body))
    [received] = world.carrier.requests
    assert received.body == body + INSTRUCTION
    differing = [new for new, old in zip(end_to_end(received.headers), end_to_end(headers), strict=True) if new != old]
    assert differing == [(b"Content-Length", b"%d" % len(received.body))]


def test_the_answer_to_what_is_no_send_comes_back_byte_for_byte(house: House, world: World) -> None:
    captured = captures.request("twilio-fetch")
    through = exchanged(house, captured)
    direct_house = House(house.folder, "", "", ports=[int(world.url.rpartition(":")[2])])
    direct = exchanged(direct_house, captured)

    def comparable(answer: bytes) -> list[bytes]:
        return [line for line in answer.split(b"\r\n") if not line.lower().startswith((b"date:", b"connection:"))]

    assert comparable(through) == comparable(direct)
