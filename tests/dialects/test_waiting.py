"""Messages that wait here for Telnyx, Plivo and Vonage: accepted under an id of ours, and known by it ever after."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from gateway.dialects.heads import with_body
from gateway.dialects.plivo.dialect import Plivo
from gateway.dialects.telnyx.dialect import Telnyx
from gateway.dialects.vonage.dialect import Vonage
from gateway.words.asked import Asked, Wish
from gateway.words.decision import Reason, State
from gateway.words.kept import Ended, Kept
from gateway.words.outcome import Fate
from gateway.words.wire import Call, Credentials, Request
from tests.captures import request, response
from tests.dialects import values
from tests.dialects.values import DECEMBER, PUT_OFF, length_of, outcomes, read, with_header

TELNYX, PLIVO, VONAGE = Telnyx(), Plivo(), Vonage()
KEY = Credentials("abcd1234", "s3cret")
RANDOM = bytes(range(16))
UUID, HEX = "00010203-0405-4607-8809-0a0b0c0d0e0f", "0001020304050607"
CARRIERS = "40385f64-5717-4562-b3fc-2c963f66afa6"
OURS = "https://gateway.example.com/in/x/receipts/token"
CLIENTS = "https://legacy.example.com/sms/status?job=77&k=a%20b"
LATER = PUT_OFF + timedelta(hours=11)

WAITING: list[tuple[Any, str]] = [
    (TELNYX, "telnyx-gsm"),
    (TELNYX, "telnyx-scheduled"),
    (PLIVO, "plivo-gsm"),
    (VONAGE, "vonage-messages-basic-auth"),
    (VONAGE, "vonage-sms-gsm"),
]
CALLED: list[tuple[Any, str]] = [
    (TELNYX, "telnyx-status-callback"),
    (PLIVO, "plivo-status-callback"),
    (VONAGE, "vonage-messages-status-callback"),
]
rows = pytest.mark.parametrize(("dialect", "name"), WAITING, ids=[name for _, name in WAITING])


def kept(dialect: Any, name: str, **changed: Any) -> Kept:
    one = values.kept(dialect, request(name))
    return replace(one, minted=dialect.holding.tracking.mint(one.send, RANDOM), **changed)


def held(dialect: Any, one: Kept) -> dict[str, Any]:
    fates = [replace(each, fate=Fate.HELD) for each in outcomes(one.send)]
    told: dict[str, Any] = json.loads(dialect.holding.held([one], fates, None).body)
    return told


def members(value: Any) -> Any:
    """The names of all members, whatever they hold."""
    if isinstance(value, dict):
        return {name: members(each) for name, each in value.items()}
    return [members(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


@rows
def test_a_send_that_is_put_off_is_answered_as_the_carrier_answers_it(dialect: Any, name: str):
    one = kept(dialect, name)
    assert dialect.holding.can_hold(one.send, None)
    answer, carriers = held(dialect, one), json.loads(response(name).body)
    if dialect is TELNYX:  # amounts and tags are Telnyx's own to tell
        answer["data"]["cost"] = carriers["data"]["cost"]
    missing = {"workflow_id"}
    assert members(answer) == {key: each for key, each in members(carriers).items() if key not in missing}
    assert one.minted in {UUID, HEX}
    assert one.minted in json.dumps(answer)


@rows
def test_what_waits_leaves_as_it_came_with_the_text_of_its_hour(dialect: Any, name: str):
    one = kept(dialect, name, text="Hello")
    leaving = dialect.holding.composed(one, None, PUT_OFF)
    assert read(dialect, leaving).drafts == (replace(one.draft, text="Hello"),)
    assert leaving.header(b"authorization") == one.send.request.header(b"authorization")
    unchanged = dialect.holding.composed(kept(dialect, name), None, PUT_OFF)
    assert unchanged.body == one.send.request.body


def test_a_schedule_that_is_over_is_taken_out():
    for name in ("telnyx-scheduled", "telnyx-schedule-endpoint"):
        leaving = TELNYX.holding.composed(kept(TELNYX, name), None, DECEMBER)
        assert leaving.path == b"/v2/messages"
        assert read(TELNYX, leaving).drafts[0].send_at is None
        assert length_of(leaving) == b"%d" % len(leaving.body)
    soon = DECEMBER - timedelta(minutes=4)
    assert TELNYX.holding.waits_for(DECEMBER, soon) == DECEMBER
    assert TELNYX.holding.waits_for(DECEMBER, soon - timedelta(minutes=2)) is None


def test_what_is_left_of_how_long_it_is_good_for_stays():
    one = kept(VONAGE, "vonage-messages-status-callback")
    assert VONAGE.holding.valid_for(one.send) == timedelta(minutes=10)
    leaving = VONAGE.holding.composed(one, KEY, PUT_OFF + timedelta(minutes=4))
    assert json.loads(leaving.body)["ttl"] == 360
    one = kept(VONAGE, "vonage-sms-status-callback")
    assert b"ttl=360000&" in VONAGE.holding.composed(one, KEY, PUT_OFF + timedelta(minutes=4)).body
    lasting = values.kept(PLIVO, _with(request("plivo-gsm"), b'"src"', b'"message_expiry": 600, "src"'))
    leaving = PLIVO.holding.composed(lasting, None, PUT_OFF + timedelta(minutes=4))
    assert json.loads(leaving.body)["message_expiry"] == 360


@pytest.mark.parametrize(
    ("name", "alone", "configured"),
    [
        ("vonage-messages-gsm", False, True),  # a token
        ("vonage-sms-signed-sha256", False, True),
        ("vonage-v3sdk-sms-gsm", True, True),
        ("vonage-messages-failover", False, False),  # several, of which the next hangs on the one before
    ],
)
def test_what_came_with_what_ends_soon_needs_credentials_of_the_sites(name: str, alone: bool, configured: bool):
    send = read(VONAGE, request(name))
    assert VONAGE.holding.can_hold(send, None) is alone
    assert VONAGE.holding.can_hold(send, KEY) is configured


def test_a_signed_text_leaves_by_key_and_secret():
    one = kept(VONAGE, "vonage-sms-signed-sha256", text="Hello")
    leaving = VONAGE.holding.composed(one, KEY, LATER)
    assert not {"sig", "timestamp", "api_key"} & dict(parse_qsl(leaving.body.decode())).keys()
    assert (leaving.header(b"authorization") or b"").startswith(b"Basic ")
    assert read(VONAGE, leaving).drafts == (replace(one.draft, text="Hello"),)


def test_a_conversation_of_several_does_not_wait():
    assert not TELNYX.holding.can_hold(read(TELNYX, request("telnyx-group-mms")), None)


def test_of_several_recipients_each_has_an_id_in_their_order():
    send, carrier = read(PLIVO, request("plivo-multi")), response("plivo-multi")
    one = kept(PLIVO, "plivo-multi", place=1)
    fates = [
        replace(each, fate=fate) for each, fate in zip(outcomes(send), (Fate.SENT, Fate.HELD, Fate.SENT), strict=True)
    ]
    theirs = json.loads(carrier.body)["message_uuid"]
    answer = PLIVO.holding.held([one], fates, carrier)
    assert json.loads(answer.body)["message_uuid"] == [theirs[0], UUID, theirs[1]]
    assert answer.header(b"content-length") == b"%d" % len(answer.body)
    denied = outcomes(send, 2)
    fates = [replace(denied[0], fate=Fate.UNSENT), replace(denied[1], fate=Fate.HELD), denied[2]]
    told = json.loads(PLIVO.holding.held([one], fates, None).body)
    assert told["message_uuid"] == [UUID]
    assert told["invalid_number"] == [send.drafts[0].to, send.drafts[2].to]


ASKED = [
    (TELNYX, "telnyx-gsm", b"GET", b"/v2/messages/" + UUID.encode(), Wish.FETCH),
    (TELNYX, "telnyx-gsm", b"DELETE", b"/v2/messages/" + UUID.encode(), Wish.CANCEL),
    (PLIVO, "plivo-gsm", b"GET", b"/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/" + UUID.encode() + b"/", Wish.FETCH),
]


@pytest.mark.parametrize(("dialect", "name", "method", "target", "wish"), ASKED)
def test_a_message_is_asked_for_by_its_id(dialect: Any, name: str, method: bytes, target: bytes, wish: Wish):
    tracking, one = dialect.holding.tracking, kept(dialect, name)
    asking = Request(method, target, one.send.request.headers)
    assert tracking.asks(asking) == Asked(wish, UUID)
    assert tracking.same_client(asking, one)
    assert not tracking.same_client(with_header(asking, b"Authorization", b"Bearer other"), one)
    assert tracking.for_carrier(asking, {UUID: CARRIERS}).target == target.replace(UUID.encode(), CARRIERS.encode())
    assert tracking.asks(replace(asking, target=b"/v2/balance")) is None


def test_the_carriers_answer_is_told_under_the_clients_id():
    tracking, answer = TELNYX.holding.tracking, response("telnyx-gsm")
    assert CARRIERS in tracking.ids_in(answer)
    told = json.loads(tracking.for_client(answer, {CARRIERS: UUID}).body)["data"]
    assert told["id"] == UUID
    assert told["messaging_profile_id"] == json.loads(answer.body)["data"]["messaging_profile_id"]


@pytest.mark.parametrize(
    ("situation", "changed", "status", "codes"),
    [
        ("waits", {}, "queued", []),
        ("is on its way", {"state": State.SENDING}, "sending", []),
        ("was taken back", {"state": State.DROPPED, "ended": Ended.CANCELED}, "cancelled", []),
        ("was opted out of", {"state": State.DROPPED, "ended": Reason.SUPPRESSED}, "sending_failed", ["40300"]),
        ("found no hour", {"state": State.DROPPED, "ended": Ended.EXPIRED}, "sending_failed", ["40008"]),
        ("was refused", {"state": State.REFUSED, "code": "40310"}, "sending_failed", ["40310"]),
    ],
)
def test_telnyx_is_told_how_a_message_stands(situation: str, changed: dict[str, Any], status: str, codes: list[str]):
    told = json.loads(
        TELNYX.holding.tracking.resource(request("telnyx-gsm"), kept(TELNYX, "telnyx-gsm", **changed)).body
    )
    assert told["data"]["to"][0]["status"] == status
    assert [each["code"] for each in told["data"]["errors"]] == codes


def test_nothing_of_a_text_is_left_where_it_is_redacted():
    for dialect, name in WAITING:
        send = read(dialect, request(name))
        [draft] = read(dialect, dialect.holding.tracking.redacted(send)).drafts
        assert draft == replace(send.drafts[0], text="-")


@pytest.mark.parametrize(("dialect", "name"), CALLED, ids=[name for _, name in CALLED])
def test_receipts_come_to_us_and_are_told_on_under_the_clients_id(dialect: Any, name: str):
    one = kept(dialect, name)
    leaving = dialect.holding.with_callback(one.send.request, OURS)
    assert OURS.encode() in leaving.body
    assert b"legacy.example.com" not in leaving.body
    assert length_of(leaving) == b"%d" % len(leaving.body)
    prefix = name.removesuffix("-status-callback")
    called = request(f"webhooks/{prefix}-status-delivered")
    theirs = next(each for each in dialect.holding.tracking.IDS.findall(called.body) if each in called.body)
    passed = dialect.holding.passed_on(one, called, {theirs.decode(): one.minted})
    assert isinstance(passed, Call)
    assert passed.url == CLIENTS
    assert one.minted.encode() in passed.request.body
    assert theirs not in passed.request.body


@pytest.mark.parametrize(("dialect", "name"), WAITING[:3], ids=[name for _, name in WAITING[:3]])
def test_who_asked_for_no_receipts_gets_none(dialect: Any, name: str):
    one = kept(dialect, name)
    assert dialect.holding.with_callback(one.send.request, OURS) is one.send.request
    assert dialect.holding.callback(one) is None


def test_what_was_dropped_is_told_as_the_carrier_tells_of_what_failed():
    dropped = {"state": State.DROPPED, "ended": Reason.SUPPRESSED}
    telnyx = _told(TELNYX, kept(TELNYX, "telnyx-status-callback", **dropped))
    event = json.loads(telnyx.request.body)
    theirs = json.loads(request("webhooks/telnyx-status-failed-optout").body)
    assert event["data"].keys() == theirs["data"].keys()
    assert event["data"]["payload"].keys() >= theirs["data"]["payload"].keys()
    assert event["data"]["payload"]["errors"][0]["code"] == theirs["data"]["payload"]["errors"][0]["code"]
    plivo = dict(parse_qsl(_told(PLIVO, kept(PLIVO, "plivo-status-callback", **dropped)).request.body.decode()))
    assert (plivo["Status"], plivo["ErrorCode"], plivo["MessageUUID"]) == ("failed", "200", UUID)
    vonage = json.loads(_told(VONAGE, kept(VONAGE, "vonage-messages-status-callback", **dropped)).request.body)
    assert vonage["status"] == "rejected"
    assert vonage["error"]["type"].endswith("#1240")
    by_get = _told(VONAGE, kept(VONAGE, "vonage-sms-status-callback", **dropped))
    assert by_get.request.method == b"GET"
    asked = dict(parse_qsl(urlsplit(by_get.url).query))
    assert (asked["job"], asked["messageId"], asked["err-code"]) == ("77", HEX, "9")


def test_plivo_is_called_as_its_client_wishes():
    body = request("plivo-status-callback").body.replace(b'"method": "POST"', b'"method": "GET"')
    by_get = values.kept(PLIVO, replace(request("plivo-status-callback"), body=body), state=State.DROPPED)
    assert _told(PLIVO, by_get).request.method == b"GET"


def _told(dialect: Any, one: Kept) -> Call:
    call = dialect.holding.callback(one)
    assert isinstance(call, Call)
    return call


def _with(sent: Request, old: bytes, new: bytes) -> Request:
    return replace(sent, body=sent.body.replace(old, new))


GROUP, GROUPS_ID = request("telnyx-group-mms"), "40385f64-5717-4562-b3fc-2c963f66afa6"


def left_out(asked: Request, place: int = 1) -> Kept:
    send = read(TELNYX, asked)
    return Kept(
        send,
        place,
        "40385f64-5717-4562-b3fc-2c963f66afa6",
        State.DROPPED,
        PUT_OFF,
        PUT_OFF,
        send.drafts[place].text,
        Reason.CAP,
    )


def test_whoever_is_left_out_of_a_group_is_told_of_each_in_a_receipt_of_its_own():
    asked = with_body(GROUP, GROUP.body.replace(b'{"from"', b'{"webhook_url": "https://crm.example/r", "from"', 1))
    calls = [TELNYX.holding.withheld(left_out(asked, place)) for place in (0, 1)]
    events = [json.loads(call.request.body)["data"] for call in calls if call]
    assert [event["payload"]["to"][0]["phone_number"] for event in events] == ["+12025550123", "+12025550124"]
    assert {event["payload"]["id"] for event in events} == {GROUPS_ID}
    assert len({event["id"] for event in events}) == 2


def test_who_asked_for_no_receipt_of_a_group_gets_none():
    assert TELNYX.holding.withheld(left_out(GROUP)) is None
