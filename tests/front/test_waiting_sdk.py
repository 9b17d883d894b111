"""At night a send is accepted under an id of ours, can be asked for and taken back, and leaves in the morning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

import plivo
import pytest
import requests
from telnyx import Telnyx

from gateway.words.wire import Request
from tests.front.carriers import TAKEN, Carriers
from tests.front.patience import until
from tests.front.test_plivo_sdk import client_at
from tests.front.test_telnyx_sdk import UUID, signed

ANN, BEN = "+12125550100", "+12125550101"
SHOP = "+18335550100"
NIGHT, MORNING = "2026-06-10T22:30:00-04:00", "2026-06-11T08:00:10-04:00"


@pytest.fixture(scope="module")
def started_carriers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carriers]:
    carriers = Carriers(tmp_path_factory.mktemp("carriers"), at=NIGHT, deferred="hold")
    carriers.start()
    yield carriers
    carriers.stop()


@pytest.fixture
def client(carriers: Carriers) -> Telnyx:
    carriers.house.move_clock(NIGHT)
    return Telnyx(api_key="KEY-test", base_url=f"https://{carriers.gateway}/telnyx/v2")


def left(carriers: Carriers, ending: str) -> Request:
    """The one request that has left for a path that ends so."""
    found: list[Request] = until(
        lambda: [each for each in carriers.carrier.received if each.path.decode().endswith(ending)], "it has left"
    )
    assert len(found) == 1
    return found[0]


def test_what_waits_is_told_by_its_id_taken_back_and_never_sent(client: Telnyx, carriers: Carriers) -> None:
    sent = client.messages.send(to=ANN, from_=SHOP, text="20% off today")
    assert sent.data
    id_ = sent.data.id or ""
    assert id_ not in {"", UUID}
    waiting = client.messages.retrieve(id_)
    assert waiting.data
    assert waiting.data.to  # type: ignore[union-attr]
    assert waiting.data.to[0].status == "queued"  # type: ignore[union-attr, index]
    client.messages.cancel_scheduled(id_)
    gone = client.messages.retrieve(id_)
    assert gone.data.to[0].status == "cancelled"  # type: ignore[union-attr, index]
    assert carriers.carrier.received == []


def test_in_the_morning_it_leaves_and_its_receipt_comes_under_the_id_that_its_client_knows(
    client: Telnyx, carriers: Carriers
) -> None:
    hook = f"{carriers.legacy.url}/mine"
    id_ = client.messages.send(to=BEN, from_=SHOP, text="20% off today", webhook_url=hook).data.id or ""  # type: ignore[union-attr]
    carriers.house.move_clock(MORNING)
    body = json.loads(left(carriers, "/v2/messages").body)
    assert body["text"] == "20% off today Reply STOP to opt out"
    ours = urlsplit(body["webhook_url"])
    assert ours.path.startswith("/in/telnyx/receipts/")
    event = {"data": {"event_type": "message.finalized", "payload": {"id": UUID, "to": [{"status": "delivered"}]}}}
    receipt = signed(json.dumps(event).encode(), datetime.fromisoformat(MORNING).timestamp())
    headers = {name.decode(): value.decode() for name, value in receipt.headers}
    called = requests.post(f"{carriers.house.public}{ours.path}", receipt.body, headers=headers, timeout=10)
    assert called.status_code in TAKEN
    told = until(lambda: [each for each in carriers.legacy.received if each.path == b"/mine"], "the receipt")
    assert json.loads(told[0].body)["data"]["payload"]["id"] == id_
    carriers.forget()
    client.messages.retrieve(id_)
    assert carriers.sent().target == f"/v2/messages/{UUID}".encode()


def test_of_several_each_waits_under_its_own_id(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    carriers.house.move_clock(NIGHT)
    client: plivo.RestClient = client_at(monkeypatch, f"https://{carriers.gateway}/plivo", carriers)
    sent = client.messages.create(src=SHOP, dst=f"{ANN}<{BEN}", text="20% off today")
    assert len(set(sent.message_uuid)) == 2
    told = client.messages.get(sent.message_uuid[1])
    assert (told.message_state, told.to_number) == ("queued", BEN.removeprefix("+"))
    carriers.house.move_clock(MORNING)
    until(
        lambda: len([each for each in carriers.carrier.received if each.path.endswith(b"/Message/")]) == 2, "both left"
    )


def test_a_text_that_came_with_key_and_secret_leaves_with_them(carriers: Carriers) -> None:
    carriers.house.move_clock(NIGHT)
    form = {
        "to": ANN.removeprefix("+"),
        "from": SHOP.removeprefix("+"),
        "text": "20% off",
        "api_key": "k",
        "api_secret": "s",
    }
    url = f"https://{carriers.gateway}/vonage/sms/json"
    [told] = requests.post(url, form, verify=str(carriers.certificate), timeout=10).json()["messages"]
    assert told["status"] == "0"
    assert len(told["message-id"]) == 16
    carriers.house.move_clock(MORNING)
    assert b"api_secret=s" in left(carriers, "/sms/json").body
