"""Bad input: the carrier's own 4xx with a reason that helps, no upstream call, an audit line, and life goes on."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
import requests

from tests.front.house import House
from tests.front.raw import raw_exchange
from tests.front.world import World

PATH = f"/2010-04-01/Accounts/AC{'0' * 32}/Messages.json"
GOOD = {"To": "+12125550100", "From": "+18335550100", "Body": "20% off"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SENDSMS = "/kannel/cgi-bin/sendsms?username=u&password=p&from=12025550100"


def without(name: str) -> str:
    return urlencode({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("situation", "body", "code", "says"),
    [
        ("a broken escape", "To=%2&Body=x", 400, "percent"),
        ("text that is no UTF-8", "To=%2B12125550100&From=%2B18335550100&Body=%ff", 21602, "UTF-8"),
        ("no recipient", without("To"), 21604, "To"),
        ("an impossible number", urlencode({**GOOD, "To": "+1212"}), 21211, "number"),
        ("a number of no country", urlencode({**GOOD, "To": "+9995550100"}), 21211, "number"),
        ("digits of which nobody knows the country", urlencode({**GOOD, "To": "2125550100"}), 21211, "with +"),
        ("words in place of a number", urlencode({**GOOD, "To": "the boss"}), 21211, "number"),
        ("no text", without("Body"), 21602, "Body"),
        ("an empty text", urlencode({**GOOD, "Body": "  "}), 21602, "Body"),
        ("two recipients", urlencode({**GOOD, "To": "+12125550100,+12125550101"}), 21211, "one recipient"),
        ("a field given twice", urlencode(GOOD) + "&To=%2B12125550101", 21604, "twice"),
        ("another channel", urlencode({**GOOD, "To": "whatsapp:+12125550100"}), 21211, "channel"),
    ],
)
def test_a_twilio_send_that_makes_no_sense(
    house: House, world: World, situation: str, body: str, code: int, says: str
) -> None:
    answer = requests.post(house.proxy + PATH, body, headers=FORM, timeout=10)
    told = answer.json()
    assert (answer.status_code, told["code"], told["status"]) == (400, code, 400), told
    assert says in told["message"]
    assert world.carrier.requests == []
    assert house.audited()[-1]["decision"] == "block"
    assert requests.post(house.proxy + PATH, GOOD, timeout=10).status_code == 201  # and life goes on


@pytest.mark.parametrize(
    ("situation", "query", "status", "says"),
    [
        ("no recipient", "&text=hello", 400, "Missing receiver"),
        ("an impossible number", "&to=1212&text=hello", 400, "misformed"),
        ("no text", "&to=12125550100&text=", 400, "Empty text"),
        ("an unknown charset", "&to=12125550100&text=hello&charset=klingon", 400, "charset"),
        ("text twice", "&to=12125550100&text=a&text=b", 400, "twice"),
    ],
)
def test_a_kannel_send_that_makes_no_sense(
    house: House, world: World, situation: str, query: str, status: int, says: str
) -> None:
    answer = requests.get(house.proxy + SENDSMS + query, timeout=10)
    assert answer.status_code == status
    assert says in answer.text
    assert world.carrier.requests == []


def test_a_body_of_10_megabytes_is_refused_and_no_memory_is_spent_on_it(house: House, world: World) -> None:
    body = urlencode({**GOOD, "Body": "x" * 10_000_000})
    try:
        answer = requests.post(house.proxy + PATH, body, headers=FORM, timeout=20)
    except requests.ConnectionError:
        pass  # the gateway hung up before it had everything, which is its right
    else:
        assert answer.status_code == 400
        assert "larger" in answer.json()["message"]
    assert world.carrier.requests == []
    assert requests.post(house.proxy + PATH, GOOD, timeout=10).status_code == 201


HEAD = b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n" % PATH.encode()


@pytest.mark.parametrize(
    ("situation", "rest"),
    [
        ("two lengths", b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nTo=+1"),
        ("a length and chunks", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("chunks cut short", b"Transfer-Encoding: chunked\r\n\r\n40\r\nTo=%2B1"),
    ],
)
def test_framing_that_can_be_read_in_two_ways_is_refused(
    house: House, world: World, situation: str, rest: bytes
) -> None:
    answer = raw_exchange(house.ports[0], HEAD + rest)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert world.carrier.requests == []


def test_nothing_personal_stands_in_the_audit_in_clear(house: House) -> None:
    ann = "+16175550142"
    requests.post(house.proxy + PATH, {**GOOD, "To": ann, "Body": "a secret of Ann's"}, timeout=10)
    requests.get(house.proxy + SENDSMS + "&to=1212&text=another+secret", timeout=10)
    lines = house.audited()
    shown = json.dumps(lines)
    assert len(lines) >= 2
    for personal in ("6175550142", "8335550100", "secret"):
        assert personal not in shown
    message = next(line for line in lines if line["kind"] == "message")
    assert message["findings"][0]["cites"]
    assert message["revision"]


def test_the_same_bytes_of_a_carrier_that_is_away_are_its_own_error(house: House, world: World) -> None:
    world.stop_carrier()
    answer = requests.post(house.proxy + PATH, GOOD, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (502, 20503)
    kannel = requests.get(house.proxy + SENDSMS + "&to=12125550100&text=hello", timeout=10)
    assert kannel.status_code == 502
    assert "try again" in kannel.text
