"""The carrier misbehaves exactly as it is told, so that others can be tested against it."""

from __future__ import annotations

import asyncio

from gateway.sandbox.carrier import Carrier
from gateway.sandbox.faults import Held, cut_short, garbled, refusing, unanswered

BODY = b"To=%2B12125550100&From=%2B18335550100&Body=hi"
SEND = (
    b"POST /2010-04-01/Accounts/AC0/Messages.json HTTP/1.1\r\nHost: carrier\r\nAuthorization: Basic QQ==\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY
ANN = "+12125550100"


async def answered(port: int) -> bytes:
    """All that comes back until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(SEND)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_it_refuses_with_a_status(port: int, carrier: Carrier) -> None:
    carrier.fault = refusing(503, "<html>Service Unavailable</html>")
    answer = await answered(port)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.endswith(b"<html>Service Unavailable</html>")
    assert carrier.texts_to(ANN) == []


async def test_it_waits_until_it_is_released(port: int, carrier: Carrier) -> None:
    carrier.fault = held = Held()
    waiting = asyncio.create_task(answered(port))
    await asyncio.wait_for(held.arrived.wait(), 10)
    assert carrier.texts_to(ANN) == []
    held.released.set()
    assert (await waiting).startswith(b"HTTP/1.1 201 ")
    assert carrier.texts_to(ANN) == ["hi"]


async def test_it_hangs_up_before_it_has_read(port: int, carrier: Carrier) -> None:
    carrier.deaf = True
    assert await answered(port) == b""
    assert carrier.requests == []


async def test_it_takes_a_message_and_never_says_so(port: int, carrier: Carrier) -> None:
    carrier.spoil = unanswered
    assert await answered(port) == b""
    assert carrier.texts_to(ANN) == ["hi"]


async def test_it_takes_a_message_and_answers_nonsense(port: int, carrier: Carrier) -> None:
    carrier.spoil = garbled
    answer = await answered(port)
    assert answer
    assert not answer.startswith(b"HTTP/")
    assert carrier.texts_to(ANN) == ["hi"]


async def test_it_takes_a_message_and_breaks_off_its_answer(port: int, carrier: Carrier) -> None:
    carrier.spoil = cut_short
    head, _, body = (await answered(port)).partition(b"\r\n\r\n")
    length = next(int(line.split()[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    assert head.startswith(b"HTTP/1.1 201 ")
    assert 0 < len(body) < length
    assert carrier.texts_to(ANN) == ["hi"]


async def test_it_behaves_again_when_it_is_told_to(port: int, carrier: Carrier) -> None:
    carrier.deaf = True
    await answered(port)
    carrier.deaf = False
    assert (await answered(port)).startswith(b"HTTP/1.1 201 ")
