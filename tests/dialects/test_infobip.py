from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.infobip.dialect import Infobip
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Fate, Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, DECEMBER, HI, LONG, length_of, outcomes, read, rewritten, with_header

INFOBIP = Infobip()
ANN, LEA, ZOE = "12025550123", "447700900123", "33639980001"
ACME = Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy")
SAID = {
    "binary": [Draft(ANN, ACME)],
    "gsm": [Draft(ANN, ACME, HI)],
    "long": [Draft(LEA, ACME, LONG)],
    "multi": [Draft(ANN, ACME, HI), Draft(LEA, ACME, HI), Draft(ZOE, ACME, BONJOUR)],
    "scheduled": [Draft(ANN, ACME, HI, DECEMBER)],
    "status-callback": [Draft(ANN, ACME, HI)],
    "unicode": [Draft(ANN, ACME, BONJOUR)],
}
SENDS = {f"infobip-{version}-{name}": drafts for version in ("v2", "v3") for name, drafts in SAID.items()}
SENDS["infobip-v2-transliteration"] = [Draft(ANN, ACME, "Zoë à bientôt")]
OLDER, NEWER = request("infobip-v2-multi"), request("infobip-v3-multi")
BOTH = pytest.mark.parametrize("multi", [OLDER, NEWER], ids=["v2", "v3"])


def posted(body: object, target: bytes = b"/sms/3/messages", method: bytes = b"POST") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return replace(NEWER, target=target, body=raw, method=method)


