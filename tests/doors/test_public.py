from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from gateway.delivery.upstream import Upstream
from gateway.dialects import dialect_named
from gateway.doors.public import PublicDoor, Webhook
from gateway.words.errors import StoreAway
from gateway.words.message import Inbound


class Listener:
    """Hears replies. Some find the store away."""

    def __init__(self, *away: str) -> None:
        self.heard: list[str] = []
        self._away = away

    async def hear(self, inbound: Inbound, upstream: Upstream) -> bool:
        self.heard.append(inbound.recipient)
        if inbound.recipient in self._away:
            raise StoreAway("the store is away")
        return False


def door(listener: Listener) -> PublicDoor:
    """For Infobip's replies, that are told on to nobody."""
    unused: Any = None
    infobip = Upstream("infobip", dialect_named("infobip"), unused)
    webhook = Webhook(infobip, "/in", "https://gateway.example.com", None)
    conversation: Any = listener
    return PublicDoor(
        conversation, unused, unused, unused, [webhook], unused, unused, lambda: datetime(2026, 11, 24, tzinfo=UTC)
    )


ANN, BEN, CAT = "+12125550100", "+12125550101", "+12125550102"


@pytest.mark.parametrize(
    ("situation", "away", "status"), [("all is well", (), 204), ("the store is away for one", (ANN,), 503)]
)
async def test_every_reply_of_a_call_is_acted_on_whatever_becomes_of_the_others(
    situation: str, away: tuple[str, ...], status: int
):
    listener = Listener(*away)
    results = [{"messageId": sender, "from": sender, "to": "55501", "text": "Stop"} for sender in (ANN, BEN, CAT)]
    async with TestClient(TestServer(door(listener).app())) as carrier:
        answer = await carrier.post("/in", json={"results": results})
    assert answer.status == status
    assert listener.heard == [ANN, BEN, CAT]