def message(**changed: Any) -> dict[str, Any]:
    return {"sender": "Acme", "destinations": [{"to": ANN}], "content": {"text": "a"}} | changed


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("infobip-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name: str):
    assert list(read(INFOBIP, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name: str):
    send = read(INFOBIP, request(name))
    assert INFOBIP.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", [name for name in SENDS if "binary" not in name])
def test_an_appended_text_changes_the_texts_and_the_length_only(name: str):
    before = request(name)
    after, expected = rewritten(INFOBIP, before, " Txt STOP, é"), before.body.decode()
    for old in {json.dumps(draft.text)[1:-1] for draft in SENDS[name]}:
        expected = expected.replace(old, old + " Txt STOP, \\u00e9")
    assert after.body.decode() == expected
    assert length_of(after) == str(len(after.body)).encode()
    assert replace(after, headers=before.headers, body=before.body) == before


@BOTH
def test_withheld_recipients_are_taken_out_with_messages_that_nobody_gets(multi: Request):
    send = read(INFOBIP, multi)
    assert INFOBIP.write(send, {1: HI, 2: BONJOUR}).body == multi.body.replace(b'{"to": "12025550123"}, ', b"")
    assert json.loads(INFOBIP.write(send, {0: HI}).body)["messages"][0]["destinations"] == [{"to": ANN}]
    assert [draft.to for draft in read(INFOBIP, INFOBIP.write(send, {2: BONJOUR})).drafts] == [ZOE]


@BOTH
def test_recipients_of_one_message_who_get_different_texts_get_messages_of_their_own(multi: Request):
    send = read(INFOBIP, multi)
    after = INFOBIP.write(send, {0: HI + " Stop", 1: HI + " Arret", 2: BONJOUR})
    assert [(draft.to, draft.text) for draft in read(INFOBIP, after).drafts] == [
        (ANN, HI + " Stop"),
        (LEA, HI + " Arret"),
        (ZOE, BONJOUR),
    ]
    first, second, third = json.loads(after.body)["messages"]
    assert first | {"destinations": 0} == json.loads(json.dumps(second | {"destinations": 0}).replace("Arret", "Stop"))
    assert third == json.loads(multi.body)["messages"][1]


@BOTH
def test_a_withheld_message_stands_at_its_place_in_the_carriers_answer(multi: Request):
    send, version = read(INFOBIP, multi), "v2" if multi is OLDER else "v3"
    carrier = response(f"infobip-{version}-multi")
    theirs = json.loads(carrier.body)
    name = "to" if multi is OLDER else "destination"
    answer = INFOBIP.answer(send, outcomes(send, 1), replace(carrier, body=json.dumps(theirs).encode()))
    told = json.loads(answer.body)["messages"]
    assert [told[0], *told[2:]] == theirs["messages"]
    assert (told[1][name], told[1]["messageId"]) == (LEA, "")
    assert (told[1]["status"]["groupName"], told[1]["status"]["id"]) == ("REJECTED", 14)
    assert told[1]["status"]["description"] == "opted out on 2026-01-02 (gateway/suppressed)"
    assert length_of(Request(b"", b"", answer.headers)) == str(len(answer.body)).encode()
    assert INFOBIP.answer(send, outcomes(send), carrier) is carrier


def test_what_infobip_itself_has_refused_stands_in_the_answer_once():
    send, carrier = read(INFOBIP, NEWER), response("errors/infobip-v3-opted-out-per-message")
    first, *others = outcomes(send, 1, 2)
    became = [replace(first, fate=Fate.REFUSED), *others]
    told = json.loads(INFOBIP.answer(send, became, carrier).body)["messages"]
    assert [each["destination"] for each in told] == [ANN, LEA, ZOE]
    assert INFOBIP.answer(send, became[:1], carrier) is carrier


@pytest.mark.parametrize(
    "carrier", [Response(200, (), b"<html>"), Response(200, (), b'{"messages": 1}'), response("errors/infobip-v3-auth")]
)
def test_an_answer_that_can_not_be_joined_is_passed_on(carrier: Response):
    send = read(INFOBIP, NEWER)
    assert INFOBIP.answer(send, outcomes(send, 1), carrier) is carrier


def test_a_refused_request_is_answered_for_each_message_under_the_clients_own_ids():
    sent = posted({"messages": [message(destinations=[{"to": ANN, "messageId": "m-1"}, {"to": LEA}])]})
    answer = INFOBIP.refuse(sent, Reason.SUPPRESSED, "because of a rule")
    told = json.loads(answer.body)["messages"]
    assert answer.status == 200
    assert [(each["messageId"], each["destination"], each["status"]["id"]) for each in told] == [
        ("m-1", ANN, 14),
        ("", LEA, 14),
    ]


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_has_the_opted_out_code_and_all_say_why(reason: Reason):
    answer = INFOBIP.refuse(NEWER, reason, "because of a rule")
    whole = {Reason.BAD_REQUEST: 400, Reason.TRY_AGAIN: 503}
    assert (b'"id":14' in answer.body) is (reason is Reason.SUPPRESSED)
    assert answer.status == whole.get(reason, 200)
    assert b"because of a rule" in answer.body


def test_a_code_of_infobips_is_decided_without_a_text_and_left_as_it_is():
    body = {"applicationId": "a", "messageId": "m", "from": "Acme", "to": ANN}
    send = read(INFOBIP, posted(body, b"/2fa/2/pin?ncNeeded=true"))
    assert send.drafts == (Draft(ANN, sender=Sender(SenderKind.ALPHANUMERIC, "Acme")),)
    assert INFOBIP.write(send, {0: None}) is send.request
    assert INFOBIP.refuse(send.request, Reason.SUPPRESSED, "why").status == 400
    assert INFOBIP.verdict(Response(200, (), b'{"pinId": "9C8", "smsStatus": "MESSAGE_SENT"}')) is Verdict.ACCEPTED


BULK = b"/sms/1/bulks/status?bulkId=BULK-1"


@pytest.mark.parametrize("status", ["PAUSED", "CANCELED"])
def test_a_bulk_may_be_stopped(status: str):
    assert INFOBIP.read(posted({"status": status}, BULK, b"PUT")) is None


@pytest.mark.parametrize("status", ["PENDING", "PROCESSING", None])
def test_a_bulk_may_not_go_on(status: str | None):
    with pytest.raises(Unreadable, match="send it anew"):
        INFOBIP.read(posted({"status": status}, BULK, b"PUT"))


WINDOW = {"days": ["MONDAY"], "from": {"hour": 9, "minute": 0}, "to": {"hour": 18, "minute": 0}}
BAD = [
    ("no body", b"", ""),
    ("no messages", {"messages": []}, "messages"),
    ("a message that is none", {"messages": ["a"]}, "messages"),
    ("no destinations", {"messages": [message(destinations=[])]}, "destinations"),
    ("an empty recipient", {"messages": [message(destinations=[{"to": " "}])]}, "to"),
    ("a placeholder", {"messages": [message(destinations=[{"to": ANN, "placeholders": {"a": "b"}}])]}, "destinations"),
    ("no content", {"messages": [{"sender": "a", "destinations": [{"to": ANN}]}]}, "text"),
    ("text and binary", {"messages": [message(content={"text": "a", "hex": "48"})]}, "text"),
    ("a blank text", {"messages": [message(content={"text": " "})]}, "text"),
    ("text in capitals too", {"messages": [message(content={"text": "a", "Text": "b"})]}, "text"),
    ("messages twice", b'{"messages": [], "messages": []}', "messages"),
    ("too many", {"messages": [message(destinations=[{"to": "1"}] * 10_001)]}, "messages"),
    ("no instant", {"messages": [message()], "options": {"schedule": {"sendAt": "soon"}}}, "sendAt"),
    ("slowly", {"messages": [message()], "options": {"schedule": {"sendingSpeedLimit": {}}}}, "sendingSpeedLimit"),
    ("some day", {"messages": [message(options={"deliveryTimeWindow": WINDOW})]}, "deliveryTimeWindow"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation: str, body: object, field: str):
    with pytest.raises(Unreadable) as refused:
        INFOBIP.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)
    assert INFOBIP.refuse(posted(body), Reason.BAD_REQUEST, "why").status == 400


@pytest.mark.parametrize("name", ["sendingSpeedLimit", "deliveryTimeWindow"])
def test_version_two_may_not_choose_the_hour_either(name: str):
    body = json.loads(OLDER.body)
    place = body if name == "sendingSpeedLimit" else body["messages"][1]
    place[name] = {"amount": 1}
    with pytest.raises(Unreadable, match="choose the hour"):
        INFOBIP.read(replace(OLDER, body=json.dumps(body).encode()))


DISGUISES = [
    *[
        (path, replace(NEWER, target=path.encode()))
        for path in (
            "/SMS/3/messages",
            "/sms/3/messages/",
            "/sms//3/messages",
            "/sms/3/%6Dessages",
            "/sms/3/./messages",
            "/sms/2/text/advanced/x/..",
            "/sms/3/messages;a=b",
            "/sms%2F3%2Fmessages",
            "/sms\\3\\messages",
            "/sms/1/text/single",
            "/sms/1/text/multi",
            "/sms/1/text/query?to=1&text=a",
            "/sms/2/text/single",
            "/sms/4/messages",
            "/sms/1/PREVIEW/",
            "/2fa/2/PIN",
            "/2fa/2/pin/9C817C6F8AF3D48F9FE553282AFA2B67/resend",
            "/whatsapp/1/message/text",
            "/viber/2/messages",
            "/rcs/1/message/text",
            "/mms/1/single",
            "/omni/1/advanced",
            "/messages-api/1/messages",
            "/moments/1/flows/2000/participants",
            "/communication/1/flows/2000/participants",
        )
    ],
    ("PUT", replace(NEWER, method=b"PUT")),
    ("a method in lower case", replace(NEWER, method=b"post")),
    ("a bulk at another hour", posted({"sendAt": "2026-12-01T03:00:00Z"}, b"/sms/1/bulks?bulkId=BULK-1", b"PUT")),
    ("a bulk by POST", posted({"status": "CANCELED"}, BULK)),
    ("GET with a text in the query", replace(NEWER, method=b"GET", target=b"/sms/1/text/query?to=1&text=a", body=b"")),
    ("GET with a POST in a header", replace(NEWER, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("another recipient in the query", replace(NEWER, target=NEWER.target + b"?to=12025550199")),
    ("compressed", with_header(NEWER, b"Content-Encoding", b"gzip")),
    ("XML", with_header(NEWER, b"Content-Type", b"application/xml")),
    ("two types", replace(NEWER, headers=(*NEWER.headers, (b"content-type", b"text/plain")))),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise: str, sent: Request):
    assert INFOBIP.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        INFOBIP.read(sent)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", b"/sms/3/reports?limit=2"),
        ("GET", b"/sms/3/logs?to=12025550123"),
        ("GET", b"/sms/1/bulks?bulkId=BULK-1"),
        ("POST", b"/sms/1/preview"),
        ("POST", b"/2fa/2/pin/9C817C6F8AF3D48F9FE553282AFA2B67/verify"),
        ("POST", b"/2fa/2/pin/voice"),
        ("POST", b"/email/4/messages"),
        ("POST", b"/whatsapp/2/senders/1/templates"),
    ],
)
def test_what_is_no_send_is_not_claimed(method: str, path: bytes):
    assert not INFOBIP.claims(Request(method.encode(), path, NEWER.headers))


def errors(*wanted: str) -> list[tuple[str, Response]]:
    return [(name, response(f"errors/infobip-{name}")) for name in wanted]


MIXED = replace(
    response("infobip-v3-multi"), body=response("infobip-v3-multi").body.replace(b'"groupId": 1', b'"groupId": 5', 2)
)


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        ("one of three was taken", MIXED, Verdict.ACCEPTED),
        *[(*row, Verdict.REFUSED) for row in errors("v2-auth", "v2-invalid", "v3-invalid-v3", "v3-rate-limit")],
        *[(*row, Verdict.REFUSED) for row in errors("v2-opted-out-per-message", "v3-opted-out-per-message")],
        *[(*row, Verdict.ACCEPTED) for row in errors("v3-unknown-groupname")],
        *[(*row, Verdict.UNKNOWN) for row in errors("v3-server-error")],
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
        ("compressed", Response(200, ((b"Content-Encoding", b"gzip"),), b"\x1f\x8b"), Verdict.ACCEPTED),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_messages(situation: str, carrier: Response, verdict: Verdict):
    assert INFOBIP.verdict(carrier) is verdict


@pytest.mark.parametrize(("version", "told"), [("v2-opted-out-per-message", True), ("v3-opted-out", False)])
def test_infobips_own_opted_out_is_known_by_its_code(version: str, told: bool):
    assert INFOBIP.opted_out(response(f"errors/infobip-{version}")) is told
    assert not INFOBIP.opted_out(response("infobip-v3-gsm"))


STOP = request("webhooks/infobip-inbound-stop")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
HEARD = {
    "webhooks/infobip-inbound-stop": (Inbound("817790313235066447", f"+{ANN}", "+12025550100", "STOP"),),
    "webhooks/infobip-inbound-stop-keyword": (Inbound("817790313235066448", f"+{ANN}", "55501", "STOP"),),
    "webhooks/infobip-status-delivered": (),
    "webhooks/infobip-status-rejected-blocklisted": (),
}


def called(*results: dict[str, str]) -> Request:
    return replace(STOP, body=json.dumps({"results": results}).encode())


def result(**changed: str) -> dict[str, str]:
    return {"messageId": "1", "from": ANN, "to": "55501", "text": "Stop", "cleanText": "Stop", "keyword": ""} | changed


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == names("webhooks/infobip-*")


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_webhook_says_what_the_recipient_said(name: str):
    assert INFOBIP.hear_all(request(name)) == HEARD[name]
    assert INFOBIP.hear(request(name)) == next(iter(HEARD[name]), None)


def test_every_reply_of_a_call_is_heard_also_beside_one_that_makes_no_sense():
    webhook = called(result(text="Hello"), result(messageId=""), result(messageId="3", **{"from": LEA}))
    assert [(each.recipient, each.id) for each in INFOBIP.hear_all(webhook)] == [(f"+{ANN}", "1"), (f"+{LEA}", "3")]
    with pytest.raises(Unreadable, match="messageId"):
        INFOBIP.hear_all(called(result(messageId="")))


@pytest.mark.parametrize(
    ("situation", "given", "said"),
    [
        ("a keyword that only says whose number it is", result(text="ACME START", cleanText="START"), "START"),
        ("one that is the whole text", result(text="ACME", cleanText="", keyword="ACME"), "ACME"),
        ("one that says something itself", result(text="STOP now", cleanText="now", keyword="STOP"), "STOP now"),
        ("no text but that", result(text="", cleanText="Stop"), "Stop"),
    ],
)
def test_the_keyword_of_a_shared_number_is_cut_off_unless_it_means_something(situation: str, given: Any, said: str):
    assert [each.text for each in INFOBIP.hear_all(called(given))] == [said]


def test_a_reply_of_a_drill_is_heard_as_a_recipients_own():
    said = Inbound("id-1", f"+{ANN}", "+12025550100", "Stop")
    assert INFOBIP.hear_all(INFOBIP.sign(INFOBIP.reply(said), "https://a", "user:secret", NOW)) == (said,)


def test_a_call_is_believed_with_its_user_and_password_only_and_told_on_with_the_legacy_systems():
    webhook = INFOBIP.sign(STOP, "https://a", "user:secret", NOW)
    assert INFOBIP.signed(webhook, "https://a", "user:secret", NOW)
    assert not INFOBIP.signed(webhook, "https://a", "user:other", NOW)
    assert not INFOBIP.signed(STOP, "https://a", "user:secret", NOW)
    assert INFOBIP.wrong_secret("secret", None)[0] == "auth_token"
    assert INFOBIP.wrong_secret(None, None) == ("", "")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@BOTH
@given(old=texts, new=st.dictionaries(st.sampled_from([0, 1, 2]), texts, min_size=1))
@settings(max_examples=60)
def test_new_texts_and_fewer_recipients_read_back(multi: Request, old: str, new: dict[int, str]):
    body = json.loads(multi.body)
    for each in body["messages"]:
        each.get("content", each)["text"] = old
    after = INFOBIP.write(read(INFOBIP, replace(multi, body=json.dumps(body).encode())), new)
    everybody = [ANN, LEA, ZOE]
    assert [(draft.to, draft.text) for draft in read(INFOBIP, after).drafts] == [
        (everybody[place], new[place]) for place in sorted(new)
    ]


names_of = st.sampled_from(["messages", "destinations", "to", "content", "text", "sender", "options", "hex", "TO"])
values = st.recursive(
    st.none() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names_of, inner, max_size=3),
    max_leaves=8,
)


@given(body=st.binary() | st.dictionaries(names_of, values).map(lambda value: json.dumps(value).encode()))
@settings(max_examples=60)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body: bytes):
    try:
        answered = INFOBIP.read(posted(body))
    except Unreadable as error:
        answered = INFOBIP.refuse(posted(body), error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


def test_the_account_is_that_of_basic_credentials():
    assert read(INFOBIP, with_header(NEWER, b"Authorization", b"Basic dXNlcjpwYXNz")).account == "user"
    assert read(INFOBIP, NEWER).account == ""


def test_a_sender_is_not_needed():
    assert read(INFOBIP, posted({"messages": [message(sender=None)]})).drafts[0].sender == NO_SENDER
